package model_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dev.keyward/keyward/model"
)

// remediesOf are the kinds and texts of what would help a call.
func (r *refusedWorld) remediesOf(a model.Activity) (list []string) {
	r.t.Helper()
	for _, y := range r.explained(a).Remedies {
		list = append(list, fmt.Sprintf("%d %s", y.Kind, y.Text))
	}
	return list
}

func (r *refusedWorld) wantRemedies(a model.Activity, want ...string) {
	r.t.Helper()
	if diff := cmp.Diff(want, r.remediesOf(a)); diff != "" {
		r.t.Errorf("the remedies differ (-want +got):\n%s", diff)
	}
}

func remedy(kind model.RemedyKind, text string) string { return fmt.Sprintf("%d %s", kind, text) }

// Of workflows that match the same call, the one that its key may not invoke is to
// be changed, else the one that was made last.
func TestExplainClash(t *testing.T) {
	r := newRefusedWorld(t)
	ctx := t.Context()
	r.clock.Advance(time.Second)
	r.workflow("a later one", "GET", "/customers/{nr}/")
	a := r.call(get("/customers/7?_profile=Test", r.secrets["app"]))
	r.wantRemedies(a,
		remedy(model.ChangeBinding, `Change the binding of "a later one" (/customers/{nr}/), which the key "app" may not invoke, so that only one workflow matches`),
		remedy(model.ChangeBinding, `Or change the binding of "customer" (/customers/{id}), which the key "app" may invoke`))
	must(t)(r.EditKey(ctx, "app", model.KeyEdit{Permit: []string{"a later one"}}))
	r.wantRemedies(a,
		remedy(model.ChangeBinding, `Change the binding of "a later one" (/customers/{nr}/), the one made last: the key "app" may invoke each of them, so that only one workflow matches`),
		remedy(model.ChangeBinding, `Or change the binding of "customer" (/customers/{id})`))
	must(t)(r.EditKey(ctx, "app", model.KeyEdit{Forbid: []string{"a later one", "customer"}}))
	if got := r.remediesOf(a); !strings.Contains(got[0], `"a later one" (/customers/{nr}/), the one made last: the key "app" may invoke none of them`) {
		t.Errorf("with neither permitted: %q", got)
	}
	must(t)(r.EditKey(ctx, "app", model.KeyEdit{Permit: []string{"a later one"}}))
	if got := r.remediesOf(a); !strings.Contains(got[0], `"customer" (/customers/{id}), which the key "app" may not invoke`) {
		t.Errorf("with the later one permitted: %q", got)
	}
}

// What a caller most likely meant is named, and nothing that is not near.
func TestExplainNearest(t *testing.T) {
	r := newRefusedWorld(t)
	r.workflow("items of", "GET", "/api/v1/orders/{id}/items")
	r.workflow("profile", "GET", "/{tenant}/profile")
	for _, tt := range []struct{ path, want string }{
		{"/customer/7", `/customers/{id} ("customer")`}, // a letter is missing
		{"/cusotmers/7", `/customers/{id} ("customer")`},
		{"/CUSTOMERS/7", `/customers/{id} ("customer")`},
		{"/api/customers/7", `/customers/{id} ("customer")`}, // a segment too many
		{"/v1/orders/7/items", `/api/v1/orders/{id}/items ("items of")`},
		{"/api/v1/orders/7/lines", `/api/v1/orders/{id}/items ("items of")`},
		{"/acme/profil", `/{tenant}/profile ("profile")`},
		{"/api/v1/products/7/prices", ""}, // shares less than it does not
		{"/nothing/like/it", ""},
		{"/x", ""},
		{"/", ""},
		{"/" + strings.Repeat("x", 200), ""},
		{strings.Repeat("/customers", 60), ""},
	} {
		x := r.explained(r.call(get(tt.path+"?_profile=Test", r.secrets["app"])))
		last := x.Steps[len(x.Steps)-1].Text
		_, got, _ := strings.Cut(last, "; the nearest is GET ")
		if got != tt.want {
			t.Errorf("%s: %s\nwant %q", tt.path, last, tt.want)
		}
		kinds := []model.RemedyKind{model.Advice, model.BindWorkflow}
		if tt.want == "" {
			kinds = kinds[1:]
		}
		if len(x.Remedies) != len(kinds) || x.Remedies[len(kinds)-1].Kind != model.BindWorkflow {
			t.Errorf("%s: the remedies are %+v", tt.path, x.Remedies)
		}
	}
}

