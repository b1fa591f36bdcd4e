package model_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// refusedWorld has a caller for each reason.
type refusedWorld struct {
	*world
	rec              *model.Recorder
	secrets          map[string]model.Secret
	old, early, good *model.Certificate
}

func newRefusedWorld(t *testing.T) *refusedWorld {
	w, rec, secret := recordingWorld(t)
	ctx := t.Context()
	r := &refusedWorld{world: w, rec: rec, secrets: map[string]model.Secret{"app": secret}}
	w.workflow("me", "GET", "/customers/me")
	must(t)(w.EditKey(ctx, "app", model.KeyEdit{Permit: []string{"me"}}))
	_, prod, _ := w.token("prod", "Production", "customer")
	r.secrets["prod"] = prod
	_, r.secrets["disabled"], _ = w.token("disabled", "Test", "customer")
	must(t)(w.SetKeyEnabled(ctx, "disabled", false))
	_, r.secrets["deleted"], _ = w.token("deleted", "Test", "customer")
	if err := w.DeleteKey(ctx, "deleted"); err != nil {
		t.Fatal(err)
	}
	_, r.secrets["expired"], _ = w.token("expired", "Test", "customer")
	must(t)(w.EditKey(ctx, "expired", model.KeyEdit{Expires: ptr(now.Add(time.Hour))}))
	_, r.secrets["retired"], _ = w.token("retired", "Test", "customer")
	must(t)(w.RegenerateKey(ctx, "retired", model.Primary, w.secret().Hold(), time.Hour))
	_, r.secrets["no query"], _ = w.token("no query", "Test", "customer")
	must(t)(w.EditKey(ctx, "no query", model.KeyEdit{NoQuery: ptr(true)}))
	r.old = certificate("old", now.Add(-time.Hour), now.Add(time.Hour))
	r.early = certificate("early", now.Add(20*time.Hour), now.Add(30*time.Hour))
	r.good = certificate("good", now.Add(-time.Hour), now.Add(100*time.Hour))
	for name, c := range map[string]*model.Certificate{"old": r.old, "early": r.early} {
		must(t)(w.CreateKey(ctx, model.KeyDraft{Name: name, Kind: model.CertificateKey, Workflows: []string{"customer"}, Primary: model.Holding{Certificate: c}}))
	}
	if _, err := w.CreateEnvironment(ctx, model.EnvironmentDraft{Name: "User Test", Hosts: []string{"uat.example.com"}}); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(2 * time.Hour)
	return r
}

// call decides as the endpoint does and returns what is on record of it.
func (r *refusedWorld) call(request *model.Request) model.Activity {
	r.t.Helper()
	at := r.clock.Now()
	activity(r.t, r.Session, model.ActivityQuery{}) // somebody watches
	observe(r.world, r.rec, request, at)
	page := activity(r.t, r.Session, model.ActivityQuery{Limit: 1})
	return page.Records[0]
}

func (r *refusedWorld) explained(a model.Activity) model.Explanation {
	r.t.Helper()
	x, err := r.Explain(r.t.Context(), a)
	if err != nil {
		r.t.Fatal(err)
	}
	return x
}

