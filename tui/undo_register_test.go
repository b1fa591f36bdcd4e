package tui

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"dev.keyward/keyward/model"
)

// makesEnvironment makes an environment on its form, with the flag where that is
// wanted.
func (w *world) makesEnvironment(name string, flag bool) {
	w.t.Helper()
	w.press("n")
	w.write(name)
	if flag {
		w.press("tab", "tab", "right")
	}
	w.press("ctrl+s")
	for w.app.prompt != nil {
		w.press("y")
	}
}

func (w *world) gone(err error, what string) {
	w.t.Helper()
	if err == nil {
		w.t.Errorf("%s is there", what)
	}
}

func TestUndoOfANewWorkflow(t *testing.T) {
	w := newWorld(t)
	w.listsWorkflows()
	w.press("n")
	w.write("fresh")
	w.press("tab", "right", "tab")
	w.write("/fresh")
	w.press("ctrl+s")
	w.sees(`The workflow "fresh" is made. u takes back making "fresh".`)
	w.press("u")
	w.sees(`The workflow "fresh" is gone again.`)
	_, err := w.session.Workflow(t.Context(), "fresh")
	w.gone(err, "fresh")

	w.press("n")
	w.write("fresh")
	w.press("tab", "right", "tab")
	w.write("/fresh")
	w.press("ctrl+s")
	w.token(model.KeyDraft{Name: "user", Environment: "Test", Workflows: []string{"fresh"}})
	w.press("u")
	w.sees(`Not taken back: 1 key may call "fresh" by now.`)
	w.workflow("fresh")
}

func TestUndoOfADeletedWorkflow(t *testing.T) {
	w := newWorld(t)
	w.listsWorkflows()
	w.finds("invoice")
	before := w.workflow("invoice")
	w.press("d")
	if before.KeyCount > 0 {
		t.Fatal("keys may call it")
	}
	w.press("y")
	w.sees(`The workflow "invoice" is deleted. u takes back deleting "invoice".`)
	w.press("u")
	w.sees(`The workflow "invoice" is made again, as it was.`)
	ignore := []cmp.Option{cmpopts.IgnoreFields(model.WorkflowInfo{}, "Changed", "Created"), cmpopts.IgnoreFields(model.WorkflowRef{}, "ID")}
	if diff := cmp.Diff(before, w.workflow("invoice"), ignore...); diff != "" {
		t.Errorf("it is not as it was (-before +now):\n%s", diff)
	}

	w.press("d", "y")
	if _, err := w.session.CreateWorkflow(t.Context(), model.WorkflowDraft{Name: "invoice"}); err != nil {
		t.Fatal(err)
	}
	w.press("u")
	w.sees("Not taken back:", "invoice")

	w.token(model.KeyDraft{Name: "user", Environment: "Test", Workflows: []string{"get-customer"}})
	w.press("ctrl+r", "esc")
	w.finds("get-customer")
	w.press("d")
	w.write("get-customer")
	w.press("enter")
	w.sees("◆", "that lose it may invoke", "yes, delete it")
	w.press("y")
	w.sees("lost it")
	w.seesNot("takes back")
	w.press("u")
	w.sees(`Deleting "get-customer" cannot be taken back, since`)
}

// The flag goes back, after a question, and with it what else was edited.
func TestUndoOfTheProductionFlag(t *testing.T) {
	w := newWorld(t)
	w.listsEnvironments()
	w.finds("staging")
	before, holder := w.environment("Staging"), w.environment("Production")
	gives := func(more string) {
		w.press("enter")
		w.write(more)
		w.press("tab", "tab", "right", "ctrl+s", "y")
	}
	entries := len(w.store.entries)
	gives("2")
	w.sees(`The environment "Staging2" is changed`, "takes back", `the edit of "Staging2"`)
	if !w.environment("Staging2").Production {
		t.Fatal("it has no flag")
	}
	w.press("u")
	w.sees(`Give the production flag back to "Production"?`)
	w.press("n")
	if !w.environment("Staging2").Production {
		t.Error("no gave it back")
	}
	w.press("u", "y")
	w.sees(`and "Production" has the production`)
	ignore := cmpopts.IgnoreFields(model.EnvironmentInfo{}, "Changed")
	if diff := cmp.Diff([]model.EnvironmentInfo{before, holder}, []model.EnvironmentInfo{w.environment("Staging"), w.environment("Production")}, ignore); diff != "" {
		t.Errorf("they are not as they were (-before +now):\n%s", diff)
	}
	if made := len(w.store.entries) - entries; made != 3 {
		t.Errorf("%d audit entries, want one for the edit, one for the flag and one for the name", made)
	}

	gives("") // and now somebody changes the one that had it
	hosts := []string{"other.example.com"}
	if _, err := w.session.EditEnvironment(t.Context(), "Production", model.EnvironmentEdit{Hosts: &hosts}); err != nil {
		t.Fatal(err)
	}
	w.press("u", "y")
	w.sees(`Not taken back: somebody changed "Production" since.`)
	if !w.environment("Staging").Production {
		t.Error("it is taken back")
	}
}

func TestUndoOfANewEnvironment(t *testing.T) {
	for _, flag := range []bool{false, true} {
		w := newWorld(t)
		w.listsEnvironments()
		w.makesEnvironment("Fresh", flag)
		w.sees(`The environment "Fresh" is made. u takes back making "Fresh".`)
		w.press("undo")
		w.sees(`The environment "Fresh" is gone again`)
		_, err := w.session.Environment(t.Context(), "Fresh")
		w.gone(err, "Fresh")
		if !w.environment("Production").Production {
			t.Error("the flag is lost")
		}
		w.makesEnvironment("Fresh", flag)
		w.token(model.KeyDraft{Name: "user", Environment: "Fresh"})
		w.press("undo")
		w.sees(`Not taken back: "Fresh" is in use by now.`)
		if w.environment("Fresh").Production != flag {
			t.Error("the flag was moved")
		}
	}
}

func TestUndoOfADeletedEnvironment(t *testing.T) {
	w := newWorld(t)
	w.listsEnvironments()
	w.makesEnvironment("Fresh", false)
	w.finds("fresh")
	w.press("d", "y")
	w.sees(`The environment "Fresh" is deleted. u takes back deleting "Fresh".`)
	w.press("u")
	w.sees(`The environment "Fresh" is made again, as it was.`)
	w.environment("Fresh")

	w.token(model.KeyDraft{Name: "user", Environment: "Fresh"})
	if err := w.session.DeleteKey(t.Context(), "user"); err != nil {
		t.Fatal(err)
	}
	w.press("ctrl+r", "d", "y")
	w.seesNot("takes back")
	w.press("u")
	w.sees(`Deleting "Fresh" cannot be taken back: 1 key in the bin was for it`)
}
