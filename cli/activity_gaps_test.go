package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// followed answers --follow with pages, and returns what it printed.
func followed(t *testing.T, asJSON bool, pages ...model.ActivityPage) (out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	a := newApp(Env{Stdout: &stdout, Stderr: &stderr})
	a.json = asJSON
	table, gaps := a.activityTable(), activityGaps{}
	for _, p := range pages {
		if err := a.printActivity(table, &gaps, p); err != nil {
			t.Fatal(err)
		}
	}
	return stdout.String(), stderr.String()
}

// TestGapsOfActivity: when nobody watched is said once, where the calls would
// stand, and with all of them.
func TestGapsOfActivity(t *testing.T) {
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	call := func(number uint64) model.Activity {
		return model.Activity{Number: number, At: at, Method: "GET", Path: "/call", Reason: model.RouteUnknown}
	}
	gap := func(number, calls uint64) model.ActivityGap {
		return model.ActivityGap{Number: number, From: at, To: at.Add(time.Minute), Calls: calls}
	}
	page := func(gaps []model.ActivityGap, calls ...uint64) (p model.ActivityPage) {
		p.Gaps = gaps
		for _, n := range calls {
			p.Records = append(p.Records, call(n))
		}
		return p
	}
	type gaps = []model.ActivityGap
	rest := make([]model.ActivityPage, gapRests+2)
	for i := range rest {
		rest[i] = page(gaps{gap(7, 5)})
	}
	const lost = "nobody watched from 2026-11-21 12:00:00 to 2026-11-21 12:01:00: %d allowed calls not kept"
	said := func(n string) string { return "! " + strings.Replace(lost, "%d", n, 1) }
	for _, tt := range []struct {
		name  string
		pages []model.ActivityPage
		want  []string // the lines' beginnings, the header first
	}{
		{"between", []model.ActivityPage{page(gaps{gap(5, 3)}, 2, 5, 6)}, []string{"TIME", "2026", said("3"), "2026", "2026"}},
		{"before all", []model.ActivityPage{page(gaps{gap(1, 9), gap(5, 3)}, 5)}, []string{"TIME", said("3"), "2026"}},
		{"grown", []model.ActivityPage{page(gaps{gap(5, 3)}, 2), page(gaps{gap(5, 4)}), page(gaps{gap(5, 4)}, 5), page(nil, 6)}, []string{"TIME", "2026", said("4"), "2026", "2026"}},
		{"not yet", []model.ActivityPage{page(gaps{gap(5, 3)}, 2), page(gaps{gap(5, 3)})}, []string{"TIME", "2026"}},
		{"no call follows", rest, []string{"TIME", said("5")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, errs := followed(t, false, tt.pages...)
			lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
			ok := len(lines) == len(tt.want) && errs == ""
			for i := 0; ok && i < len(lines); i++ {
				ok = strings.HasPrefix(lines[i], tt.want[i])
			}
			if !ok {
				t.Errorf("printed was\n%s%s\nwant %q", out, errs, tt.want)
			}
			out, errs = followed(t, true, tt.pages...)
			if n, all := strings.Count(errs, "keyward: nobody watched from "), strings.Count(strings.Join(tt.want, ""), "nobody"); n != all || strings.Contains(out, "nobody") {
				t.Errorf("with --json, %d of %d are said:\n%s%s", n, all, out, errs)
			}
		})
	}
	if got, want := gapText(gap(1, 1), false), "nobody watched from 12:00:00 to 12:01:00: 1 allowed call not kept"; got != want {
		t.Errorf("%q, not %q", got, want)
	}
	long := gap(1, 2)
	long.To = at.Add(30 * time.Hour)
	if got, want := gapText(long, false), "nobody watched from 21 Nov 12:00 to 22 Nov 18:00: 2 allowed calls not kept"; got != want {
		t.Errorf("%q, not %q", got, want)
	}
}