// refusals are a call for each reason.
var refusals = map[model.Reason]struct {
	key     string // whose secret
	target  string
	change  func(*refusedWorld, *model.Request)
	kinds   []model.RemedyKind
	step    string                // in the last step
	remedy  string                // in the first one
	instead func(*model.Activity) // a record that no call brings
}{
	model.CredentialAmbiguous: {key: "app", target: "/customers/7?auth-key=x", kinds: []model.RemedyKind{model.Advice}, step: "more than one", remedy: "one credential only"},
	model.CredentialMissing:   {target: "/customers/7", kinds: []model.RemedyKind{model.Advice}, step: "no token", remedy: "Authorization: Key=SECRET"},
	model.CredentialMalformed: {target: "/customers/7?auth-key=x", kinds: []model.RemedyKind{model.Advice}, step: "auth-key is not", remedy: "compare what it sends"},
	model.QueryRefused: {target: "/customers/7?_profile=Test", kinds: []model.RemedyKind{model.Advice, model.AcceptQuery}, step: `the key "no query" did not accept`, remedy: "in place of auth-key",
		change: func(r *refusedWorld, q *model.Request) { q.RawQuery += "&auth-key=" + r.secrets["no query"].Reveal() }},
	model.SecretUnknown: {target: "/customers/7", kinds: []model.RemedyKind{model.Advice, model.Advice}, step: "no key has that secret", remedy: "Find out which key",
		change: func(r *refusedWorld, q *model.Request) {
			q.Authorization = []string{"Bearer " + r.secret().Reveal()}
		}},
	model.CertificateUnknown: {target: "/customers/7", kinds: []model.RemedyKind{model.Advice, model.Advice}, step: "no key has the client certificate", remedy: "Register",
		change: func(r *refusedWorld, q *model.Request) { q.Certificate = r.good.SHA256 }},
	model.SecretRetired: {key: "retired", target: "/customers/7?_profile=Test", kinds: []model.RemedyKind{model.Advice, model.RegenerateSlot}, step: "was replaced, and work", remedy: "newer secret"},
	model.KeyDeleted:    {key: "deleted", target: "/customers/7?_profile=Test", kinds: []model.RemedyKind{model.RestoreKey}, step: `"deleted" was deleted`, remedy: "Restore"},
	model.KeyDisabled:   {key: "disabled", target: "/customers/7?_profile=Test", kinds: []model.RemedyKind{model.EnableKey}, step: "is disabled", remedy: `Enable the key "disabled"`},
	model.KeyExpired:    {key: "expired", target: "/customers/7?_profile=Test", kinds: []model.RemedyKind{model.ExtendKey}, step: "expired", remedy: "expires"},
	model.CertificateNotYetValid: {target: "/customers/7", kinds: []model.RemedyKind{model.Advice, model.RenewCertificate}, step: "valid only from", remedy: "Wait",
		change: func(r *refusedWorld, q *model.Request) { q.Certificate = r.early.SHA256 }},
	model.CertificateExpired: {target: "/customers/7", kinds: []model.RemedyKind{model.RenewCertificate, model.Advice}, step: "expired", remedy: "Renew",
		change: func(r *refusedWorld, q *model.Request) { q.Certificate = r.old.SHA256 }},
	model.PathRefused:             {key: "app", target: "/customers//7?_profile=Test", kinds: []model.RemedyKind{model.Advice}, step: "empty segment", remedy: "plain form"},
	model.PathReserved:            {key: "app", target: "/_keyward;a/x?_profile=Test", kinds: []model.RemedyKind{model.Advice}, step: "keyward's own", remedy: "another path"},
	model.EnvironmentRepeated:     {key: "app", target: "/customers/7?_profile=Test&_profile=Test", kinds: []model.RemedyKind{model.Advice}, step: "2 times", remedy: "once"},
	model.EnvironmentEmpty:        {key: "app", target: "/customers/7?_profile=", kinds: []model.RemedyKind{model.Advice}, step: "is empty", remedy: "there are Production, Test, User Test"},
	model.EnvironmentUnknown:      {key: "app", target: "/customers/7?_profile=Nope", kinds: []model.RemedyKind{model.Advice}, step: `"Nope"`, remedy: "there are Production, Test"},
	model.EnvironmentContradicted: {key: "app", target: "/customers/7?_profile=Test", kinds: []model.RemedyKind{model.Advice}, step: "uat.example.com belongs", remedy: "leave _profile out", change: uatHost},
	model.EnvironmentNotPermitted: {key: "app", target: "/customers/7", kinds: []model.RemedyKind{model.Advice, model.ChangeTarget},
		step: "the key is pinned to Test; the call did not send _profile=Test", remedy: "send _profile=Test with the call"},
	model.RouteUnknown:         {key: "app", target: "/customer/7?_profile=Test", kinds: []model.RemedyKind{model.BindWorkflow}, step: "no workflow is bound to GET /customer/7", remedy: "Bind a workflow to GET /customer/7"},
	model.RouteAmbiguous:       {key: "app", target: "/customers/me?_profile=Test", kinds: []model.RemedyKind{model.ChangeBinding, model.ChangeBinding}, step: "both match", remedy: "Change the binding"},
	model.VariableRepeated:     {key: "app", target: "/customers?since=1&since=2&_profile=Test", kinds: []model.RemedyKind{model.Advice}, step: `"since"`, remedy: "once"},
	model.WorkflowNotPermitted: {key: "app", target: "/orders?_profile=Test", kinds: []model.RemedyKind{model.PermitWorkflow}, step: `"order" is not among the 3`, remedy: `Permit the workflow "order" to the key "app"`, change: post},
	model.Stale: {key: "app", target: "/customers/7", kinds: []model.RemedyKind{model.Advice}, step: "newest change", remedy: "Wait a moment",
		instead: func(a *model.Activity) { a.Reason, a.Key, a.KeyName, a.Slot = model.Stale, 0, "", 0 }},
}

