package model_test

import (
	"slices"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// TestCallsOfWorkflows: the allowed calls of a workflow are counted whoever made
// them, kept, told with it, and gone with it.
func TestCallsOfWorkflows(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	var flows []model.WorkflowInfo
	for _, name := range []string{"first", "second", "third"} {
		info, err := w.Session.CreateWorkflow(ctx, model.WorkflowDraft{Name: name, Method: "GET", Path: "/" + name})
		if err != nil {
			t.Fatal(err)
		}
		flows = append(flows, info)
	}
	call := func(m *model.Meter, key model.ID, flow int, reason model.Reason, at time.Time) {
		d := counted(key, model.Primary, reason)
		if flow >= 0 {
			d.Workflow = &model.Workflow{ID: flows[flow].ID}
		}
		m.Count(d, here, at)
	}
	var m model.Meter
	minute := w.clock.Now().Truncate(time.Minute)
	for i := range 6 {
		call(&m, model.ID(100+i%2), i%2, model.Allowed, minute.Add(time.Duration(i)*time.Second))
	}
	call(&m, 100, 0, model.Allowed, minute.Add(-time.Hour)) // another core, behind
	call(&m, 100, 2, model.WorkflowNotPermitted, minute)
	call(&m, 100, -1, model.Allowed, minute) // its document
	m.Return(m.Drain())
	list := append(m.Drain(), model.Usage{Workflow: 999_999, Allowed: 5}, model.Usage{Workflow: flows[0].ID, Key: 7, Slot: model.Primary,
		Remote: "10.0.0.7", Allowed: 1, Denied: 4, Callers: []model.CallerUse{{Remote: "10.0.0.7"}}})
	w.service.AddUsage(list)

	check := func(what string, s *model.Session, want ...uint64) {
		t.Helper()
		all, err := s.Workflows(ctx)
		if err != nil || len(all) != len(want) {
			t.Fatalf("%s: %d workflows, %v", what, len(all), err)
		}
		for i, info := range all {
			if info.Calls != want[i] || (info.Calls > 0) != (info.LastCall == model.At(minute)) {
				t.Errorf("%s: %s has %d calls, the last at %v; want %d", what, info.Name, info.Calls, info.LastCall.Text(), want[i])
			}
		}
	}
	check("told", w.Session, 5, 3, 0)
	if err := w.service.FlushUsage(ctx); err != nil {
		t.Fatal(err)
	}
	w.store.mu.Lock()
	for _, u := range w.store.usage {
		if u.Workflow != 0 && (u.Key != 0 || u.Slot != model.NoSlot || u.Denied != 0 || u.Remote != "" || u.Callers != nil) {
			t.Errorf("more is kept of a workflow than its calls: %+v", u)
		}
	}
	w.store.mu.Unlock()
	again, err := model.NewService(ctx, w.store, model.Options{Now: w.clock.Now, Random: w.random})
	if err != nil {
		t.Fatal(err)
	}
	check("opened again", again.As(model.Caller{}), 5, 3, 0)

	if _, err := w.Session.DeleteWorkflow(ctx, "first"); err != nil {
		t.Fatal(err)
	}
	w.service.AddUsage([]model.Usage{{Workflow: flows[0].ID, Allowed: 9}})
	check("deleted", w.Session, 3, 0)
	if _, err := w.Session.CreateWorkflow(ctx, model.WorkflowDraft{Name: "first", Method: "GET", Path: "/first"}); err != nil {
		t.Fatal(err)
	}
	check("made anew", w.Session, 0, 3, 0)
}

// TestWorkflowNamesItsKeys: a workflow names the first keys that permit it, a list
// of workflows none.
func TestWorkflowNamesItsKeys(t *testing.T) {
	w, _, names := tightWorld(t, model.MostNamed+3, model.MostNamed+3)
	ctx := t.Context()
	s := w.Session
	if _, err := s.CreateWorkflow(ctx, model.WorkflowDraft{Name: "first", Method: "GET", Path: "/first"}); err != nil {
		t.Fatal(err)
	}
	all, err := s.Workflows(ctx)
	if err != nil || len(all) == 0 {
		t.Fatal(all, err)
	}
	for _, f := range all {
		if f.Keys != nil {
			t.Errorf("the list names the keys of %s", f.Name)
		}
	}
	name := all[0].Name
	if _, err := s.ChangeKeys(ctx, names, model.KeyBulk{Permit: []string{name}}); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteKey(ctx, names[0]); err != nil {
		t.Fatal(err)
	}
	info, err := s.Workflow(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	sorted := slices.Sorted(slices.Values(names[1:]))
	if info.KeyCount != len(sorted) || !slices.Equal(info.Keys, sorted[:model.MostNamed]) {
		t.Errorf("%d keys, %v", info.KeyCount, info.Keys)
	}
}
