package tui

import (
	"testing"

	"dev.keyward/keyward/model"
)

// liveRegister has a workflow that keys of production and of Test may call, and
// one that only a Test key may.
func liveRegister(w *world) {
	w.t.Helper()
	w.workflows()
	w.token(model.KeyDraft{Name: "shop", Environment: "Production", Workflows: []string{"get-customer"}})
	w.token(model.KeyDraft{Name: "lab", Environment: "Test", Workflows: []string{"get-customer", "create-order"}})
	upstreams := map[string]string{"Production": "https://old.example.com"}
	if _, err := w.session.EditWorkflow(w.t.Context(), "list-customers", model.WorkflowEdit{Upstreams: upstreams}); err != nil {
		w.t.Fatal(err)
	}
	w.start()
}

// What callers of production notice is asked once more than for the others.
func TestWorkflowOfProductionAsks(t *testing.T) {
	for _, tt := range []struct {
		name, workflow string
		do             func(w *world)
		asks           bool
	}{
		{"upstream of production", "create-order", func(w *world) { w.press("tab", "tab", "tab"); w.write("https://new.example.com") }, true},
		{"upstream of Test", "create-order", func(w *world) { w.press("tab", "tab", "tab", "tab"); w.write("https://new.example.com") }, false},
		{"binding, Test keys alone", "create-order", func(w *world) { w.press("tab", "tab"); w.write("x") }, false},
		{"binding, a key of production", "get-customer", func(w *world) { w.press("tab", "tab"); w.write("/x") }, true},
		{"upstream of Test, a key of any", "get-customer", func(w *world) { w.press("tab", "tab", "tab", "tab"); w.write("https://new.example.com") }, true},
		{"name", "get-customer", func(w *world) { w.write("x") }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			liveRegister(w)
			w.press("W")
			w.finds(tt.workflow)
			w.press("enter")
			tt.do(w)
			before := w.workflow(tt.workflow).Changed
			w.press("ctrl+s")
			if asked := w.app.prompt != nil; asked != tt.asks {
				t.Fatalf("asked: %v, want %v", asked, tt.asks)
			}
			if !tt.asks {
				return
			}
			w.sees("◆ Callers of production", "Nothing was changed so far")
			w.press("esc")
			if len(w.app.stack) != 3 || w.workflow(tt.workflow).Changed != before {
				t.Fatal("a no saved, or lost what was typed")
			}
			w.press("ctrl+s", "y")
			if len(w.app.stack) != 2 {
				t.Fatal("a yes did not save")
			}
			w.press("u")
			w.sees("◆ Take the edit of")
			w.press("y")
			w.sees("before the edit")
		})
	}
}

func TestEnvironmentOfProductionAsks(t *testing.T) {
	w := newWorld(t)
	liveRegister(w)
	w.press("E")
	w.finds("production")
	w.press("enter", "tab")
	w.write("api.example.com")
	w.press("ctrl+s")
	w.sees(`◆ "Production" is production: save it all the same?`, "Added: api.example.com. Calls through it come here.", "Nothing was changed so far")
	w.press("n", "ctrl+s", "y")
	if got := w.environment("Production").Hosts; len(got) != 1 {
		t.Fatalf("hosts are %v", got)
	}
	w.press("u")
	w.sees("◆ Take the edit of")
	w.press("y")
	if got := w.environment("Production").Hosts; len(got) != 0 {
		t.Fatalf("hosts are %v", got)
	}
	w.press("esc")
	w.finds("test")
	w.press("enter", "tab")
	w.write("test.example.com")
	w.press("ctrl+s")
	if w.app.prompt != nil || len(w.environment("Test").Hosts) != 1 {
		t.Error("an environment for tests asks")
	}
}

// What is wrong with hosts is said while they are typed, and before any question.
func TestHostsAreCheckedWhileTyped(t *testing.T) {
	w := newWorld(t)
	if _, err := w.session.CreateEnvironment(t.Context(), model.EnvironmentDraft{Name: "Staging", Hosts: []string{"a.example.com"}}); err != nil {
		t.Fatal(err)
	}
	w.start()
	w.press("E")
	w.finds("production")
	w.press("enter", "tab")
	for typed, says := range map[string]string{"b.example.com:8443": "without scheme, port or path", "A.example.com": `already: take it from there first`} {
		w.press("ctrl+u")
		w.seesNot("! ")
		w.write(typed)
		w.sees(says)
		w.press("ctrl+s")
		if w.sees(says); w.app.prompt != nil {
			t.Errorf("%q is asked about", typed)
		}
	}
	w.press("ctrl+u")
	w.write("b.example.com")
	w.seesNot("Staging", "without scheme")
}