func uatHost(_ *refusedWorld, q *model.Request) { q.Host = "uat.example.com" }
func post(_ *refusedWorld, q *model.Request)    { q.Method = "POST" }

// TestExplainEveryReason: whatever the reason, the steps end with it, the same
// call gets the same now, and there is something that a person can do.
func TestExplainEveryReason(t *testing.T) {
	r := newRefusedWorld(t)
	for reason := model.CredentialAmbiguous; !strings.HasPrefix(reason.String(), "reason("); reason++ {
		t.Run(reason.String(), func(t *testing.T) {
			r.t = t
			tt, ok := refusals[reason]
			if !ok {
				t.Fatal("no call of this test has that reason")
			}
			request := get(tt.target, r.secrets[tt.key])
			if tt.change != nil {
				tt.change(r, request)
			}
			a := r.call(request)
			if tt.instead != nil {
				tt.instead(&a)
			}
			if a.Reason != reason {
				t.Fatalf("the call gets %s", a.Reason)
			}
			x := r.explained(a)
			if want := reason; x.Now != want && want != model.Stale {
				t.Errorf("now it would get %s", x.Now)
			}
			last := x.Steps[len(x.Steps)-1]
			if last.Passed || !strings.Contains(last.Text, tt.step) {
				t.Errorf("the last step is %+v", last)
			}
			for _, s := range x.Steps[:len(x.Steps)-1] {
				if !s.Passed {
					t.Errorf("%+v comes before %+v", s, last)
				}
			}
			var kinds []model.RemedyKind
			for _, y := range x.Remedies {
				kinds = append(kinds, y.Kind)
				if y.Text == "" || strings.HasSuffix(y.Text, ".") || model.Clean(y.Text) != y.Text {
					t.Errorf("the remedy %q is no sentence", y.Text)
				}
				if y.Kind == model.ChangeBinding {
					if y.Workflow == 0 {
						t.Errorf("%+v does not say which workflow", y)
					}
					continue
				}
				if y.Kind != model.Advice && y.Kind != model.BindWorkflow && y.Key == 0 {
					t.Errorf("%+v does not say which key", y)
				}
			}
			if fmt.Sprint(kinds) != fmt.Sprint(tt.kinds) || !strings.Contains(x.Remedies[0].Text, tt.remedy) {
				t.Errorf("the remedies are %+v, want kinds %v", x.Remedies, tt.kinds)
			}
			text := fmt.Sprintf("%+v", x)
			for _, s := range r.secrets {
				if !s.IsZero() && strings.Contains(text, s.Reveal()[3:30]) {
					t.Errorf("a secret shows: %s", text)
				}
			}
			gone := a // the record alone
			if gone.Key != 0 {
				gone.Key, gone.Workflow = 12345, 0
				x = r.explained(gone)
				last := x.Steps[len(x.Steps)-1]
				if last.Passed || len(x.Remedies) == 0 || x.Now != model.SecretUnknown && x.Now != model.CertificateUnknown {
					t.Errorf("with its key gone: %+v", x)
				}
			}
		})
	}
}

