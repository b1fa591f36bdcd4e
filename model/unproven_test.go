package model

import (
	"strings"
	"testing"
	"time"
)

// TestUnproven: what is answered 401, and the ambiguous credential, which is
// 400, are failures to prove a key; nothing else is.
func TestUnproven(t *testing.T) {
	for r := Undecided; !strings.HasPrefix(r.String(), "reason("); r++ {
		want := r == CredentialAmbiguous || r.Status() == 401 && r != Undecided
		if r.Unproven() != want {
			t.Errorf("%v, which is answered %d: got %v", r, r.Status(), r.Unproven())
		}
	}
}

// TestOmit: what is not kept is counted as missed, once.
func TestOmit(t *testing.T) {
	var r Recorder
	now := time.Unix(1e9, 0)
	r.Watch(now, now.Add(time.Minute))
	keep := func(reason Reason) {
		r.Count(reason == Allowed, now)
		r.Keep(&Request{Path: "/"}, &Decision{Reason: reason}, Observed{At: now})
	}
	keep(Allowed)
	after := r.page(ActivityQuery{}).Next
	for range 5 {
		r.Count(false, now)
		r.Omit()
	}
	keep(SecretUnknown)
	page := r.page(ActivityQuery{After: after})
	if len(page.Records) != 1 || page.Missed != 5 {
		t.Errorf("%d records, %d missed", len(page.Records), page.Missed)
	}
	if again := r.page(ActivityQuery{After: page.Next}); again.Missed != 0 {
		t.Errorf("%d are missed again", again.Missed)
	}
	post, _ := r.Post(now, after, nil)
	if report, _ := r.Report(now); post.Missed != 5 || report.Denied != 6 {
		t.Errorf("posted %d missed, counted %d refusals", post.Missed, report.Denied)
	}
}
