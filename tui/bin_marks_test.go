package tui

import (
	"context"
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

// A key comes back under a name that a key may have, however long its own is.
func TestRestoredName(t *testing.T) {
	for _, tt := range []struct {
		name  string
		taken bool
		want  string
	}{
		{"crm sync", false, "crm sync"},
		{"crm sync", true, "crm sync-restored"},
		{strings.Repeat("a", model.MaxName), false, strings.Repeat("a", model.MaxName)},
		{strings.Repeat("a", model.MaxName), true, strings.Repeat("a", model.MaxName-9) + "-restored"},
	} {
		k := model.DeletedKey{Name: tt.name, NameTaken: tt.taken}
		if got := restoredName(k); got != tt.want || model.CheckName(got) != nil {
			t.Errorf("%q, taken %v: got %q, want %q (%v)", tt.name, tt.taken, got, tt.want, model.CheckName(got))
		}
	}
}

// keeper is a backend that deletes no key of one id.
type keeper struct {
	Backend
	keeps string
}

func (k keeper) DeleteKey(ctx context.Context, ref string) error {
	if ref == k.keeps {
		return errTest
	}
	return k.Backend.DeleteKey(ctx, ref)
}

// What could not be put back into the bin is told from what somebody changed.
func TestBinUndoTellsWhatFailed(t *testing.T) {
	w := newWorld(t)
	w.resize(160, 40)
	binned(w)
	w.press("*", "b", "yes")
	w.sees("keys are restored, disabled")
	w.backend.Backend = keeper{w.backend.Backend, w.key("warehouse").ID.String()}
	w.press("undo")
	w.sees("in the bin again.", "1 key stays on the list: "+sentence(errTest))
	w.seesNot("changed or deleted since")
}
