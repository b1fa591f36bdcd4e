package tui

import (
	"fmt"
	"slices"
	"testing"

	"dev.keyward/keyward/model"
)

// upstreamFails has a call go through whose upstream is not there.
func upstreamFails(w *world) {
	w.t.Helper()
	traffic(w)
	if _, err := w.session.EditWorkflow(w.t.Context(), "get-customer", model.WorkflowEdit{Upstreams: map[string]string{"Test": "http://127.0.0.1:9911"}}); err != nil {
		w.t.Fatal(err)
	}
	a := w.call("GET", "/customers/17?_profile=Test", "crm sync")
	a.Status, a.UpstreamFailure, a.Upstream = 502, model.UpstreamRefused, "http://127.0.0.1:9911"
	w.brought(a)
}

func TestUpstreamFailedViews(t *testing.T) {
	threeSizes(t, "list", func(w *world) { upstreamFails(w); w.watches() })
	threeSizes(t, "why", func(w *world) { upstreamFails(w); w.watches(); w.press("enter") })
}

// An allowed call that came to nothing is no green row, says why, and opens the
// form on the upstream that it went to.
func TestUpstreamFailed(t *testing.T) {
	w := newWorld(t)
	w.resize(120, 40)
	upstreamFails(w)
	w.watches()
	w.sees("! allowed", "502 upstream refused", "http://127.0.0.1:9911")
	w.press("enter")
	w.sees("! Allowed, but the upstream did not answer (502)", "refused the connection", "Start the service at http://127.0.0.1:9911")
	w.press("enter")
	f, ok := w.app.top().(*workflowForm)
	if !ok {
		t.Fatalf("%T", w.app.top())
	}
	if u := f.current(); u == nil || u.label != "Test" || u.value() != "http://127.0.0.1:9911" || u.changed() {
		t.Errorf("the cursor is on %+v", u)
	}
	names := map[string]int{}
	for _, u := range f.fields {
		names[u.name]++
		if names[u.name] > 1 {
			t.Errorf("%s is there twice", u.name)
		}
	}
}

// "Call again" opens the form of nothing: it shows the call, as it is decided now,
// and the lines that make it.
func TestCallAgain(t *testing.T) {
	w := newWorld(t)
	w.resize(120, 40)
	upstreamFails(w)
	if _, err := w.session.EditWorkflow(t.Context(), "get-customer", model.WorkflowEdit{Upstreams: map[string]string{"Test": "http://127.0.0.1:9912"}}); err != nil {
		t.Fatal(err)
	}
	for _, locked := range []bool{false, true} {
		w.rt.ReadOnly = locked
		w.watches()
		w.press("enter")
		w.sees("› enter Call again: the upstream is http://127.0.0.1:9912 now", "enter try it again")
		w.press("enter")
		if _, tries := w.app.top().(*try); !tries {
			t.Fatalf("it opens %T", w.app.top())
		}
		w.sees("/customers/17", "Allowed", "curl")
		w.press("esc", "esc", "esc")
	}
}

// The short words of failures are different ones and fit.
func TestFailureWords(t *testing.T) {
	var seen []string
	for f := model.UpstreamDidNotFail; f <= model.UpstreamUnreadable; f++ {
		a := model.Activity{Reason: model.Allowed, UpstreamFailure: f, Status: 502}
		short, long := failureCell(a, false), failureCell(a, true)
		if slices.Contains(seen, short) || len(short) > mostShort || len(long) > longestReason {
			t.Errorf("%v is %q and %q", f, short, long)
		}
		seen = append(seen, short)
	}
}