// TestExplainAllowed: a call that got through needs no remedy, and is told what
// has changed since.
func TestExplainAllowed(t *testing.T) {
	r := newRefusedWorld(t)
	ctx := t.Context()
	a := r.call(get("/customers/7?_profile=Test", r.secrets["app"]))
	r.clock.Advance(time.Second)
	now := func(want model.Reason) model.Explanation {
		t.Helper()
		x := r.explained(a)
		if x.Now != want || (len(x.Remedies) == 0) != (want == model.Allowed) {
			t.Errorf("now %s, want %s; remedies %+v", x.Now, want, x.Remedies)
		}
		for _, s := range x.Steps {
			if !s.Passed {
				t.Errorf("the call was allowed, yet %+v", s)
			}
		}
		if len(x.Steps) != 6 || !strings.Contains(x.Steps[0].Text, `the secret is the primary one of the key "app"`) {
			t.Errorf("the steps are %+v", x.Steps)
		}
		return x
	}
	now(model.Allowed)
	must(t)(r.EditKey(ctx, "app", model.KeyEdit{Name: ptr("app 2"), Forbid: []string{"customer"}}))
	if x := now(model.WorkflowNotPermitted); x.Remedies[0].Kind != model.PermitWorkflow || !strings.Contains(x.Remedies[0].Text, `"app 2"`) {
		t.Errorf("remedies: %+v", x.Remedies)
	}
	must(t)(r.EditKey(ctx, "app 2", model.KeyEdit{Permit: []string{"customer"}}))
	must(t)(r.RegenerateKey(ctx, "app 2", model.Primary, r.secret().Hold(), time.Hour))
	now(model.Allowed) // in its grace period
	r.clock.Advance(2 * time.Hour)
	now(model.SecretRetired)
	must(t)(r.EditKey(ctx, "app 2", model.KeyEdit{NoQuery: ptr(true)}))
	must(t)(r.SetKeyEnabled(ctx, "app 2", false))
	now(model.KeyDisabled)
}

// TestExplainMended: a refusal that was mended says so, and still why it was.
func TestExplainMended(t *testing.T) {
	r := newRefusedWorld(t)
	ctx := t.Context()
	order := get("/orders?_profile=Test", r.secrets["app"])
	post(nil, order)
	for _, tt := range []struct {
		a    model.Activity
		mend func() error
		text string
	}{
		{r.call(get("/customers/7?_profile=Test", r.secrets["disabled"])), func() error {
			_, err := r.SetKeyEnabled(ctx, "disabled", true)
			return err
		}, `the key "disabled" was disabled`},
		{r.call(order), func() error {
			_, err := r.EditKey(ctx, "app", model.KeyEdit{Permit: []string{"order"}})
			return err
		}, `the workflow "order" was not among`},
		{r.call(get("/customer/7?_profile=Test", r.secrets["app"])), func() error {
			if _, err := r.CreateWorkflow(ctx, model.WorkflowDraft{Name: "one", Method: "GET", Path: "/customer/{id}"}); err != nil {
				return err
			}
			_, err := r.EditKey(ctx, "app", model.KeyEdit{Permit: []string{"one"}})
			return err
		}, "no workflow was bound to GET /customer/7"},
		{r.call(get("/customers/7", r.secrets["app"])), func() error {
			_, err := r.EditKey(ctx, "app", model.KeyEdit{Environment: ptr("")})
			return err
		}, `the key "app" was pinned to another environment than "Production"`},
		{r.call(func() *model.Request {
			q := get("/customers/7", model.Secret{})
			q.Certificate = r.good.SHA256
			return q
		}()), func() error {
			_, err := r.CreateKey(ctx, model.KeyDraft{Name: "good", Kind: model.CertificateKey, Workflows: []string{"customer"}, Primary: model.Holding{Certificate: r.good}})
			return err
		}, "no key has the client certificate"},
	} {
		if err := tt.mend(); err != nil {
			t.Fatal(err)
		}
		x := r.explained(tt.a)
		last := x.Steps[len(x.Steps)-1]
		if x.Now != model.Allowed || len(x.Remedies) != 0 || last.Passed || !strings.Contains(last.Text, tt.text) {
			t.Errorf("%s: now %s, %+v, %+v", tt.a.Reason, x.Now, last, x.Remedies)
		}
	}
}

