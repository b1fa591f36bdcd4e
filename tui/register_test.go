package tui

import (
	"testing"
	"time"

	"github.com/muesli/termenv"

	"dev.keyward/keyward/model"
)

// registerModes opens the lists of workflows and environments, and their forms,
// in each of their modes.
func registerModes(mode func(name string, fn func(w *world))) {
	mode("workflows", func(w *world) { w.listsWorkflows() })
	mode("workflows, filter", func(w *world) { w.listsWorkflows(); w.press("/", "c") })
	mode("workflows, filtered", func(w *world) { w.listsWorkflows(); w.finds("c") })
	mode("workflow, name", func(w *world) { w.listsWorkflows(); w.press("down", "enter") })
	mode("workflow, method", func(w *world) { w.listsWorkflows(); w.press("enter", "tab") })
	mode("workflow, clash", func(w *world) { w.listsWorkflows(); w.finds("get-customer"); w.press("enter", "tab", "tab") })
	mode("workflow, save", func(w *world) { w.listsWorkflows(); w.press("enter"); w.press("tab", "tab", "tab", "tab", "tab") })
	mode("workflow, newer", func(w *world) {
		w.listsWorkflows()
		w.finds("invoice")
		w.press("enter")
		w.write("2")
		path := "/bills"
		if _, err := w.session.EditWorkflow(w.t.Context(), "invoice", model.WorkflowEdit{Path: &path}); err != nil {
			w.t.Fatal(err)
		}
		w.press("ctrl+s")
	})
	mode("environments", func(w *world) { w.listsEnvironments(); w.press("down") })
	mode("environment, hosts", func(w *world) { w.listsEnvironments(); w.finds("staging"); w.press("enter", "tab") })
	mode("environment, flag", func(w *world) { w.listsEnvironments(); w.finds("staging"); w.press("enter", "tab", "tab", "right") })
	mode("environment, production", func(w *world) { w.listsEnvironments(); w.press("down", "enter", "tab", "tab") })
}

// What is changed here tells where it is in force, and where it is not.
func TestRegisterChangesAreConfirmed(t *testing.T) {
	for _, test := range []struct {
		name, want string
		do         func(w *world)
	}{
		{"edit workflow", `The workflow "invoice2" is changed; `, func(w *world) { w.press("W"); w.finds("invoice"); w.press("enter"); w.write("2"); w.press("ctrl+s") }},
		{"delete workflow", `The workflow "invoice" is deleted; `, func(w *world) { w.press("W"); w.finds("invoice"); w.press("d", "y") }},
		{"edit environment", `The environment "Staging2" is changed; `, func(w *world) { w.press("E"); w.finds("staging"); w.press("enter"); w.write("2"); w.press("ctrl+s") }},
		{"delete environment", `The environment "Staging" is deleted; `, func(w *world) { w.press("E"); w.finds("staging"); w.press("d", "y", "y") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.resize(120, 40)
			environmentVariety(w)
			w.start()
			w.backend.told = model.Receipt{Serves: 2, InForce: 2, Took: 3 * time.Millisecond}
			test.do(w)
			w.sees("✓ " + test.want + "in force at 2 of 2 endpoints in 3 ms.")
		})
	}
	w := newWorld(t)
	w.resize(120, 40)
	w.listsEnvironments()
	w.backend.told = model.Receipt{Serves: 2, InForce: 1, Missing: []string{"serve (pid 7)"}, Took: time.Second}
	w.finds("staging")
	w.press("d", "y", "y")
	w.sees("! The environment", "serve (pid 7) has not acknowledged")
}

// A form is not closed by the answer to another one's save, and a save cannot be
// started twice.
func TestOneSaveAtATime(t *testing.T) {
	w := newWorld(t)
	w.listsWorkflows()
	w.press("n")
	w.write("once")
	w.hold = true
	w.press("ctrl+s", "ctrl+s", "enter")
	if len(w.held) != 1 {
		t.Errorf("%d commands for one save", len(w.held))
	}
	w.sees("saving …")
	w.send(storedMsg[model.WorkflowInfo]{number: 1})
	if len(w.app.stack) != 3 {
		t.Error("another answer closed the form")
	}
	w.release()
	w.sees(`The workflow "once" is made.`)
}

// The cursor stays on what it was on when others make and delete, and when a
// filter comes and goes.
func TestRegisterCursorStaysOnItsRow(t *testing.T) {
	w := newWorld(t)
	w.listsWorkflows()
	w.stands(serveOwns)
	w.press("down", "down")
	w.sees("› ◆ create-order")
	if _, err := w.session.CreateWorkflow(t.Context(), model.WorkflowDraft{Name: "aaa"}); err != nil {
		t.Fatal(err)
	}
	w.elsewhere()
	w.sees("aaa", "› ◆ create-order")
	w.press("/", "o", "enter")
	w.sees("› ◆ create-order")
	w.press("esc")
	w.sees("› ◆ create-order")
	if _, err := w.session.DeleteWorkflow(t.Context(), "create-order"); err != nil {
		t.Fatal(err)
	}
	w.elsewhere()
	w.sees("›   customer-by")
}

// A reload that fails leaves the rows, and says so.
func TestRegisterKeepsItsRows(t *testing.T) {
	w := newWorld(t)
	w.listsEnvironments()
	w.backend.err = errTest
	w.press("ctrl+r")
	w.sees("The store does not answer", "Staging")
	w.backend.err = nil
	w.press("ctrl+r")
	w.seesNot("does not answer")
}

// A value that is longer than its field is seen where its cursor is, and from
// its beginning where it has none.
func TestLongValuesFollowTheCursor(t *testing.T) {
	w := newWorld(t)
	w.listsEnvironments()
	w.rt.styles.renderer.SetColorProfile(termenv.TrueColor)
	w.finds("an-env")
	w.press("enter")
	w.sees("long.long.long.")
	w.seesNot("long.example.com")
	w.press("tab")
	w.sees("long.example.com")
	w.press("home")
	w.seesNot("long.example.com")
	w.press("end")
	w.resize(60, 16)
	w.sees("long.example.com")
	w.press("tab")
	w.seesNot("long.example.com")
}
