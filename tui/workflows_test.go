package tui

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// boundVariety fills a store with keys and with workflows of each sort.
func boundVariety(w *world) {
	w.t.Helper()
	variety(w)
	for _, d := range []model.WorkflowDraft{
		{Name: "customer-by-number", Method: "GET", Path: "/customers/{number}", Upstreams: map[string]string{"Test": "http://127.0.0.1:9001"}},
		{Name: "invoice", Method: "POST", Path: "/invoices?dry={dry}", Upstreams: map[string]string{"Test": "http://127.0.0.1:9001", "Production": "https://invoices.example.com/api"}},
		{Name: "a-workflow-whose-name-is-as-long-as-a-name-may-be-in-this-store0", Method: "OPTIONS", Path: "/a/path/that/is/longer/than/{any}/column/{of}/a/narrow/terminal"},
	} {
		if _, err := w.session.CreateWorkflow(w.t.Context(), d); err != nil {
			w.t.Fatal(err)
		}
	}
}

// listsWorkflows opens the list of workflows.
func (w *world) listsWorkflows() {
	w.t.Helper()
	boundVariety(w)
	w.start()
	w.press("W")
}

// finds puts the cursor of a list on the first row with that text.
func (w *world) finds(text string) {
	w.t.Helper()
	w.press("/")
	w.write(text)
	w.press("enter")
}

func (w *world) workflow(name string) model.WorkflowInfo {
	w.t.Helper()
	info, err := w.session.Workflow(w.t.Context(), name)
	if err != nil {
		w.t.Fatal(err)
	}
	return info
}

func TestWorkflowViews(t *testing.T) {
	everySize(t, "production asked", func(w *world) {
		w.listsWorkflows()
		w.finds("get-customer")
		w.press("enter", "tab", "tab", "tab")
		w.write("https://crm.example.com")
		w.press("ctrl+s")
	})
	everySize(t, "list", func(w *world) { w.listsWorkflows(); w.press("down", "down") })
	everySize(t, "called", func(w *world) {
		boundVariety(w)
		w.service.AddUsage([]model.Usage{
			{Workflow: w.workflow("get-customer").ID, Allowed: 1_234_567, Last: model.At(testNow.Add(-4 * time.Minute))},
			{Workflow: w.workflow("create-order").ID, Allowed: 1, Last: model.At(testNow.Add(-40 * 24 * time.Hour))},
		})
		w.start()
		w.press("W")
	})
	everySize(t, "none", func(w *world) { w.start(); w.press("W") })
	everySize(t, "error", func(w *world) { w.start(); w.backend.err = errTest; w.press("W") })
	everySize(t, "filtered", func(w *world) { w.listsWorkflows(); w.finds("clash") })
	everySize(t, "no match", func(w *world) { w.listsWorkflows(); w.finds("zzz") })
	everySize(t, "delete asked", func(w *world) { w.listsWorkflows(); w.finds("get-customer"); w.press("d") })
	everySize(t, "help", func(w *world) { w.listsWorkflows(); w.press("?") })
	everySize(t, "new", func(w *world) { w.listsWorkflows(); w.press("n") })
	everySize(t, "clash typed", func(w *world) {
		w.listsWorkflows()
		w.press("n")
		w.write("mine")
		w.press("tab", "right", "tab")
		w.write("/customers/{x}")
	})
	everySize(t, "edit", func(w *world) { w.listsWorkflows(); w.finds("invoice"); w.press("enter", "tab", "tab", "tab") })
	everySize(t, "problems", func(w *world) {
		w.listsWorkflows()
		w.press("n")
		w.write("a/b")
		w.press("tab", "right", "tab")
		w.write("customers")
		w.press("tab")
		w.write("ftp://x")
		w.press("ctrl+s")
	})
	everySize(t, "conflict", func(w *world) {
		w.listsWorkflows()
		w.finds("invoice")
		w.press("enter")
		w.write("2")
		path := "/invoices"
		if _, err := w.session.EditWorkflow(w.t.Context(), "invoice", model.WorkflowEdit{Path: &path}); err != nil {
			w.t.Fatal(err)
		}
		w.press("ctrl+s")
	})
}