// TestExplainClosest: what the caller may have meant.
func TestExplainClosest(t *testing.T) {
	r := newRefusedWorld(t)
	r.workflow("orders of", "GET", "/shops/{shop}/orders/{id}")
	for _, tt := range []struct{ method, target, want string }{
		{"PUT", "/customers/7?_profile=Test", `Have the caller send GET in place of PUT: that is the workflow "customer"`},
		{"GET", "/customers?_profile=Test", `Have the caller send the query parameter "since", which the workflow there needs`},
		{"GET", "/shops/3/order/7?_profile=Test", `Have the caller compare its path with GET /shops/{shop}/orders/{id}, the workflow "orders of": that comes closest`},
		{"GET", "/Customers/7?_profile=Test", `Have the caller compare its path with GET /customers/{id}, the workflow "customer": that comes closest`},
		{"GET", "/nothing?_profile=Test", "Bind a workflow to GET /nothing, if there should be one"},
	} {
		request := get(tt.target, r.secrets["app"])
		request.Method = tt.method
		if got := r.explained(r.call(request)).Remedies[0].Text; got != tt.want {
			t.Errorf("%s %s: %s\nwant %s", tt.method, tt.target, got, tt.want)
		}
	}
	for _, tt := range []struct{ key, host, target, want string }{
		{"prod", "localhost", "/customers/7?_profile=Test", `Have the caller leave _profile out, which asks for "Production"`},
		{"app", "localhost", "/customers/7?_profile=Production", "Have the caller send _profile=Test in place of the _profile that it sends"},
		{"app", "uat.example.com", "/customers/7", `Have the caller use a host that belongs to no environment, and send _profile=Test: uat.example.com belongs to "User Test"`},
	} {
		request := get(tt.target, r.secrets[tt.key])
		request.Host = tt.host
		if got := r.explained(r.call(request)).Remedies[0].Text; got != tt.want {
			t.Errorf("%s: %s\nwant %s", tt.target, got, tt.want)
		}
	}
}

// TestExplainHostile: a record may say anything.
func TestExplainHostile(t *testing.T) {
	r := newRefusedWorld(t)
	key := must(t)(r.Key(t.Context(), "app"))
	nasty := "\x1b]0;x\a\u202e\n%s%!d(" + strings.Repeat("/", 5000)
	for reason := model.Undecided; reason < 60; reason++ {
		for _, id := range []model.ID{0, 1, key.ID} {
			for _, partial := range []bool{false, true} {
				x := r.explained(model.Activity{
					Method: nasty, Host: nasty, Path: nasty, Query: nasty, KeyName: nasty, Bound: nasty, Environment: nasty,
					Reason: reason, Key: id, Slot: 9, Credential: 9, Workflow: 77, Partial: partial,
				})
				for _, s := range x.Steps {
					if model.Clean(s.Text) != s.Text {
						t.Errorf("%s: the step %q", reason, s.Text)
					}
				}
				for _, y := range x.Remedies {
					if model.Clean(y.Text) != y.Text {
						t.Errorf("%s: the remedy %q", reason, y.Text)
					}
				}
			}
		}
	}
	a := r.call(get("/customers/"+strings.Repeat("x", 3000)+"?_profile=Test", r.secrets["app"]))
	if x := r.explained(a); !a.Partial || x.Now != model.Allowed || len(x.Steps) != 6 {
		t.Errorf("of a long path: %v, now %s, %+v", a.Partial, x.Now, x.Steps)
	}
}
