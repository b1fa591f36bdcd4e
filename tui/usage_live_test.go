package tui

import (
	"context"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// isUsed has a key used a moment ago, of which the console hears nothing.
func (w *world) isUsed(name, remote string) {
	w.t.Helper()
	w.service.AddUsage([]model.Usage{{Key: w.key(name).ID, Slot: model.Primary, Last: model.At(w.now.Truncate(time.Minute)), Remote: remote, Allowed: 1}})
}

// Usage raises no sequence: the list and the detail load it by the clock, below
// other screens as well.
func TestUsageIsLive(t *testing.T) {
	w := newWorld(t)
	w.resize(120, 40)
	variety(w)
	w.start()
	w.stands(serveOwns)
	w.isUsed("crm sync", "10.0.0.7")
	w.seesNot("just now")
	w.send(usageTickMsg{})
	w.sees("just now")
	w.press("down", "down", "enter")
	w.isUsed("crm sync", "10.0.0.8")
	w.seesNot("10.0.0.8")
	w.send(usageTickMsg{})
	w.sees("last used just now from 10.0.0.8")
	w.now = w.now.Add(4 * time.Minute)
	w.send(usageTickMsg{})
	w.sees("last used 4 min ago from 10.0.0.8")
	w.press("A", "esc", "esc")
	w.sees("4 min ago")
}

// The cursor, a filter that is typed and a prompt stay when usage is loaded.
func TestUsageMovesNothing(t *testing.T) {
	w := newWorld(t)
	many(w, 1000)
	w.start()
	w.press("/")
	w.write("key 00")
	w.press(repeat("down", 500)...)
	on, before := w.under(), w.screen()
	w.send(usageTickMsg{})
	if after := w.screen(); w.under() != on || after != before {
		t.Errorf("the cursor went from %q to %q:\n%s", on, w.under(), after)
	}
	w.press("enter", "d")
	w.send(usageTickMsg{})
	w.sees("Delete the key")
}

// A tick costs a load at most, and none where it would bring nothing, or be
// asked of nobody.
func TestUsageTicksAreFew(t *testing.T) {
	for _, test := range []struct {
		name  string
		set   func(w *world)
		loads int
	}{
		{"nothing else goes on", func(*world) {}, 1},
		{"suspended", func(w *world) { w.app.shared.letting = true }, 0},
		{"taking part again", func(w *world) { w.app.shared.resuming = true }, 0},
		{"loaded just now", func(w *world) { w.send(standingMsg{standing: model.Standing{Seq: 8, Mine: true}}) }, 0},
		{"stale", func(w *world) { w.stands(silent) }, 0},
		{"nothing is heard", func(w *world) { w.send(standingMsg{err: errTest}) }, 0},
		{"degraded", func(w *world) { w.stands(damaged) }, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			variety(w)
			w.start()
			w.stands(serveOwns)
			test.set(w)
			rows, lists := len(w.app.top().(*keyList).table.visible()), w.backend.lists
			w.backend.looks = 0
			w.send(usageTickMsg{})
			if w.backend.looks != test.loads*rows || w.backend.lists != lists {
				t.Errorf("%d keys were looked at and the list was loaded %d times, want each of the %d rows that are seen looked at %d times", w.backend.looks, w.backend.lists-lists, rows, test.loads)
			}
		})
	}
	t.Run("no answer yet", func(t *testing.T) {
		w := newWorld(t)
		variety(w)
		w.opens("crm sync")
		w.hold = true
		for range 5 {
			w.send(usageTickMsg{})
		}
		held, loads := w.held, 0
		w.hold, w.held = false, nil
		for _, cmd := range held {
			w.flat(cmd, func(tea.Msg) { loads++ })
		}
		if loads != 1 { // the detail, and not the list below it
			t.Errorf("5 ticks asked %d times, want 1", loads)
		}
	})
	t.Run("each begins the next", func(t *testing.T) {
		for _, letting := range []bool{false, true} {
			w := newWorld(t)
			variety(w)
			w.start()
			w.app.shared.letting = letting
			var waits int
			w.rt.sleep = func(_ context.Context, d time.Duration) {
				if d == usageEvery {
					waits++
				}
				w.slept = true
			}
			w.send(usageTickMsg{})
			if waits != 1 {
				t.Errorf("suspended %v: %d ticks come next, want 1", letting, waits)
			}
		}
	})
}

// Who moves the cursor while the list is being loaded finds it where it was
// moved to, counted from the row that it was on.
func TestCursorMovesOnWhileTheListLoads(t *testing.T) {
	w := newWorld(t)
	many(w, 1000)
	w.start()
	w.press(repeat("down", 500)...)
	w.token(model.KeyDraft{Name: "key 000000b"})
	w.hold = true
	w.send(changedMsg{})
	held := w.held
	w.hold, w.held = false, nil
	w.press("down", "down", "down")
	for _, cmd := range held {
		w.run(cmd)
	}
	if got := w.under(); got != "key 000503" {
		t.Errorf("the cursor is on %q, want key 000503", got)
	}
}
