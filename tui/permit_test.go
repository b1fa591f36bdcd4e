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
	w.sees("No workflow is marked", "[✓] get-customer")
	w.press("space")
	w.sees("It is permitted already")
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

// What is permitted already is seen, for one key and for several.
func TestPermitShowsWhatIsPermitted(t *testing.T) {
	w := newWorld(t)
	w.workflows()
	for name, workflows := range map[string][]string{"a": {"get-customer", "create-order"}, "b": {"get-customer"}, "c": {"get-customer"}} {
		w.token(model.KeyDraft{Name: name, Workflows: workflows})
	}
	w.start()
	w.press("p")
	w.sees("[✓] get-customer", "[✓] create-order", "permitted", "[ ] cancel-order")
	w.press("*", "enter")
	w.sees("Permit 4 workflows to 1 key?")
	w.press("n", "esc", "*")
	if w.app.prompt != nil {
		w.press("y")
	}
	w.press("esc", "y", "g", "*", "p")
	w.sees("[✓] get-customer", "3 of 3 have it", "[ ] create-order", "1 of 3 have it")
}

// Where workflows are chosen there is a way to make one, and back.
func TestChooserLeadsToTheWorkflows(t *testing.T) {
	w := newWorld(t)
	w.rt.Documents = &reader{}
	w.token(model.KeyDraft{Name: "a"})
	w.start()
	w.press("W")
	w.sees("There is no workflow yet", "I imports them from an OpenAPI document")
	w.press("esc", "p")
	w.sees("There are no workflows yet", "W, then n, makes one, I imports")
	w.press("W", "n")
	w.write("one")
	w.press("tab", "right", "tab")
	w.write("/one")
	w.press("ctrl+s", "esc")
	w.sees("[ ] one")
}

// Moving a key away from Test tells what stops.
func TestEditSaysWhatStops(t *testing.T) {
	w := newWorld(t)
	w.workflows()
	w.token(model.KeyDraft{Name: "a", Environment: "Test", Workflows: []string{"get-customer"}})
	w.start()
	w.press("enter")
	w.show(newEdit(w.rt, w.key("a"), w.now, partEnvironment))
	for range 3 {
		if w.press("right"); w.app.top().(*edit).environment == "Production" {
			break
		}
	}
	w.sees("_profile=Test stop: they are refused")
	w.press("ctrl+s")
	w.sees("◆", "_profile=Test stop", "Nothing was changed so far")
}
