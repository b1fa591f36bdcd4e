package tui

import (
	"strings"
	"testing"

	"dev.keyward/keyward/model"
)

// Marked keys of the bin are restored after one question that names them all,
// each with an entry of its own in the trail, and taken back with one key.
func TestBinRestoresMarked(t *testing.T) {
	for _, size := range certificateSizes {
		w := newWorld(t)
		w.resize(size.width, size.height)
		binned(w)
		before := w.inBin()
		w.finds("warehouse")
		w.press("space", "esc")
		w.finds("crm")
		w.press("space", "esc")
		w.finds("staged") // whose environment is gone
		w.press("space", "esc")
		w.sees("* ")
		w.press("b")
		w.sees("Restore 2 deleted keys?", "warehouse", "crm sync as crm sync-restored", "1 of the marked ones stays")
		w.press("yes")
		w.sees("2 keys are restored, disabled")
		for _, name := range []string{"warehouse", "crm sync-restored"} {
			if w.key(name).Enabled {
				t.Errorf("%s is enabled", name)
			}
		}
		entries, err := w.session.Audit(t.Context(), model.AuditQuery{Limit: 2})
		if err != nil || len(entries.Entries) != 2 || entries.Entries[0].Action != model.KeyRestored || entries.Entries[1].Action != model.KeyRestored {
			t.Errorf("the trail has %+v, %v", entries, err)
		}
		w.press("undo")
		w.sees("2 keys are in the bin again.")
		w.wants("in the bin", w.inBin(), strings.Replace(before, "crm sync", "crm sync-restored", 1))
	}
}

// All that is shown is marked with one key, unmarked with it or with esc; where
// nothing may be changed nothing can be marked.
func TestBinMarksAll(t *testing.T) {
	w := newWorld(t)
	binned(w)
	w.press("*")
	if n := len(w.app.top().(*binList).marks); n != len(w.app.top().(*binList).all) {
		t.Errorf("%d are marked", n)
	}
	w.sees("b restore 6", "no marks", "* warehouse")
	w.press("esc")
	if _, still := w.app.top().(*binList); !still || len(w.app.top().(*binList).marks) != 0 {
		t.Fatalf("esc leaves:\n%s", w.screen())
	}
	w.rt.ReadOnly = true
	w.press("space")
	w.sees("Nothing can be changed")
	if len(w.app.top().(*binList).marks) != 0 {
		t.Error("a key is marked")
	}
}