// A call by a host of no environment is told so, with the hosts that there are;
// where no environment has any, hosts are not spoken of.
func TestExplainHost(t *testing.T) {
	r := newRefusedWorld(t)
	ctx := t.Context()
	call := func(host, target string) model.Activity {
		t.Helper()
		q := get(target, r.secrets["app"])
		q.Host = host
		return r.call(q)
	}
	last := func(a model.Activity) string {
		steps := r.explained(a).Steps
		return steps[len(steps)-1].Text
	}
	hosts := func(name string, hosts ...string) {
		t.Helper()
		if _, err := r.EditEnvironment(ctx, name, model.EnvironmentEdit{Hosts: &hosts}); err != nil {
			t.Fatal(err)
		}
	}
	hosts("Test", "test.localhost", "b.test", "c.test", "d.test")
	a := call("API-test.example.com:8443", "/customers/7")
	want := `the key is pinned to Test; the call did not send _profile=Test, and its host api-test.example.com belongs to no environment, ` +
		`so it asks for "Production"; "Test" has the hosts b.test, c.test, d.test and 1 more`
	if got := last(a); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	r.wantRemedies(a,
		remedy(model.Advice, `Have the caller send _profile=Test with the call, or use a host of "Test": b.test, c.test, d.test and 1 more`),
		remedy(model.ChangeEnvironment, `Or give the environment "Test" the host api-test.example.com, if calls through it are meant for that`),
		remedy(model.ChangeTarget, `Or change the target of the key "app", if its holder may invoke "Production"`))
	a = call("uat.example.com", "/customers/7")
	if got := last(a); got != `the key is pinned to "Test"; the host uat.example.com asks for "User Test"` {
		t.Error(got)
	}
	if got := r.remediesOf(a); len(got) != 3 || got[1] != remedy(model.ChangeEnvironment, `Or take the host uat.example.com from "User Test", if it is not that environment's`) {
		t.Errorf("by the host of another: %q", got)
	}
	a = call("uat.example.com", "/customers/7?_profile=Test")
	if got := r.remediesOf(a); len(got) != 2 || got[1] != remedy(model.ChangeEnvironment, `Or take the host uat.example.com from "User Test", if it is not that environment's`) {
		t.Errorf("contradicted: %q", got)
	}
	a = call("test.localhost", "/customers/7?_profile=Tset")
	if got := r.remediesOf(a); len(got) != 2 || got[1] != remedy(model.MakeEnvironment, `Or make the environment "Tset", if there should be one`) {
		t.Errorf("unknown: %q", got)
	}
	if got := r.remediesOf(call("test.localhost", "/customers/7?_profile=a%2Fb")); len(got) != 1 {
		t.Errorf("no environment can have that name: %q", got)
	}
	hosts("Test")
	hosts("User Test")
	a = call("api-test.example.com", "/customers/7")
	if got := last(a); got != `the key is pinned to Test; the call did not send _profile=Test, so it asks for "Production"` || len(r.remediesOf(a)) != 2 {
		t.Errorf("without hosts: %s, %q", got, r.remediesOf(a))
	}
}

// How many workflows a key may invoke is said in words that fit the number.
func TestExplainHowManyPermitted(t *testing.T) {
	r := newRefusedWorld(t)
	q := get("/orders", r.secrets["prod"])
	post(nil, q)
	a := r.call(q)
	for _, tt := range []struct {
		edit model.KeyEdit
		want string
	}{
		{model.KeyEdit{}, `the workflow "order" is not the one that the key "prod" may invoke`},
		{model.KeyEdit{Permit: []string{"me"}}, `the workflow "order" is not among the 2 that the key "prod" may invoke`},
		{model.KeyEdit{Forbid: []string{"me", "customer"}}, `the key "prod" may invoke no workflow, so not "order" either`},
	} {
		must(t)(r.EditKey(t.Context(), "prod", tt.edit))
		steps := r.explained(a).Steps
		if got := steps[len(steps)-1].Text; got != tt.want {
			t.Errorf("%s\nwant %s", got, tt.want)
		}
	}
}