func TestWorkflowIsMade(t *testing.T) {
	w := newWorld(t)
	w.listsWorkflows()
	w.backend.told = model.Receipt{Serves: 2, InForce: 2, Took: 3 * time.Millisecond}
	w.press("n")
	w.write("ship it")
	w.press("tab", "right", "right", "tab")
	w.write("/shipments/{id}")
	w.sees("It is called with POST /shipments/{id}.", "Variables: id.")
	w.press("tab", "tab") // Production, Test
	w.write("http://127.0.0.1:9002")
	w.press("tab", "enter")
	got := w.workflow("ship it")
	if got.Method != "POST" || got.Path != "/shipments/{id}" || fmt.Sprint(got.Upstreams) != "[{Test http://127.0.0.1:9002}]" {
		t.Errorf("made was %+v", got)
	}
	w.sees(`The workflow "ship it" is made; in force at 2 of 2 endpoints in 3 ms.`, "›   ship it")
	w.press("esc", "esc")
	if len(w.app.stack) != 1 {
		t.Error("esc does not lead back to the keys")
	}
}

func TestWorkflowIsChanged(t *testing.T) {
	w := newWorld(t)
	w.listsWorkflows()
	w.finds("get-customer")
	w.press("enter", "ctrl+u")
	w.write("customer")
	w.press("tab", "tab")
	w.write("/more")
	w.sees("3", "keys may call it: calls the old way are refused")
	w.press("tab")
	w.write("https://crm.example.com")
	w.press("ctrl+s", "yes")
	got := w.workflow("customer")
	if got.Method != "GET" || got.Path != "/customers/{id}/more" || got.KeyCount != 3 || fmt.Sprint(got.Upstreams) != "[{Production https://crm.example.com}]" {
		t.Errorf("saved was %+v", got)
	}
	w.sees(`The workflow "customer" is changed; no endpoint runs now.`)
}

func TestWorkflowIsUnbound(t *testing.T) {
	w := newWorld(t)
	w.listsWorkflows()
	w.finds("invoice")
	w.press("enter", "tab", "left", "left", "tab") // POST, GET, none
	w.sees("Give it a method too")
	w.press("ctrl+s")
	w.sees("A binding needs a method too")
	w.press("tab", "ctrl+u", "ctrl+s")
	if got := w.workflow("invoice"); got.Bound || len(got.Upstreams) != 2 {
		t.Errorf("saved was %+v", got)
	}
}

func TestWorkflowIsDeleted(t *testing.T) {
	w := newWorld(t)
	w.listsWorkflows()
	w.finds("get-customer")
	w.press("d")
	w.sees("3 keys lose it")
	w.press("y", "enter")
	w.sees("That is not get-customer")
	w.press("backspace")
	w.backend.wrote = errTest
	w.write("get-customer")
	w.press("enter", "y") // once more: keys for production lose it
	w.sees("The store does not answer", "get-customer")
	w.backend.wrote = nil
	w.press("d")
	w.write("get-customer")
	w.press("enter", "y")
	w.sees(`The workflow "get-customer" is deleted: 3 keys lost it.`)
	if _, err := w.session.Workflow(t.Context(), "get-customer"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("it is there: %v", err)
	}
	w.press("esc")
	w.finds("invoice")
	w.press("d")
	w.sees("No key may call it")
	w.press("y")
	w.sees(`The workflow "invoice" is deleted.`)
}

