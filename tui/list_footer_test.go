package tui

import (
	"strings"
	"testing"
)

// The help line says the same while the cursor moves, but for whether the key can
// be enabled or disabled, and has what is done most.
func TestListFooterIsSteady(t *testing.T) {
	for _, width := range []int{minWidth, 80, 100, 120, 160} {
		w := newWorld(t)
		w.resize(width, 24)
		variety(w)
		w.start()
		footer := func() string {
			lines := strings.Split(w.screen(), "\n")
			return strings.Replace(lines[len(lines)-1], "e disable", "e enable", 1)
		}
		first := footer()
		for _, want := range []string{"d delete", "space mark"} {
			if width >= 80 && !strings.Contains(first, want) {
				t.Errorf("at %d columns %q is not offered: %q", width, want, first)
			}
		}
		for range 8 {
			w.press("down")
			if got := footer(); got != first {
				t.Errorf("at %d columns the help line went from %q to %q", width, first, got)
			}
		}
	}
}
