package tui

import (
	"testing"

	"dev.keyward/keyward/model"
)

// clashed has a call come that two workflows match.
func clashed(w *world) {
	w.t.Helper()
	traffic(w)
	if _, err := w.session.CreateWorkflow(w.t.Context(), model.WorkflowDraft{Name: "catchall", Method: "GET", Path: "/{a}/{b}"}); err != nil {
		w.t.Fatal(err)
	}
	w.brought(w.call("GET", "/customers/17?_profile=Test", "crm sync"))
	w.watches()
	w.press("enter")
}

func TestWhyClashViews(t *testing.T) {
	threeSizes(t, "why", clashed)
}

// Of a call that two workflows match, each of them is opened on its path; both
// remedies are seen at once.
func TestWhyClash(t *testing.T) {
	for _, tt := range []struct {
		keys []string
		want string
	}{
		{[]string{"enter"}, "catchall"}, // which the key may not invoke
		{[]string{"down", "enter"}, "get-customer"},
	} {
		w := newWorld(t)
		w.resize(80, 24)
		clashed(w)
		w.sees("route-ambiguous", `Change the binding of "catchall" (/{a}/{b})`, `which the key "crm sync"`, "may not invoke",
			`Or change the binding of "get-customer" (/customers/{id})`)
		w.press(tt.keys...)
		f, ok := w.app.top().(*workflowForm)
		if !ok {
			t.Fatalf("%v open %T", tt.keys, w.app.top())
		}
		if c := f.current(); f.seen.Name != tt.want || c == nil || c.name != "path" || c.changed() {
			t.Errorf("%v open %q on %+v, want %q on its path", tt.keys, f.seen.Name, c, tt.want)
		}
	}
}
