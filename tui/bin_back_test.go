package tui

import (
	"testing"

	"dev.keyward/keyward/model"
)

// A deleted key whose name somebody took is no dead end: it is said where it can
// be restored, and what failed once is not offered again.
func TestUndoOfADeletionUnderATakenName(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.press("down", "down", "d")
	w.write("crm sync")
	w.press("enter")
	w.sees(`"crm sync" is deleted`)
	w.token(model.KeyDraft{Name: "crm sync"})
	w.press("u")
	w.sees(`Not taken back: another key is called "crm sync" by now. B opens the bin`)
	w.press("u")
	w.sees("There is nothing to take back")
	w.press("B", "b")
	w.sees("[ Restore ]", "crm sync-restored")
}

// Whoever restored a key is back in the bin, with news of that and no warning.
func TestRestoreFromTheDeletedKeyItself(t *testing.T) {
	w := newWorld(t)
	binned(w)
	w.stands(serveOwns)
	w.finds("warehouse")
	w.press("enter")
	w.sees("every call is refused")
	w.press("b")
	w.sees("[ Restore ]")
	w.press("enter")
	if w.app.prompt != nil {
		w.press("y")
	}
	w.sees(`"warehouse" is restored`)
	w.seesNot("not in the bin any more")
	if _, bin := w.app.top().(*binList); !bin {
		t.Errorf("not in the bin:\n%s", w.screen())
	}
}
