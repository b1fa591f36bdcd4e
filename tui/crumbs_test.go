package tui

import (
	"strings"
	"testing"

	"dev.keyward/keyward/model"
)

// The header keeps the last part of the breadcrumb, whatever stands at its right;
// a click on a part that is left goes there.
func TestHeaderKeepsTheLastPart(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.rt.ReadOnly = true
	w.app.shared.known = true
	w.app.shared.standing = model.Standing{Owner: model.Peer{Rank: model.RankServe, PID: 21070}}
	w.resize(60, 16)
	w.start()
	head := func() string { return strings.Split(w.screen(), "\n")[0] }
	for _, tt := range []struct{ key, want string }{
		{"A", "Keys › Audit"}, {"enter", "… › Entry"}, {"B", "› Bin"}, {"E", "› Environments"}, {"C", "› Certificates"}, {"L", "› Activity"},
	} {
		w.press(tt.key)
		if got := head(); !strings.Contains(got, tt.want) || !strings.Contains(got, "read-only") || strings.Contains(got, "~") {
			t.Errorf("after %s the header is %q", tt.key, got)
		}
	}
	w.press("K")
	w.rotates("billing-nightly")
	if got := head(); !strings.Contains(got, "› Rotation of billing") || !strings.Contains(got, "read-only") {
		t.Errorf("the header is %q", got)
	}
	w.sees("  billing-nightly")

	w.press("K", "A", "enter")
	if x := strings.Index(head(), "Keys"); x >= 0 {
		t.Fatalf("there is room in %q", head())
	}
	c := w.app.crumbs()
	if got := c.at(cells(head()[:strings.Index(head(), "Entry")])); got != len(w.app.stack)-1 {
		t.Errorf("the last part is of screen %d", got)
	}
	if got := c.at(cells(head()) - 1); got != -1 {
		t.Errorf("the right of the header is of screen %d", got)
	}
}