// TestHostsThatFallToProduction: calls through a host that no environment has any
// more go to production.
func TestHostsThatFallToProduction(t *testing.T) {
	w := newWorld(t)
	if _, err := w.session.CreateEnvironment(t.Context(), model.EnvironmentDraft{Name: "Staging", Hosts: []string{"a.example.com", "b.example.com"}}); err != nil {
		t.Fatal(err)
	}
	w.start()
	w.press("E")
	w.finds("staging")
	w.press("enter", "tab")
	w.write(", c.example.com")
	w.press("ctrl+s")
	if w.app.prompt != nil || len(w.environment("Staging").Hosts) != 3 {
		t.Fatal("a host more asks")
	}
	w.press("u")
	w.sees("◆ Calls through c.example.com go to production then")
	w.press("n")
	if len(w.environment("Staging").Hosts) != 3 {
		t.Fatal("no took it back")
	}
	w.press("enter", "tab", "ctrl+u")
	w.write("a.example.com, c.example.com")
	w.press("ctrl+s")
	w.sees("◆ Calls through b.example.com go to production from the save on", `ask for "Staging" now`, "Nothing was changed so far")
	w.press("n")
	if len(w.environment("Staging").Hosts) != 3 {
		t.Fatal("no saved it")
	}
	w.press("ctrl+s", "y")
	if got := w.environment("Staging").Hosts; len(got) != 2 {
		t.Fatalf("hosts are %v", got)
	}
	w.press("d", "y")
	w.sees("◆ Calls through 2 hosts go to production then", "a.example.com, c.example.com")
	w.press("y")
	w.sees(`The environment "Staging" is deleted.`)
	w.press("n")
	w.write("Fresh")
	w.press("tab")
	w.write("d.example.com")
	w.press("ctrl+s", "u")
	w.sees("◆ Calls through d.example.com go to production then")
	w.press("y")
	w.sees(`"Fresh" is gone again`)
}

// A binding that takes calls from a workflow of production asks, for a new
// workflow and for an edit, and names what it clashes with.
func TestWorkflowClashWithProductionAsks(t *testing.T) {
	w := newWorld(t)
	liveRegister(w)
	w.press("W", "n")
	w.write("catchall")
	w.press("tab", "right", "tab")
	w.hold = true
	w.write("/{a}/{b}")
	w.press("ctrl+s")
	if w.app.prompt != nil {
		t.Fatal("it asks before the clashes are known")
	}
	w.release()
	w.sees(`◆ Calls of production are refused with "catchall"`, `It clashes with "get-customer": calls that match both`, "Nothing was changed so far")
	before := len(w.workflowNames())
	w.press("n", "ctrl+s")
	if len(w.workflowNames()) != before {
		t.Fatal("a no made it")
	}
	w.press("y")
	if len(w.workflowNames()) != before+1 {
		t.Fatalf("a yes did not make it:\n%s", w.screen())
	}
	w.press("u")
	w.finds("create-order")
	w.press("enter", "tab", "left", "tab", "ctrl+u")
	w.write("/{a}/{b}")
	w.press("ctrl+s")
	w.sees("◆ Callers of production", `It clashes with "get-customer"`)
}

// TestWorkflowThatCannotBeLookedAt: where it is not known how many keys of
// production may call a workflow, an edit asks as if some did.
func TestWorkflowThatCannotBeLookedAt(t *testing.T) {
	w := newWorld(t)
	liveRegister(w)
	w.press("W")
	w.finds("get-customer")
	w.backend.err = errTest
	w.press("enter", "tab", "tab")
	w.write("/more")
	w.press("ctrl+s")
	w.sees("◆ Callers of production get another answer", "Calls of production reach it.")
}

// The list marks what calls of production reach.
func TestWorkflowListMarksProduction(t *testing.T) {
	w := newWorld(t)
	liveRegister(w)
	w.press("W")
	w.sees("◆ get-customer", "◆ list-custom", "  create-order")
	w.seesNot("◆ create-order")
}

func (w *world) workflowNames() (names []string) {
	w.t.Helper()
	all, err := w.session.Workflows(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, one := range all {
		names = append(names, one.Name)
	}
	return names
}
