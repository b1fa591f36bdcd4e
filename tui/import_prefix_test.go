package tui

import (
	"testing"

	"dev.keyward/keyward/model"
)

func TestImportPrefixViews(t *testing.T) {
	everySize(t, "typed", func(w *world) { w.workflows(); w.previews(shopRows()); w.press("tab", "/", "e", "u") })
	everySize(t, "refused", func(w *world) { w.previews(shopRows()); w.press("tab", "/", "/", "x") })
	everySize(t, "none", func(w *world) { w.previews(shopRows()); w.press("tab", "ctrl+u", "enter", "down", "down") })
	everySize(t, "no_match", func(w *world) { w.previews(shopRows()); w.filters("nowhere"); w.press("enter", "tab") })
}

// clashing is a store in which a workflow is bound to what an operation of
// shopRows would have under another prefix.
func clashing(w *world) {
	w.t.Helper()
	if _, err := w.session.CreateWorkflow(w.t.Context(), model.WorkflowDraft{Name: "old", Method: "GET", Path: "/v2/orders"}); err != nil {
		w.t.Fatal(err)
	}
}

// The plan follows what is typed; a mark that is lost to a conflict comes back
// with the prefix that lifts it, and one that the user took away does not.
func TestImportPrefixIsPlannedAsTyped(t *testing.T) {
	w := newWorld(t)
	clashing(w)
	i := w.previews(shopRows())
	w.press("down", "down", "down", "space") // get-order, the second that can be
	w.press("tab")
	w.sees("Path prefix: /v1", "The document says /v1.")
	w.press("backspace", "2")
	w.sees("/v2/orders/{id}", "4 new, 2 in conflict", "Upstreams get calls under the path shown here.")
	if i.marked[0] || i.marked[1] || !i.marked[6] {
		t.Errorf("under /v2 marked are %v", i.marked)
	}
	w.press("3", "enter")
	w.sees("/v23/orders/{id}", "5 new, 1 in conflict, 1 unsupported")
	if !i.marked[0] || i.marked[1] || !i.marked[6] || i.Typing() {
		t.Errorf("under /v23 marked are %v", i.marked)
	}
	w.press("enter")
	w.sees("4 workflows imported")
	got, err := w.session.Workflow(t.Context(), "ship")
	if err != nil || got.Path != "/v23/orders/{id}/ship" {
		t.Errorf("made %+v, %v", got, err)
	}
}

// A prefix that none can be is refused where it stands, and esc brings back the
// one that was there.
func TestImportPrefixIsChecked(t *testing.T) {
	w := newWorld(t)
	i := w.previews(shopRows())
	w.press("tab", "/", "enter")
	if i.prefix.base != "/v1" || i.Typing() { // a slash at the end says nothing
		t.Errorf("the prefix is %q", i.prefix.base)
	}
	w.press("tab", "?", "enter")
	w.sees("✗ A path prefix has no query")
	if !i.Typing() || i.prefix.base != "/v1" {
		t.Errorf("%q is taken", i.prefix.input.Value())
	}
	w.press("ctrl+u")
	w.write("shop")
	w.sees("write /shop")
	w.press("ctrl+u")
	w.paste("/shop/\n")
	w.sees("/shop/orders/{id}/ship")
	w.press("esc")
	w.sees("/v1/orders/{id}/ship", "paths begin with /v1")
	w.press("tab", "ctrl+u", "enter")
	w.seesNot("paths begin with", "/v1/orders/{id}")
	w.press("down", "down")
	w.sees("The document says /v1 before the paths, not none")
	w.press("tab", "esc", "esc")
	if w.app.top() == screen(i) {
		t.Error("esc does not leave once the prefix is kept")
	}
}

// What is typed while the store has not answered yet is planned once it has.
func TestImportPrefixWaitsForAnAnswer(t *testing.T) {
	w := newWorld(t)
	i := w.previews(shopRows())
	w.hold = true
	w.press("tab", "2", "3", "4")
	if len(w.held) != 1 {
		t.Fatalf("%d questions are under way", len(w.held))
	}
	w.release()
	if i.plan.Base != "/v1234" {
		t.Errorf("the plan is for %q", i.plan.Base)
	}
}

// A document's own prefix that no binding can begin with stays what it is until
// it is touched.
func TestImportPrefixOfAHostileDocument(t *testing.T) {
	for _, text := range hostile {
		w := newWorld(t)
		i := w.previews(shopRows())
		i.prefix.own, i.prefix.base = text, text
		w.press("ctrl+r", "tab")
		w.shown("the prefix as it is typed")
		w.press("enter")
		w.shown("where the prefix comes from")
		if i.prefix.base != text || i.Typing() {
			t.Errorf("%q became %q", text, i.prefix.base)
		}
	}
}
