package tui

import (
	"fmt"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// activityModes opens the Activity screen and what it leads to in each mode.
func activityModes(mode func(name string, fn func(w *world))) {
	mode("activity, empty", func(w *world) { w.serves(); w.watches() })
	mode("activity", func(w *world) { traffic(w); w.watches() })
	mode("activity, paused", func(w *world) { traffic(w); w.watches(); w.press("up", "z") })
	mode("activity, filter", func(w *world) { traffic(w); w.watches(); w.press("/", "d") })
	mode("activity, filtered", func(w *world) { traffic(w); w.watches(); w.press("/", "d", "enter") })
	for _, name := range []string{"permission", "disabled", "expired", "environment", "route", "stranger", "allowed"} {
		mode("why, "+name, func(w *world) { traffic(w); w.explains(name) })
	}
}

// refusals are what finds a call of each sort on the Activity screen.
var refusals = map[string]string{
	"permission": "workflow-not", "disabled": "key-disabled", "expired": "key-expired", "environment": "environment-not",
	"route": "route-unknown", "stranger": "credential-missing", "allowed": "allowed crm",
}

// explains opens the explanation of a call of that sort.
func (w *world) explains(sort string) *why {
	w.t.Helper()
	w.watches()
	w.press("/")
	w.write(refusals[sort])
	w.press("enter", "enter")
	y, ok := w.app.top().(*why)
	if !ok {
		w.t.Fatalf("no call is %s:\n%s", sort, w.screen())
	}
	return y
}

// threeSizes runs a test at each size, the smallest too.
func threeSizes(t *testing.T, name string, fn func(w *world)) {
	t.Helper()
	eachSize(t, name, fn)
	t.Run(name+" 60x16", func(t *testing.T) {
		w := newWorld(t)
		w.resize(minWidth, minHeight)
		fn(w)
		w.golden()
	})
}

func TestActivityViews(t *testing.T) {
	threeSizes(t, "loading", func(w *world) { w.start(); w.hold = true; w.app.Update(pushMsg{newActivity(w.rt)}) })
	threeSizes(t, "nothing runs", func(w *world) { w.watches() })
	threeSizes(t, "no call", func(w *world) { w.serves(); w.watches() })
	threeSizes(t, "error", func(w *world) { w.start(); w.backend.err = errTest; w.press("L") })
	threeSizes(t, "stale", func(w *world) { traffic(w); w.watches(); w.backend.err = errTest; w.ticks() })
	threeSizes(t, "live", func(w *world) { traffic(w); w.watches() })
	threeSizes(t, "not following", func(w *world) { traffic(w); w.watches(); w.press("up", "up", "up") })
	threeSizes(t, "paused", func(w *world) { traffic(w); w.watches(); w.press("z"); w.brought(flood(3)...); w.ticks() })
	threeSizes(t, "filter typed", func(w *world) { traffic(w); w.watches(); w.press("/"); w.write("refused bill") })
	threeSizes(t, "filtered", func(w *world) { traffic(w); w.watches(); w.press("/"); w.write("refused"); w.press("enter") })
	threeSizes(t, "no match", func(w *world) { traffic(w); w.watches(); w.press("/"); w.write("zzz"); w.press("enter") })
	threeSizes(t, "missed", func(w *world) { traffic(w); w.watches(); w.brought(flood(1900)...); w.ticks() })
	threeSizes(t, "help", func(w *world) { traffic(w); w.watches(); w.press("?") })
}

func TestWhyViews(t *testing.T) {
	for sort := range refusals {
		threeSizes(t, sort, func(w *world) { traffic(w); w.explains(sort) })
	}
	threeSizes(t, "loading", func(w *world) {
		traffic(w)
		w.start()
		w.hold = true
		w.app.Update(pushMsg{newWhy(w.rt, w.call("POST", "/orders", "old"))})
	})
	threeSizes(t, "error", func(w *world) { traffic(w); w.watches(); w.backend.err = errTest; w.press("enter") })
	threeSizes(t, "permit asked", func(w *world) { traffic(w); w.explains("permission"); w.press("p") })
	threeSizes(t, "mended", func(w *world) { traffic(w); w.explains("permission"); w.press("p", "yes") })
	threeSizes(t, "read-only", func(w *world) { traffic(w); w.rt.ReadOnly = true; w.explains("permission") })
}

// A refused call is mended where it is explained.
func TestPermitFromWhy(t *testing.T) {
	w := newWorld(t)
	traffic(w)
	w.explains("permission")
	w.sees("workflow-not-permitted", `Permit the workflow "cancel-order"`)
	w.press("p")
	w.sees(`Permit the workflow "cancel-order" to the key`, `"billing-nightly"?`, "Production")
	w.press("n")
	if v := w.call("DELETE", "/orders/3", "billing-nightly"); v.Reason != model.WorkflowNotPermitted {
		t.Fatalf("unasked it is %s", v.Reason)
	}
	w.press("p", "yes")
	w.sees("Mended: the same call would be allowed now", `"billing-nightly" may call "cancel-order" now`)
	if v := w.call("DELETE", "/orders/3", "billing-nightly"); v.Reason != model.Allowed {
		t.Errorf("it is %s", v.Reason)
	}
}

// The key of a refused call is enabled where that is explained.
func TestEnableFromWhy(t *testing.T) {
	w := newWorld(t)
	traffic(w)
	w.explains("disabled")
	w.press("e")
	w.sees(`Enable the key "legacy.import"?`)
	w.press("y")
	if !w.key("legacy.import").Enabled {
		t.Error("it is disabled")
	}
	w.seesNot("Mended")
	w.sees("would be refused now")
}

// What needs a thought opens the screen for it, and what may not be changed
// opens nothing.
func TestRemediesOpenScreens(t *testing.T) {
	for sort, want := range map[string]string{"environment": "*tui.edit", "expired": "*tui.edit", "route": "*tui.workflowForm"} {
		w := newWorld(t)
		traffic(w)
		w.explains(sort)
		if sort == "environment" { // to let a key into production is chosen, never offered first
			w.press("enter")
			if _, ok := w.app.top().(*detail); !ok {
				t.Errorf("%s: enter opens %T", sort, w.app.top())
			}
			w.press("esc", "down")
		}
		w.press("enter")
		if got := fmt.Sprintf("%T", w.app.top()); got != want {
			t.Errorf("%s: %s", sort, got)
		}
		w = newWorld(t)
		w.rt.ReadOnly = true
		traffic(w)
		w.explains(sort)
		for _, key := range []string{"e", "p", "r", "n"} {
			w.press(key)
			if _, ok := w.app.top().(*why); !ok || w.app.prompt != nil {
				t.Errorf("%s, read-only: %q does something", sort, key)
			}
		}
	}
	w := newWorld(t)
	traffic(w)
	w.explains("route")
	w.press("n")
	w.sees("/nothing/here", "GET")
}

// While another screen that was opened from it is seen, the list goes on asking,
// less often, so that allowed calls are kept; and no more once it is left.
func TestActivityAsksWhileCovered(t *testing.T) {
	w := newWorld(t)
	traffic(w)
	l := w.watches()
	asked := len(w.backend.asked)
	w.press("enter")
	w.brought(flood(2)...)
	w.send(activityTickMsg{l.newest})
	if n := len(w.backend.asked) - asked; n != 1 {
		t.Fatalf("%d questions while covered", n)
	}
	if covered := activityPause(0, false); covered <= activityFlood || covered > 2*time.Second {
		t.Errorf("it asks each %v", covered)
	}
	w.brought(flood(3)...)
	w.press("esc")
	w.sees("9 of 14")
	w.press("G")
	w.sees("14 of 14")
	w.press("K")
	asked = len(w.backend.asked)
	w.app.Update(activityTickMsg{l.newest})
	if n := len(w.backend.asked) - asked; n != 0 {
		t.Errorf("%d questions once it is left", n)
	}
}

// The rows are bounded, the newest are followed, and what is not shown is told.
func TestActivityIsBounded(t *testing.T) {
	w := newWorld(t)
	w.resize(120, 40)
	variety(w)
	w.serves()
	l := w.watches()
	for range 15 {
		w.brought(flood(1000)...)
		w.ticks()
		if len(l.table.rows) > activityKept || l.table.cursor != len(l.table.rows)-1 {
			t.Fatalf("%d rows, cursor on %d", len(l.table.rows), l.table.cursor)
		}
	}
	if len(l.table.rows) != activityKept || l.missed != 15*800 {
		t.Errorf("%d rows, %d missed", len(l.table.rows), l.missed)
	}
	w.sees("2,000 of 2,000, 12,000 more calls not shown")
	w.press("up", "up")
	at, _ := l.table.current()
	line := l.table.cursor - l.table.top
	w.brought(flood(300)...)
	w.ticks()
	if now, _ := l.table.current(); now.Number != at.Number || l.table.cursor-l.table.top != line {
		t.Errorf("the cursor went from %d to %d", at.Number, now.Number)
	}
	w.press("z")
	w.brought(flood(500)...)
	w.ticks()
	w.sees("500 new", "paused")
	if now, _ := l.table.current(); now.Number != at.Number {
		t.Error("the cursor went while it was paused")
	}
	w.press("z")
	w.seesNot(" new ", "paused")
}

// TestActivityGapWhilePaused: a time in which nobody watched is no call that was
// left out, nor takes one from their number.
func TestActivityGapWhilePaused(t *testing.T) {
	for _, records := range []int{0, 3} {
		w := newWorld(t)
		traffic(w)
		l := w.watches()
		w.press("z")
		page := model.ActivityPage{Next: l.next + uint64(records), Gaps: []model.ActivityGap{{Number: l.next + 1, From: testNow, To: testNow, Calls: 7}}, Missed: 2}
		page.Records = flood(records)
		for i := range page.Records {
			page.Records[i].Number = l.next + uint64(i) + 1
		}
		l.take(activityMsg{page: page, at: testNow}, false)
		w.press("z")
		if l.missed != 2 || len(l.held) != 0 {
			t.Errorf("%d records: %d calls are missed", records, l.missed)
		}
		w.sees("2 more calls not shown")
	}
}

// TestActivityAsksLessOftenInAFlood: what nobody can read is not brought as often.
func TestActivityAsksLessOftenInAFlood(t *testing.T) {
	if quiet, flood := activityPause(0, true), activityPause(1, true); quiet != activityEvery || flood <= quiet {
		t.Errorf("it asks after %v, and after %v where calls were left out", quiet, flood)
	}
}

// The filter is the backend's to apply, and only its newest answer is shown.
func TestActivityFilterIsAsked(t *testing.T) {
	w := newWorld(t)
	traffic(w)
	w.watches()
	w.press("/")
	w.write("Refused bill")
	last := w.backend.asked[len(w.backend.asked)-1]
	if !last.Refused || last.Words != "bill" || last.After != 0 {
		t.Errorf("asked %+v", last)
	}
	w.sees("2 of 2")
	w.press("enter")
	w.ticks()
	if last = w.backend.asked[len(w.backend.asked)-1]; last.After == 0 || !last.Refused || last.Words != "bill" {
		t.Errorf("asked %+v", last)
	}
	w.press("esc")
	w.sees("9 of 9")
}

// A click goes to a row, which stays under the cursor.
func TestActivityClick(t *testing.T) {
	w := newWorld(t)
	traffic(w)
	l := w.watches()
	if here, ok := l.click(3); here || !ok || l.table.cursor != 1 || l.following {
		t.Errorf("here %v, ok %v, cursor %d, following %v", here, ok, l.table.cursor, l.following)
	}
	w.brought(flood(1)...)
	w.ticks()
	if l.table.cursor != 1 {
		t.Errorf("the cursor is on %d", l.table.cursor)
	}
}

// Calls that were missed count once, also where two owners tell of the same time.
func TestActivityMissedCountsOnce(t *testing.T) {
	w := newWorld(t)
	traffic(w)
	w.start()
	w.press("L")
	l := w.app.top().(*activityList)
	q := l.query()
	q.After, q.Limit = l.next, activityPage
	w.hold = true
	w.send(activityTickMsg{l.newest})
	late := l.newest
	w.send(changedMsg{anew: true})
	newest := l.newest
	page := model.ActivityPage{Next: q.After + 1000, Missed: 1000}
	w.send(activityMsg{number: late, asked: q, page: page, at: w.now})
	w.send(activityMsg{number: newest, asked: q, page: page, at: w.now})
	if l.missed != 1000 {
		t.Errorf("1000 calls were missed, and %d are counted", l.missed)
	}
	if !l.waiting || l.next != page.Next {
		t.Errorf("it goes on after %d, and waits: %v", l.next, l.waiting)
	}
}
