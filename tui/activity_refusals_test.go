package tui

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dev.keyward/keyward/model"
)

// refusedCalls are n calls refused for a reason, at a time.
func refusedCalls(n int, reason model.Reason, at time.Time) []model.Activity {
	return slices.Repeat([]model.Activity{{At: at, Reason: reason}}, n)
}

func asRows(calls []model.Activity) []activityRow {
	rows := make([]activityRow, len(calls))
	for i, a := range calls {
		rows[i].Activity = a
	}
	return rows
}

func TestRefusalsLately(t *testing.T) {
	calls := slices.Concat(
		refusedCalls(9, model.KeyExpired, testNow.Add(-61*time.Second)), refusedCalls(4, model.KeyExpired, testNow.Add(-60*time.Second)),
		refusedCalls(8, model.WorkflowNotPermitted, testNow), refusedCalls(90, model.Allowed, testNow),
	)
	want := []string{
		"12 refused in the last minute: 8 workflow-not-permitted, 4 key-expired", "12 refused in 1 min: 8 workflow-not-permitted, 4 key-expired",
		"12 refused in the last minute: 8 workflow-not-permitted, 4 for other reasons", "12 refused in 1 min: 8 workflow-not-permitted, 4 for other reasons",
		"12 refused in the last minute", "12 refused",
	}
	if diff := cmp.Diff(want, refusalsOf(asRows(calls), testNow, false).texts()); diff != "" {
		t.Error(diff)
	}
	all := slices.Concat(calls, refusedCalls(1, model.KeyDisabled, testNow), refusedCalls(2, model.RouteUnknown, testNow))
	if got, want := refusalsOf(asRows(all), testNow, true).texts()[0], "at least 15 refused in the last minute: 8 workflow-not-permitted, 4 key-expired, 2 route-unknown, 1 for other reasons"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	failed := asRows(slices.Concat(calls, refusedCalls(2, model.Allowed, testNow)))
	for i := range failed[len(failed)-2:] {
		failed[len(failed)-2+i].UpstreamFailure = model.UpstreamUnreachable
	}
	want = []string{
		"12 refused in the last minute: 8 workflow-not-permitted, 4 key-expired; 2 failed upstream",
		"12 refused in 1 min: 8 workflow-not-permitted, 4 key-expired; 2 failed upstream",
		"12 refused in the last minute: 8 workflow-not-permitted, 4 for other reasons; 2 failed upstream",
		"12 refused in 1 min: 8 workflow-not-permitted, 4 for other reasons; 2 failed upstream",
		"12 refused, 2 failed upstream in the last minute", "12 refused, 2 failed upstream", "12 refused, 2 failed",
	}
	if diff := cmp.Diff(want, refusalsOf(failed, testNow, false).texts()); diff != "" {
		t.Error(diff)
	}
	want = []string{"2 failed upstream in the last minute", "2 failed upstream in 1 min", "2 failed upstream"}
	if diff := cmp.Diff(want, refusalsOf(failed[len(failed)-2:], testNow, false).texts()); diff != "" {
		t.Error(diff)
	}
	if got, want := refusalsOf(failed[len(failed)-2:], testNow, true).texts()[2], "at least 2 failed upstream"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := refusalsOf(asRows(refusedCalls(9, model.Allowed, testNow)), testNow, false).texts(); got != nil {
		t.Errorf("nothing was refused, and %q is said", got)
	}
}

// What was refused is counted as it comes, and forgotten after a minute without
// any news.
func TestActivityCountsRefusals(t *testing.T) {
	w := newWorld(t)
	w.resize(160, 40)
	traffic(w)
	w.watches()
	w.sees("live; 6 refused in the last minute: 1 ")
	w.brought(refusedCalls(3, model.KeyExpired, w.now)...)
	w.ticks()
	w.sees("live; 9 refused in the last minute: 4 key-expired, 1 ")
	w.press("up")
	w.sees("live, not following: f follows; 9 refused in the last minute: 4 key-expired, 1 ")
	w.press("f")
	w.now = w.now.Add(2 * time.Minute)
	w.ticks()
	w.sees("live, newest at the bottom")
	w.seesNot("in the last minute")
}

// How the list moves, and how that is changed, is told at every width.
func TestRefusalsHideNoState(t *testing.T) {
	for _, width := range []int{minWidth, 70, 80, 100, 120, 160} {
		w := newWorld(t)
		w.resize(width, 24)
		traffic(w)
		w.watches()
		w.sees("live; 6 refused")
		w.press("up")
		w.sees("not following")
		if width >= 80 {
			w.sees("f follows")
		}
		w.press("z")
		w.sees("paused")
	}
}
