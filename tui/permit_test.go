package tui

import (
	"testing"

	"dev.keyward/keyward/model"
)

// permits opens the choice of a workflow for the marked keys, or the one under
// the cursor, and marks the one that is called name.
func (w *world) permits(name string) {
	w.t.Helper()
	w.press("p")
	w.finds(name)
	w.press("space", "enter")
}

func TestPermitViews(t *testing.T) {
	everySize(t, "choice", func(w *world) { variety(w); w.start(); w.press("*", "p") })
	everySize(t, "asked", func(w *world) { variety(w); w.start(); w.press("*"); w.permits("cancel") })
	everySize(t, "asked of one", func(w *world) { variety(w); w.opens("crm sync"); w.permits("cancel") })
	everySize(t, "told", func(w *world) { variety(w); w.start(); w.press("*"); w.permits("cancel"); w.press("yes") })
}

func TestPermitToSeveral(t *testing.T) {
	w := newWorld(t)
	w.workflows()
	few(w)
	if _, err := w.session.EditKey(t.Context(), "c", model.KeyEdit{Permit: []string{"get-customer"}}); err != nil {
		t.Fatal(err)
	}
	w.start()
	w.press("*")
	before := len(w.store.entries)
	w.permits("get-customer")
	w.sees(`Permit "get-customer" to 3 keys?`, "2 of them may invoke production", "◆ b", "Of the other marked keys 1 is so already")
	w.press("y")
	w.sees("2 of these 3 keys may invoke production: permit all the", "same?")
	w.press("n")
	if len(w.store.entries) != before {
		t.Fatal("no to the second question changed something")
	}
	w.permits("get-customer")
	w.press("yes")
	w.sees(`3 keys may call "get-customer".`)
	if made := w.store.entries[before:]; len(made) != 3 || made[0].Action != model.KeyEdited {
		t.Errorf("%d entries, want one a key", len(made))
	}
	w.wants("marks", w.marked(), "")
	w.press("undo")
	w.sees(`3 keys are without "get-customer" again.`)
	for _, name := range []string{"a", "b", "c", "d"} {
		if n := len(w.key(name).Workflows); n != map[string]int{"c": 1}[name] {
			t.Errorf("%s permits %d workflows", name, n)
		}
	}
	w.press("g")
	w.permits("get-customer") // of the one under the cursor
	w.press("yes")
	w.sees(`1 key may call "get-customer".`)
	w.permits("get-customer")
	w.sees("Nothing to do: 1 key may call \"get-customer\" already.")
	w.press("p", "enter")
	w.sees("No workflow is marked")
}

func TestPermitFromDetail(t *testing.T) {
	w := newWorld(t)
	w.workflows()
	few(w)
	w.opens("a")
	w.permits("get-customer")
	w.sees(`Permit "get-customer" to 1 key?`)
	w.press("y")
	w.sees("1 workflow", `1 key may call "get-customer".`)
}