// After an expired certificate was renewed, the caller is to use the other one;
// where the other slot is empty, nothing is said of it.
func TestExplainRenewed(t *testing.T) {
	r := newRefusedWorld(t)
	q := get("/customers/7", model.Secret{})
	q.Certificate = r.old.SHA256
	a := r.call(q)
	r.wantRemedies(a, remedy(model.RenewCertificate, `Renew the certificate: put a new one into the key "old", in its secondary slot, which is empty`))
	replace := func(name string, from, to time.Duration) {
		t.Helper()
		c := certificate(name, r.clock.Now().Add(from), r.clock.Now().Add(to))
		must(t)(r.EditKey(t.Context(), "old", model.KeyEdit{Slot: model.Secondary, Certificate: c}))
	}
	replace("next", -time.Hour, 48*time.Hour)
	until := r.clock.Now().Add(48 * time.Hour).UTC().Format("2006-01-02")
	r.wantRemedies(a,
		remedy(model.Advice, "Renewed: have the caller use the secondary one, CN=next, until "+until),
		remedy(model.RenewCertificate, `Or put another one into the key "old", in place of the primary one, which has expired`))
	replace("late", time.Hour, 48*time.Hour)
	if got := r.remediesOf(a); len(got) != 2 || !strings.Contains(got[1], "use the secondary one, CN=late, which is valid from ") {
		t.Errorf("with one that is not valid yet: %q", got)
	}
	replace("short", -time.Hour, time.Minute)
	r.clock.Advance(time.Hour)
	r.wantRemedies(a, remedy(model.RenewCertificate, `Renew the certificate: put a new one into the key "old"; the secondary one, CN=short, has expired too`))
}

// A certificate that no key has is told by what it says of itself, and a key that
// has one of the same subject is offered first.
func TestExplainStrangersCertificate(t *testing.T) {
	r := newRefusedWorld(t)
	presented := func(subject, issuer string, ends time.Time) model.Activity {
		t.Helper()
		q := get("/customers/7", model.Secret{})
		q.Certificate = certificate("stranger", now, now).SHA256
		q.Now = r.clock.Now()
		d := r.service.Snapshot().Decide(q)
		name := func(cn string) pkix.Name {
			if cn == "" {
				return pkix.Name{}
			}
			return pkix.Name{Names: []pkix.AttributeTypeAndValue{{Type: []int{2, 5, 4, 3}, Value: cn}}}
		}
		c := &x509.Certificate{Subject: name(subject), Issuer: name(issuer), NotAfter: ends, RawSubject: []byte(subject)}
		r.rec.Keep(q, &d, model.Observed{At: q.Now, Presented: model.PresentedIn(c)})
		return activity(t, r.Session, model.ActivityQuery{Limit: 1}).Records[0]
	}
	year := r.clock.Now().AddDate(1, 0, 0)
	digest := certificate("stranger", now, now).SHA256.String()
	for _, tt := range []struct {
		a    model.Activity
		want string
	}{
		{presented("stranger", "an authority", year), "CN=stranger, issued by CN=an authority, valid until " + year.UTC().Format("2006-01-02")},
		{presented("stranger", "stranger", now), "CN=stranger, issued by itself, which expired " + now.UTC().Format("2006-01-02")},
		{presented("", "", year), "without a subject, issued by nobody, valid until " + year.UTC().Format("2006-01-02")},
		{presented("a\u202e\x1b]0;x\a"+strings.Repeat("b", 300), "i", year), ""},
		{presented(strings.Repeat("b", 5000), "i", year), "(too long to be kept), issued by CN=i"},
		{presented("kw_"+strings.Repeat("a", 49), "i", year), "[secret], issued by CN=i"},
	} {
		steps := r.explained(tt.a).Steps
		got := steps[0].Text
		if !strings.HasPrefix(got, "no key has the client certificate "+tt.want) || !strings.HasSuffix(got, "(SHA-256 "+digest+")") || len(got) > 450 || model.Clean(got) != got {
			t.Errorf("%s\nwant %s", got, tt.want)
		}
	}
	r.wantRemedies(presented("stranger", "x", year),
		remedy(model.RegisterCertificate, "Put the certificate into a slot of the key that the caller should have: choose that key by one that it has"),
		remedy(model.MakeKey, "Or make a key for it"),
		remedy(model.Advice, "Compare its SHA-256 with the caller's first: anyone can write any name into a certificate"))
	same := presented("early", "x", year)
	r.wantRemedies(same,
		remedy(model.RegisterCertificate, `Put the certificate into a slot of the key "early", which has one of the same subject`),
		remedy(model.RegisterCertificate, "Or put it into a slot of another key: choose that key by one that it has"),
		remedy(model.MakeKey, "Or make a key for it"),
		remedy(model.Advice, "Compare its SHA-256 with the caller's first: anyone can write any name into a certificate"))
	if got := r.explained(same).Remedies[0].Key; got != must(t)(r.Key(t.Context(), "early")).ID {
		t.Errorf("the key is %v", got)
	}
	for _, name := range []string{"early", "old"} {
		if err := r.DeleteKey(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	if got := r.remediesOf(same); len(got) != 2 || got[0] != remedy(model.MakeKey, "Make a key for the certificate") {
		t.Errorf("without any certificate key: %q", got)
	}
}
