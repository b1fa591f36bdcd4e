package tui

import (
	"testing"

	"dev.keyward/keyward/model"
)

// An example that would change something says so, on the key's page and when it
// is copied; one that only reads is taken where there is one.
func TestExampleThatChangesDataSaysSo(t *testing.T) {
	for _, test := range []struct {
		methods []string
		want    string
	}{
		{[]string{"DELETE"}, "! This call changes data: it really deletes."},
		{[]string{"DELETE", "POST"}, "! This call changes data."},
		{[]string{"DELETE", "GET"}, ""},
	} {
		w := newWorld(t)
		w.resize(160, 50)
		variety(w)
		var names []string
		for _, method := range test.methods {
			name := "thing " + method
			if _, err := w.session.CreateWorkflow(t.Context(), model.WorkflowDraft{Name: name, Method: method, Path: "/things/{id}/" + method}); err != nil {
				t.Fatal(err)
			}
			names = append(names, name)
		}
		w.token(model.KeyDraft{Name: "worker", Environment: "Test", Workflows: names})
		w.opens("worker")
		if test.want == "" {
			w.seesNot("changes data", "-X")
			continue
		}
		w.sees(test.want)
		w.press("y")
		w.sees(test.want[2:], "The curl line")
	}
}
