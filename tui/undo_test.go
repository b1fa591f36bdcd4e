package tui

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"dev.keyward/keyward/model"
)

func TestUndoViews(t *testing.T) {
	everySize(t, "offered", func(w *world) { variety(w); w.edits("crm sync", partName); w.write("2"); w.press("ctrl+s", "down") })
	everySize(t, "asked", func(w *world) { variety(w); w.start(); w.press("down", "e", "yes", "u") })
	everySize(t, "deleted", func(w *world) {
		variety(w)
		w.start()
		w.press("down", "down", "d")
		w.write("crm sync")
		w.press("enter", "up")
	})
}

// An edit is taken back whole, and only what it changed.
func TestUndoOfAnEdit(t *testing.T) {
	w := newWorld(t)
	variety(w)
	before := w.key("crm sync")
	e := w.edits("crm sync", partName)
	w.write("2")
	w.press("tab", "right", "tab") // Test is the last: any
	w.write("2027-01-31")
	w.press("tab", "space")
	w.send(workflowsChosenMsg{e, []string{"create-order"}})
	w.press("ctrl+s", "yes")
	w.sees(`"crm sync2" is changed`)
	w.press("down")
	w.sees(`u takes back the edit of "crm sync2". 30 s left.`)
	w.press("u")
	w.sees("may invoke every environment", "take it")
	w.press("n", "u", "y")
	w.sees(`"crm sync2" is as it was before the edit.`)
	if diff := cmp.Diff(before, w.key("crm sync"), cmpopts.IgnoreFields(model.KeyInfo{}, "Changed")); diff != "" {
		t.Errorf("it is not as it was (-before +now):\n%s", diff)
	}
	w.press("u")
	w.seesNot("Not taken back")
}

func TestUndoOfAnEditLeavesWhatOthersChanged(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.edits("crm sync", partName)
	w.write("2")
	w.press("ctrl+s")
	w.disable("crm sync2")
	w.press("u")
	w.sees(`Not taken back: somebody changed "crm sync2" since.`)
	if k := w.key("crm sync2"); k.Enabled {
		t.Error("the other change is lost")
	}
	w.edits("crm sync2", partName)
	w.write("3")
	w.press("ctrl+s")
	if err := w.session.DeleteKey(t.Context(), "crm sync23"); err != nil {
		t.Fatal(err)
	}
	w.press("u")
	w.sees(`Not taken back: somebody deleted "crm sync23" since.`)
}

func TestUndoOfAnEditCanBeTriedAgain(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.edits("crm sync", partName)
	w.write("2")
	w.press("ctrl+s")
	w.backend.wrote = errTest
	w.press("u")
	w.sees("✗ The store does not answer.", "u undo")
	w.backend.wrote = nil
	w.press("u")
	w.key("crm sync")
}

func TestUndoOfAWorkflowEdit(t *testing.T) {
	w := newWorld(t)
	w.listsWorkflows()
	w.finds("invoice")
	before := w.workflow("invoice")
	w.press("enter")
	w.write("2")
	w.press("tab", "right", "tab")
	w.press("ctrl+u")
	w.write("/more")
	w.press("tab", "ctrl+u")
	w.write("https://up.example")
	w.press("ctrl+s", "yes")
	w.sees(`The workflow "invoice2" is changed`)
	w.press("undo")
	w.sees(`"invoice2" is as it was before the edit.`)
	if diff := cmp.Diff(before, w.workflow("invoice"), cmpopts.IgnoreFields(model.WorkflowInfo{}, "Changed")); diff != "" {
		t.Errorf("it is not as it was (-before +now):\n%s", diff)
	}
}

func TestUndoOfAnEnvironmentEdit(t *testing.T) {
	w := newWorld(t)
	w.listsEnvironments()
	w.finds("staging")
	before := w.environment("Staging")
	w.press("enter")
	w.write("2")
	w.press("tab", "ctrl+u")
	w.write("other.example.com")
	w.press("ctrl+s", "y", "u", "y")
	w.sees(`"Staging2" is as it was before the edit.`)
	if diff := cmp.Diff(before, w.environment("Staging"), cmpopts.IgnoreFields(model.EnvironmentInfo{}, "Changed")); diff != "" {
		t.Errorf("it is not as it was (-before +now):\n%s", diff)
	}
}

// A deleted key comes back as it was, from the bin.
func TestUndoOfADelete(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.press("down", "down")
	for _, enabled := range []bool{true, false} {
		if !enabled {
			w.disable("crm sync")
			w.press("ctrl+r")
		}
		before := w.key("crm sync")
		w.press("d")
		w.write("crm sync")
		w.press("enter")
		w.sees(`"crm sync" is deleted.`)
		w.press("u")
		w.sees(`"crm sync" is restored,`)
		if diff := cmp.Diff(before, w.key("crm sync"), cmpopts.IgnoreFields(model.KeyInfo{}, "Changed")); diff != "" {
			t.Errorf("it is not as it was (-before +now):\n%s", diff)
		}
		w.wants("the cursor", w.under(), "crm sync")
	}
	w.press("d")
	w.write("crm sync")
	w.press("enter")
	if _, err := w.session.RestoreKey(t.Context(), "crm sync", "other"); err != nil {
		t.Fatal(err)
	}
	w.press("u")
	w.sees(`Not taken back: "crm sync" is not in the bin any more.`)
}

// Where nothing can be changed any more while the question is open, nothing is
// taken back, and that is said.
func TestUndoAgreedTooLate(t *testing.T) {
	for what, test := range map[string]struct {
		then func(w *world)
		want string
	}{
		"damage": {func(w *world) { w.stands(damaged) }, "Nothing can be changed"},
	} {
		w := newWorld(t)
		variety(w)
		w.start()
		w.press("down", "e", "yes", "u")
		test.then(w)
		w.press("y")
		w.sees(test.want)
		if w.key("billing-nightly").Enabled {
			t.Errorf("%s: it was taken back", what)
		}
	}
}

// The time that is left is counted down, a second at a time, and ends with the
// offer.
func TestUndoCountsDown(t *testing.T) {
	w := newWorld(t)
	w.resize(120, 40)
	few(w)
	w.start()
	w.press("e", "yes")
	w.sees("30 s left.")
	u := w.app.undo
	w.now = w.now.Add(7 * time.Second)
	w.send(w.rt.undoTick(u)())
	w.press("down")
	w.sees("u takes back disabling", "23 s left.")
	w.now = w.now.Add(time.Minute)
	w.send(w.rt.undoTick(u)())
	w.sees("0 s left.")
	w.send(undoOverMsg{u})
	w.seesNot("s left.")
	w.send(w.rt.undoTick(u)()) // late, and about what is over
	w.seesNot("s left.")
}