// A deleted key is restored, and a key takes its secret from the query, where
// that is why a call was refused.
func TestMoreRemedies(t *testing.T) {
	w := newWorld(t)
	traffic(w)
	gone := w.call("GET", "/customers/17?_profile=Test", "crm sync")
	gone.Reason, gone.Status = model.KeyDeleted, 401
	if err := w.session.DeleteKey(t.Context(), "crm sync"); err != nil {
		t.Fatal(err)
	}
	query := w.call("GET", "/customers/17", "billing-nightly")
	query.Reason, query.Status, query.Credential = model.QueryRefused, 401, model.QueryCredential
	if _, err := w.session.EditKey(t.Context(), "billing-nightly", model.KeyEdit{NoQuery: new(true)}); err != nil {
		t.Fatal(err)
	}
	w.brought(query, gone)
	w.watches()
	w.press("enter")
	w.sees("b     Restore the key")
	for _, key := range []string{"b", "enter"} {
		w.press(key)
		if got := fmt.Sprintf("%T", w.app.top()); got != "*tui.restoreForm" {
			t.Fatalf("%s opens %s", key, got)
		}
		w.press("esc")
	}
	w.press("esc", "up", "enter")
	w.sees(`which the key "billing-nightly"`, `Or let the key "billing-nightly" take its secret from the query`)
	w.press("enter")
	if e, ok := w.app.top().(*edit); !ok || e.field != editQuery {
		t.Errorf("%T", w.app.top())
	}
}

// What looks like an id in a path becomes a variable, and a name is proposed as
// an import does.
func TestBoundWorkflowForm(t *testing.T) {
	for _, tt := range []struct{ path, proposed, name string }{
		{"/invoices/7", "/invoices/{id}", "GET-invoices-id"},
		{"/customers/41/invoices/0192e0a4-7c5b-7d31-9a53-3f2f5f3f6d10", "/customers/{id}/invoices/{id2}", "GET-customers-id-invoices-id2"},
		{"/things/507f1f77bcf86cd799439011/", "/things/{id}/", "GET-things-id"},
		{"/facade/v2/deadbeef", "/facade/v2/deadbeef", "GET-facade-v2-deadbeef"},
		{"/a%20b/c", "/a%20b/c", "GET-a-20b-c"},
		{"/", "/", "GET"},
	} {
		w := newWorld(t)
		w.start()
		f := newBoundWorkflowForm(w.rt, "GET", tt.path).(*workflowForm)
		if got, name := f.field("path").value(), f.field("name").value(); got != tt.proposed || name != tt.name {
			t.Errorf("%s: %s, %s", tt.path, got, name)
		}
		if err := model.CheckName(f.field("name").value()); err != nil {
			t.Errorf("%s: %v", tt.path, err)
		}
	}
	w := newWorld(t)
	w.resize(80, 24)
	traffic(w)
	w.start()
	w.app.Update(pushMsg{newBoundWorkflowForm(w.rt, "GET", "/invoices/7")})
	w.press("tab", "tab")
	w.sees("/invoices/7 was called: {id} stands for 7, or anything else")
}

// The verdict and the call stay where they are, and both ends of what is seen of
// the rest say how much there is beyond.
func TestWhyIsPinned(t *testing.T) {
	w := newWorld(t)
	w.resize(80, 24)
	traffic(w)
	w.explains("permission")
	w.sees("Refused: workflow-not-permitted", "DELETE /orders/3", "↑", "lines more")
	w.press("g")
	w.sees("Refused: workflow-not-permitted", "DELETE /orders/3", "↓")
	w.seesNot("↑")
}

// A 5xx is the upstream's where that is on record, and nobody's where it is not.
func TestWhoFailed(t *testing.T) {
	for upstream, words := range map[string][3]string{
		"":                      {"answered with 501", "! Allowed, but the caller got 501", "Look into the log of the endpoint"},
		"http://127.0.0.1:9911": {"upstream said 501", "! Allowed, but the upstream answered with 501", "http://127.0.0.1:9911: it answered 501 by itself"},
	} {
		w := newWorld(t)
		w.resize(120, 40)
		upstreamFails(w)
		a := w.call("GET", "/customers/17?_profile=Test", "crm sync")
		a.Status, a.Upstream = 501, upstream
		w.brought(a)
		w.watches()
		w.sees(words[0])
		w.press("enter")
		w.sees(words[1], words[2])
	}
}
