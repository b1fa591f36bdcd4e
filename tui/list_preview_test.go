package tui

import (
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// peeks is how often more of a key was looked up.
func (w *world) peeks() (n int) {
	for _, m := range w.log {
		if _, ok := m.(peekedMsg); ok {
			n++
		}
	}
	return n
}

// On a high terminal the key under the cursor is told of below the list, once the
// cursor rests.
func TestKeyPreview(t *testing.T) {
	preview := func(w *world, on string) {
		variety(w)
		w.uses("crm sync", model.Primary, 2*time.Minute, "10.0.0.7")
		w.uses("warehouse", model.Secondary, 3*time.Hour, "10.0.0.8")
		w.start()
		w.finds(on)
		w.send(peekMsg{})
		w.send(peekMsg{})
	}
	for _, name := range []string{"crm sync", "warehouse", "kiosk", "legacy.import"} {
		t.Run(name, func(t *testing.T) {
			for _, at := range []struct{ width, height int }{{80, 45}, {120, 45}, {160, 50}} {
				t.Run(size(at.width, at.height), func(t *testing.T) {
					w := newWorld(t)
					w.resize(at.width, at.height)
					preview(w, name)
					w.golden()
				})
			}
		})
	}
}

// A key press looks nothing up, however many come; the cursor that rests looks up
// one key.
func TestKeyPreviewWaitsForTheCursor(t *testing.T) {
	w := newWorld(t)
	many(w, 1000)
	w.resize(120, 45)
	w.start()
	w.send(peekMsg{})
	before := w.peeks()
	w.press(repeat("down", 200)...)
	w.send(peekMsg{}) // of the timer that began on another key
	if n := w.peeks() - before; n != 0 {
		t.Errorf("%d keys were looked up while the cursor moved", n)
	}
	w.send(peekMsg{})
	w.send(peekMsg{})
	if n := w.peeks() - before; n != 1 {
		t.Errorf("%d keys were looked up, want the one the cursor rests on", n)
	}
	if k, ok := w.app.stack[0].(*keyList).known[w.key("key 000200").ID]; !ok || k.Name != "key 000200" {
		t.Error("what was looked up is not known")
	}
}

// The figures that come by the clock are those of the keys around the cursor: a
// move that scrolls the list brings no preview with it.
func TestKeyPreviewIsLive(t *testing.T) {
	w := newWorld(t)
	many(w, 1000)
	w.resize(120, 45)
	w.start()
	w.press(repeat("down", 10)...)
	w.send(usageTickMsg{})
	w.press("down")
	w.sees("Refused    no call is on record")
	l := w.app.stack[0].(*keyList)
	for range 100 {
		top := l.table.top
		w.press("down")
		if _, known := l.known[l.on]; known && l.table.top != top {
			t.Fatalf("%s is told of in the frame that scrolls", w.under())
		}
	}
}

// What changed is not told of as it was.
func TestKeyPreviewIsNew(t *testing.T) {
	w := newWorld(t)
	w.resize(120, 45)
	few(w)
	w.workflows()
	w.start()
	w.send(peekMsg{})
	w.sees("nothing: no workflow is permitted")
	if _, err := w.session.ChangeKeys(t.Context(), []string{"a", "b"}, model.KeyBulk{Permit: []string{"get-customer"}}); err != nil {
		t.Fatal(err)
	}
	w.send(changedMsg{})
	w.send(peekMsg{})
	w.sees("May call   get-customer")
	w.press("down")
	w.seesNot("May call   nothing")
	w.isUsed("b", "10.0.0.9")
	w.send(peekMsg{})
	w.send(peekMsg{})
	w.sees("from 10.0.0.9")
	w.backend.err = errTest
	w.press("down")
	w.send(peekMsg{})
	w.send(peekMsg{})
	w.seesNot("from 10.0.0.9")
}

// A terminal without room for it asks for nothing.
func TestNoKeyPreview(t *testing.T) {
	w := newWorld(t)
	few(w)
	w.start()
	w.press("down")
	w.send(peekMsg{})
	w.send(peekMsg{})
	w.seesNot("May call")
	if w.peeks() != 0 {
		t.Error("what nobody sees was looked up")
	}
}

// A hostile name shifts nothing below the list.
func TestHostileKeyPreview(t *testing.T) {
	for _, text := range hostile {
		w := newWorld(t)
		w.resize(80, 45)
		few(w)
		w.start()
		l := w.app.stack[0].(*keyList)
		l.table.rows[0].Name = text
		l.known = map[model.ID]model.KeyInfo{l.on: {Workflows: []model.WorkflowRef{{Name: text}}, Slots: []model.SlotInfo{
			{Slot: model.Primary, Usage: &model.SlotUsage{LastUsed: 1, Remote: text}}}}}
		w.screen()
	}
}
