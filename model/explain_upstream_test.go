package model_test

import (
	"encoding/json"
	"strings"
	"testing"

	"dev.keyward/keyward/model"
)

// TestExplainUpstream: an allowed call whose upstream failed says which upstream
// that was and why, and what can be done; nothing else does.
func TestExplainUpstream(t *testing.T) {
	r := newRefusedWorld(t)
	upstream := func(url string) {
		t.Helper()
		if _, err := r.EditWorkflow(t.Context(), "customer", model.WorkflowEdit{Upstreams: map[string]string{"Test": url}}); err != nil {
			t.Fatal(err)
		}
	}
	upstream("http://127.0.0.1:9911/base")
	at := r.clock.Now()
	activity(t, r.Session, model.ActivityQuery{})
	request := get("/customers/7?_profile=Test", r.secrets["app"])
	request.Now = at
	d := r.service.Snapshot().Decide(request)
	for _, tt := range []struct {
		name    string
		failure model.UpstreamFailure
		status  int
		own     bool   // the upstream answered
		change  string // of the upstream, since; "-": it is removed
		step    string // "": none
		remedy  string
		kinds   []model.RemedyKind
	}{
		{"answered", model.UpstreamDidNotFail, 200, true, "", "", "", nil},
		{"refused by the upstream itself", model.UpstreamDidNotFail, 404, true, "", "", "", nil},
		{"its own error", model.UpstreamDidNotFail, 500, true, "", "to http://127.0.0.1:9911, which answered 500", "Look into the log of the service at http://127.0.0.1:9911", []model.RemedyKind{model.Advice}},
		{"refused", model.UpstreamRefused, 502, false, "", "http://127.0.0.1:9911 refused the connection: nothing listens there; the caller got 502",
			"Start the service at http://127.0.0.1:9911", []model.RemedyKind{model.Advice, model.ChangeUpstream}},
		{"slow", model.UpstreamTimeout, 504, false, "", "took too long", "not overloaded", []model.RemedyKind{model.Advice, model.ChangeUpstream}},
		{"TLS", model.UpstreamTLS, 502, false, "", "over TLS", "certificate of http://127.0.0.1:9911", []model.RemedyKind{model.Advice, model.ChangeUpstream}},
		{"in the middle", model.UpstreamBroke, 200, false, "", "in the middle of its answer", "ended the connection", []model.RemedyKind{model.Advice, model.ChangeUpstream}},
		{"changed since", model.UpstreamRefused, 502, false, "http://127.0.0.1:9912", "http://127.0.0.1:9911 refused", "is http://127.0.0.1:9912 now", []model.RemedyKind{model.CallAgain}},
		{"the endpoint's own error", model.UpstreamDidNotFail, 501, false, "", "the caller got 501", "Look into the log of the endpoint: it says why", []model.RemedyKind{model.Advice}},
		{"its own error, of one that was", model.UpstreamDidNotFail, 500, true, "http://127.0.0.1:9913", "http://127.0.0.1:9911, which answered 500", "is http://127.0.0.1:9913 now", []model.RemedyKind{model.CallAgain}},
		{"its own error, of one that is removed", model.UpstreamDidNotFail, 503, true, "-", "http://127.0.0.1:9911, which answered 503", "without an upstream now", []model.RemedyKind{model.ChangeUpstream}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r.rec.Keep(request, &d, model.Observed{At: at, Status: tt.status, UpstreamFailure: tt.failure, UpstreamAnswered: tt.own})
			a := activity(t, r.Session, model.ActivityQuery{Limit: 1}).Records[0]
			if a.Failed() != (tt.step != "") || (a.Upstream == "http://127.0.0.1:9911") != (tt.failure != model.UpstreamDidNotFail || tt.own && tt.status >= 500) {
				t.Errorf("failed: %v, %q", a.Failed(), a.Upstream)
			}
			if tt.change != "" {
				upstream(strings.TrimPrefix(tt.change, "-"))
			}
			x := r.explained(a)
			var kinds []model.RemedyKind
			for _, y := range x.Remedies {
				if kinds = append(kinds, y.Kind); y.Kind == model.ChangeUpstream && (y.Workflow == 0 || y.Environment == 0) {
					t.Errorf("%+v does not say what to change", y)
				}
			}
			last := x.Steps[len(x.Steps)-1]
			if last.Passed != (tt.step == "") || !strings.Contains(last.Text, tt.step) || x.Now != model.Allowed {
				t.Errorf("%s, and the last step is %+v", x.Now, last)
			}
			if len(kinds) != len(tt.kinds) || len(kinds) > 0 && !strings.Contains(x.Remedies[0].Text, tt.remedy) {
				t.Fatalf("the remedies are %+v", x.Remedies)
			}
			for i := range kinds {
				if kinds[i] != tt.kinds[i] {
					t.Errorf("the remedies are %+v", x.Remedies)
				}
			}
		})
	}
}

// TestExplainUpstreamUnreadable: a URL that could not be read names no place to
// look at, and is what has to be changed.
func TestExplainUpstreamUnreadable(t *testing.T) {
	r := newRefusedWorld(t)
	edit := model.WorkflowEdit{Upstreams: map[string]string{"Test": "http://127.0.0.1:9912"}}
	if _, err := r.EditWorkflow(t.Context(), "customer", edit); err != nil {
		t.Fatal(err)
	}
	a := r.call(get("/customers/7?_profile=Test", r.secrets["app"]))
	a.Status, a.UpstreamFailure = 502, model.UpstreamUnreadable
	x := r.explained(a)
	if len(x.Remedies) != 1 || x.Remedies[0].Text != "Call again: the upstream is http://127.0.0.1:9912 now, another one than then" {
		t.Errorf("%+v", x.Remedies)
	}
}

// TestUpstreamFailureText: each failure is a word in JSON, and one that is not
// known yet a failure still.
func TestUpstreamFailureText(t *testing.T) {
	for f := model.UpstreamDidNotFail; f <= model.UpstreamUnreadable; f++ {
		text, err := json.Marshal(model.Activity{UpstreamFailure: f})
		var back model.Activity
		if err == nil {
			err = json.Unmarshal(text, &back)
		}
		if err != nil || back.UpstreamFailure != f || strings.Contains(string(text), "upstream") == (f == 0) || (f.Cause() == "") != (f == 0) {
			t.Errorf("%v: %s, %v", f, text, err)
		}
	}
	var f model.UpstreamFailure
	if err := f.UnmarshalText([]byte("upstream-of-another-day")); err != nil || f != model.UpstreamBroke {
		t.Errorf("%v, %v", f, err)
	}
}
