package tui

import (
	"context"
	"slices"
	"strings"
	"time"

	"dev.keyward/keyward/model"
)

func (s *makeStore) Activity(context.Context, model.ActivityQuery) (model.ActivityPage, error) {
	return model.ActivityPage{}, errUnused
}

func (s *makeStore) Explain(context.Context, model.Activity) (model.Explanation, error) {
	return model.Explanation{}, errUnused
}

func (s *makeStore) Check(context.Context, model.CheckQuery) (model.Verdict, error) {
	return model.Verdict{}, errUnused
}

func (f *flaky) Activity(ctx context.Context, q model.ActivityQuery) (model.ActivityPage, error) {
	if f.err != nil {
		return model.ActivityPage{}, f.err
	}
	f.asked = append(f.asked, q)
	p, err := f.Backend.Activity(ctx, q)
	p.Serving = f.serving
	return p, err
}

func (f *flaky) Explain(ctx context.Context, a model.Activity) (model.Explanation, error) {
	if f.err != nil {
		return model.Explanation{}, f.err
	}
	return f.Backend.Explain(ctx, a)
}

func (f *flaky) Check(ctx context.Context, q model.CheckQuery) (model.Verdict, error) {
	if f.err != nil {
		return model.Verdict{}, f.err
	}
	return f.Backend.Check(ctx, q)
}

// serves says that an endpoint runs.
func (w *world) serves() { w.backend.serving = []model.EndpointReport{{PID: 77}} }

// call is a decision about a call that a key's holder makes with its primary
// secret, as the endpoint records it. Without a key nothing came with it.
func (w *world) call(method, path, key string) model.Activity {
	w.t.Helper()
	v, err := w.session.Check(w.t.Context(), model.CheckQuery{Method: method, URL: "https://localhost:8443" + path, Key: key})
	if err != nil {
		w.t.Fatal(err)
	}
	a := model.Activity{
		At: w.now, Took: 1240 * time.Microsecond, PID: 77, Remote: "192.0.2.7:50123", Method: method, Host: "localhost:8443", Path: path,
		Agent: "curl/8.14", Credential: model.HeaderCredential, Reason: v.Reason, Status: v.Status, Slot: v.Slot,
		KeyName: v.Key, Bound: v.Workflow, Environment: v.Environment, Production: v.Environment == "Production",
	}
	if before, after, ok := strings.Cut(path, "?"); ok {
		a.Path, a.Query = before, after
	}
	if key == "" {
		a.Credential = model.NoCredential
		return a
	}
	a.Key = w.key(key).ID
	if v.Workflow != "" {
		info, err := w.session.Workflow(w.t.Context(), v.Workflow)
		if err != nil {
			w.t.Fatal(err)
		}
		a.Workflow = info.ID
	}
	return a
}

// brought has the endpoint bring what it decided.
func (w *world) brought(records ...model.Activity) {
	w.service.AddActivity(77, model.ActivityPost{
		Report: model.EndpointReport{PID: 77, Addresses: []string{"https://127.0.0.1:8443"}}, Records: slices.Clone(records),
	})
}

// ticks lets the Activity screen ask again.
func (w *world) ticks() {
	w.t.Helper()
	l, ok := w.app.top().(*activityList)
	if !ok {
		w.t.Fatalf("%T is on top", w.app.top())
	}
	w.send(activityTickMsg{l.newest})
}

// traffic is a call of each sort.
func traffic(w *world) {
	w.t.Helper()
	variety(w)
	w.serves()
	calls := []model.Activity{
		w.call("GET", "/customers/17?_profile=Test", "crm sync"),
		w.call("GET", "/customers/17", "billing-nightly"),
		w.call("DELETE", "/orders/3", "billing-nightly"),
		w.call("GET", "/customers/18", ""),
		w.call("GET", "/customers/19", "crm sync"),
		w.call("GET", "/orders/7", "legacy.import"),
		w.call("GET", "/nothing/here", "billing-nightly"),
		w.call("POST", "/orders", "billing-nightly"),
		w.call("POST", "/orders", "old"),
	}
	for i := range calls {
		calls[i].At = w.now.Add(time.Duration(i) * 1137 * time.Millisecond)
	}
	w.brought(calls...)
}

// watches opens the Activity screen.
func (w *world) watches() *activityList {
	w.t.Helper()
	w.start()
	w.press("L")
	return w.app.top().(*activityList)
}

// flood is n allowed calls.
func flood(n int) []model.Activity {
	list := make([]model.Activity, n)
	for i := range list {
		list[i] = model.Activity{
			At: testNow.Add(time.Duration(i) * 100 * time.Microsecond), Took: time.Millisecond, Remote: "192.0.2.9:1", Method: "GET",
			Path: "/customers/" + sprint("%d", i), Reason: model.Allowed, Status: 200, Key: 1, KeyName: "billing-nightly", Slot: model.Primary,
			Credential: model.HeaderCredential, Bound: "get-customer", Environment: "Production", Production: true,
		}
	}
	return list
}