func TestClashIsShownWhileTyping(t *testing.T) {
	w := newWorld(t)
	w.listsWorkflows()
	w.press("n", "tab", "right", "tab")
	w.write("/customers")
	w.seesNot("clashes with \"get-customer\"")
	w.hold = true
	w.write("/{x}")
	if n := len(w.held); n > 6 {
		t.Errorf("%d commands for 4 keys", n)
	}
	w.release()
	w.sees(`clashes with "customer-by-number": both match`, "/customers/x", "1 more")
	w.press("tab")
	w.sees("clashes") // wherever the cursor is
	w.press("up")
	w.write("/y")
	w.seesNot("clashes")
	w.press("backspace", "backspace")
	w.sees("clashes")
	for _, name := range []string{"get-customer", "customer-by-number"} {
		if _, err := w.session.DeleteWorkflow(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	w.elsewhere()
	w.seesNot("clashes")
}

func TestWorkflowFormKeepsWhatWasTyped(t *testing.T) {
	w := newWorld(t)
	w.listsWorkflows()
	w.press("n")
	w.write("get-customer")
	w.press("tab", "right", "tab")
	w.write("/q")
	w.backend.wrote = errTest
	w.press("ctrl+s")
	w.sees("get-customer", "GET", "/q", "The store does not answer")
	w.backend.wrote = nil
	w.press("ctrl+s")
	w.sees("taken by another workflow", "get-customer", "/q")
	w.press("esc")
	w.sees("Leave without saving?")
	w.press("n")
	w.write("2")
	w.press("ctrl+s")
	if got := w.workflow("get-customer2"); got.Path != "/q" {
		t.Errorf("made was %+v", got)
	}
}

func TestWorkflowFormTakesTheNewVersion(t *testing.T) {
	w := newWorld(t)
	w.listsWorkflows()
	w.finds("invoice")
	w.press("enter")
	w.write("2")
	path := "/bills"
	if _, err := w.session.EditWorkflow(t.Context(), "invoice", model.WorkflowEdit{Path: &path, Upstreams: map[string]string{"Test": ""}}); err != nil {
		t.Fatal(err)
	}
	w.elsewhere()
	w.sees("Somebody else changed this workflow", "invoice2")
	w.press("ctrl+s")
	w.sees("was saved, and nothing that you typed is lost")
	w.press("ctrl+r")
	w.sees("invoice2", "/bills")
	w.seesNot("9001", "Somebody else")
	w.press("ctrl+s")
	if got := w.workflow("invoice2"); got.Path != "/bills" || len(got.Upstreams) != 1 {
		t.Errorf("saved was %+v", got)
	}
}

func TestWorkflowGoneUnderTheForm(t *testing.T) {
	w := newWorld(t)
	w.listsWorkflows()
	w.finds("invoice")
	w.press("enter")
	w.write("2")
	if _, err := w.session.DeleteWorkflow(t.Context(), "invoice"); err != nil {
		t.Fatal(err)
	}
	w.elsewhere()
	w.sees("Somebody else deleted this workflow", "invoice2")
	w.press("ctrl+s")
	w.sees("invoice2")
}

// An environment that was renamed since the list was loaded keeps its upstreams.
func TestUpstreamsFollowTheirEnvironment(t *testing.T) {
	for _, late := range []bool{false, true} {
		w := newWorld(t)
		w.listsWorkflows()
		w.finds("invoice")
		if late {
			w.press("enter")
		}
		name := "Integration"
		if _, err := w.session.EditEnvironment(t.Context(), "Test", model.EnvironmentEdit{Name: &name}); err != nil {
			t.Fatal(err)
		}
		if late {
			w.elsewhere()
		} else {
			w.press("enter")
		}
		w.sees("Integration  http://127.0.0.1:9001", "nothing is changed yet")
		w.press("tab", "tab", "tab")
		if w.app.top().(*workflowForm).current().label == "Integration" {
			w.press("ctrl+u")
		} else {
			w.press("tab", "ctrl+u")
		}
		w.press("ctrl+s")
		if got := w.workflow("invoice"); fmt.Sprint(got.Upstreams) != "[{Production https://invoices.example.com/api}]" {
			t.Errorf("saved was %+v", got)
		}
	}
}

func TestListsFollowWhatOthersDo(t *testing.T) {
	w := newWorld(t)
	w.listsWorkflows()
	w.stands(serveOwns)
	w.finds("i")
	before := w.screen()
	if _, err := w.session.CreateWorkflow(t.Context(), model.WorkflowDraft{Name: "aaa-first-i"}); err != nil {
		t.Fatal(err)
	}
	w.elsewhere()
	w.sees("aaa-first-i")
	if before == w.screen() {
		t.Error("nothing moved")
	}
}

func TestDegradedListsRefuseAtOnce(t *testing.T) {
	for _, open := range []string{"W", "E"} {
		w := newWorld(t)
		boundVariety(w)
		w.start()
		w.stands(damaged)
		w.press(open)
		for _, key := range []string{"n", "d"} {
			w.press(key)
			w.sees("Nothing can be changed: the store is damaged.")
			if len(w.app.stack) != 2 || w.app.prompt != nil {
				t.Errorf("%s %s opened something", open, key)
			}
			w.press("down")
		}
		w.press("enter")
		w.write("2")
		w.press("ctrl+s")
		w.sees("Nothing can be changed: the store is damaged.")
	}
}
