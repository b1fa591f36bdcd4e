package model_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"dev.keyward/keyward/model"
)

// TestClashIsAmongEach: a call that several workflows match is among the calls of
// each of them, here and where an endpoint brought it, also once a binding is
// another one; and among those of no other workflow.
func TestClashIsAmongEach(t *testing.T) {
	w, rec, secret := recordingWorld(t)
	create := func(name, path string) model.ID {
		flow, err := w.CreateWorkflow(t.Context(), model.WorkflowDraft{Name: name, Method: "GET", Path: path})
		if err != nil {
			t.Fatal(err)
		}
		return flow.ID
	}
	clash := []model.ID{create("one", "/x/{a}/y"), create("two", "/{a}/z/y"), create("three", "/{a}/{b}/y"), create("four", "/x/z/{c}"), create("five", "/x/{a}/{b}")}
	other := create("other", "/x/{a}")
	rec.Identify(7)
	activity(t, w.Session, model.ActivityQuery{})
	observe(w, rec, get("/x/z/y?_profile=Test", secret), w.clock.Now())
	observe(w, rec, get("/nothing?_profile=Test", secret), w.clock.Now())
	page := activity(t, w.Session, model.ActivityQuery{})
	named := page.Records[0].Clash
	if page.Records[0].Reason != model.RouteAmbiguous || page.Records[1].Clash != (model.Clashing{}) {
		t.Fatalf("%+v", page.Records)
	}
	for _, id := range named {
		if !slices.Contains(clash, id) {
			t.Errorf("%v is named", named)
		}
	}
	brought := page.Records[0]
	brought.Run, brought.Path = 8, "/brought"
	text, err := json.Marshal(brought)
	if err != nil {
		t.Fatal(err)
	}
	var read model.Activity
	if err := json.Unmarshal(text, &read); err != nil || read != brought {
		t.Fatalf("%s is read as %+v, %v", text, read, err)
	}
	w.service.AddActivity(77, model.ActivityPost{Records: []model.Activity{read}})
	for _, id := range named {
		if _, err := w.EditWorkflow(t.Context(), id.String(), model.WorkflowEdit{Path: ptr("/p" + id.String())}); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range append(clash, other, 12345) {
		want := "[]"
		if slices.Contains(named[:], id) {
			want = "[/x/z/y /brought]"
		}
		if got := fmt.Sprint(paths(activity(t, w.Session, model.ActivityQuery{Workflow: id}).Records)); got != want {
			t.Errorf("%s has %s, want %s", id, got, want)
		}
	}
}
