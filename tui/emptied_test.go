package tui

import (
	"testing"

	"dev.keyward/keyward/model"
)

// A list whose keys are all deleted says where they are, and welcomes nobody.
func TestEmptiedList(t *testing.T) {
	for _, size := range certificateSizes {
		for _, locked := range []bool{false, true} {
			w := newWorld(t)
			w.resize(size.width, size.height)
			w.workflows()
			w.token(model.KeyDraft{Name: "a", Environment: "Test"})
			w.token(model.KeyDraft{Name: "b", Environment: "Test"})
			w.deletes("a", "b")
			w.rt.ReadOnly = locked
			w.start()
			w.sees("No keys. 2 keys are in the bin: B")
			w.seesNot("Welcome", "yet")
			w.press("B")
			w.sees("2 deleted keys")
		}
	}
	w := newWorld(t)
	w.start()
	w.sees("Welcome. There are no keys yet.")
	w.seesNot("bin")
}

// A form that was filled in for the user, and not touched, asks nothing when it is
// left; one that was touched does.
func TestFilledFormLeavesUntouched(t *testing.T) {
	w := newWorld(t)
	traffic(w)
	w.explains("route")
	w.press("n")
	w.sees("/nothing/here")
	w.press("esc")
	if _, back := w.app.top().(*why); !back || w.app.prompt != nil {
		t.Fatalf("esc asks:\n%s", w.screen())
	}
	w.press("n")
	w.write("x")
	w.press("esc")
	w.sees("Leave without saving?", "Name")
}

// After a restore the screen that explains names its own key, and has the cursor
// on what helps next.
func TestRestoreFromWhyLeadsOn(t *testing.T) {
	w := newWorld(t)
	w.resize(120, 40)
	traffic(w)
	gone := w.call("GET", "/customers/17?_profile=Test", "crm sync")
	gone.Reason, gone.Status = model.KeyDeleted, 401
	w.deletes("crm sync")
	w.brought(gone)
	w.watches()
	w.press("enter", "b", "enter")
	if w.app.prompt != nil {
		w.press("yes")
	}
	w.sees("is restored, disabled: e enables it", "› e")
	w.seesNot("on the list")
	w.press("enter")
	w.sees("Enable the key")
	w.press("yes")
	w.sees("Mended")
}

// While the question before the secrets are left is seen, no line says that any
// key shows them again.
func TestNoAnyKeyBehindTheQuestion(t *testing.T) {
	w := newWorld(t)
	w.workflows()
	w.token(model.KeyDraft{Name: "a", Environment: "Test"})
	w.start()
	w.opens("a")
	w.press("r", "enter", "yes")
	if _, shows := w.app.top().(*reveal); !shows {
		t.Fatalf("%T", w.app.top())
	}
	w.press("esc")
	w.sees("Have you stored", "any other key cancels")
	w.seesNot("Press any key")
	w.press("n")
	w.seesNot("Hidden")
	w.send(hideMsg{})
	w.sees("Hidden. Press any key to show it again.")
}
