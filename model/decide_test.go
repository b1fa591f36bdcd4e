package model_test

import (
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// fixture is a world with one workflow and a key for it in Test.
func fixture(t testing.TB) (*world, model.Secret, model.Secret) {
	w := newWorld(t)
	w.workflow("customer", "GET", "/customers/{id}")
	w.workflow("search", "GET", "/customers?since={from}")
	w.workflow("order", "POST", "/orders")
	_, a, b := w.token("app", "Test", "customer", "search")
	return w, a, b
}

func TestCredential(t *testing.T) {
	w, secret, _ := fixture(t)
	s := secret.Reveal()
	typo := s[:len(s)-1] + "!"
	swapped := s[:10] + flip(s[10]) + s[11:]
	for _, tt := range []struct {
		name   string
		header []string
		query  string
		want   model.Reason
	}{
		{"key", []string{"Key=" + s}, "", model.Allowed},
		{"key in lower case", []string{"key=" + s}, "", model.Allowed},
		{"key in upper case", []string{"KEY=" + s}, "", model.Allowed},
		{"blanks around", []string{" Key = \t" + s + " "}, "", model.Allowed},
		{"bearer", []string{"Bearer " + s}, "", model.Allowed},
		{"bearer in any case, tab", []string{"bEARER\t " + s}, "", model.Allowed},
		{"query", nil, "auth-key=" + s, model.Allowed},
		{"query, encoded name and value", nil, "%61uth%2Dkey=%6b" + s[1:], model.Allowed},
		{"nothing", nil, "", model.CredentialMissing},
		{"empty header", []string{""}, "", model.CredentialMissing},
		{"basic is not ours", []string{"Basic dTpw"}, "", model.CredentialMissing},
		{"basic beside a query token", []string{"Basic dTpw"}, "auth-key=" + s, model.Allowed},
		{"a scheme that begins like ours", []string{"Keyring=abc"}, "", model.CredentialMissing},
		{"two headers", []string{"Key=" + s, "Key=" + s}, "", model.CredentialAmbiguous},
		{"two headers, one foreign", []string{"Key=" + s, "Basic dTpw"}, "", model.CredentialAmbiguous},
		{"header and query", []string{"Key=" + s}, "auth-key=" + s, model.CredentialAmbiguous},
		{"header and empty query", []string{"Key=" + s}, "auth-key=", model.CredentialAmbiguous},
		{"query twice", nil, "auth-key=" + s + "&auth-key=" + s, model.CredentialAmbiguous},
		{"query twice, one hidden by case and encoding", nil, "auth-key=" + s + "&%41UTH-KEY=x", model.CredentialAmbiguous},
		{"query name in the wrong case", nil, "Auth-Key=" + s, model.CredentialMalformed},
		{"query value badly encoded", nil, "auth-key=%zz", model.CredentialMalformed},
		{"query value empty", nil, "auth-key=", model.CredentialMalformed},
		{"query without a value", nil, "auth-key", model.CredentialMalformed},
		{"bearer with a sign", []string{"Bearer=" + s}, "", model.CredentialMalformed},
		{"a secret alone", []string{s}, "", model.CredentialMalformed},
		{"a secret in another scheme", []string{"Token " + s}, "", model.CredentialMalformed},
		{"most of a secret after a colon", []string{"Key:" + s[:40]}, "", model.CredentialMalformed},
		{"key without its sign", []string{"Key " + s}, "", model.CredentialMalformed},
		{"key alone", []string{"Key"}, "", model.CredentialMalformed},
		{"key empty", []string{"Key="}, "", model.CredentialMalformed},
		{"bearer alone", []string{"Bearer"}, "", model.CredentialMalformed},
		{"bearer of another", []string{"Bearer eyJhbGciOiJIUzI1NiJ9.e30.x"}, "", model.CredentialMalformed},
		{"two in one header", []string{"Key=" + s + ", Key=" + s}, "", model.CredentialMalformed},
		{"a bad character", []string{"Key=" + typo}, "", model.CredentialMalformed},
		{"a typo", []string{"Key=" + swapped}, "", model.CredentialMalformed},
		{"cut short", []string{"Key=" + s[:40]}, "", model.CredentialMalformed},
		{"a stranger", []string{"Key=" + w.secret().Reveal()}, "", model.SecretUnknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w.t = t
			r := get("/customers/7?_profile=Test&"+tt.query, model.Secret{})
			r.Authorization = tt.header
			w.want(r, tt.want)
		})
	}
}

// flip returns another base62 character.
func flip(c byte) string {
	if c == 'a' {
		return "b"
	}
	return "a"
}

// TestTokenDecidesAlone: a bad token never falls through to the certificate.
func TestTokenDecidesAlone(t *testing.T) {
	w, _, _ := fixture(t)
	cert := certificate("c", now.Add(-time.Hour), now.Add(time.Hour))
	if _, err := w.CreateKey(t.Context(), model.KeyDraft{
		Name: "cert", Kind: model.CertificateKey, Workflows: []string{"customer"}, Primary: model.Holding{Certificate: cert},
	}); err != nil {
		t.Fatal(err)
	}
	r := get("/customers/7", model.Secret{})
	r.Certificate = cert.SHA256
	w.want(r, model.Allowed)
	for _, header := range []string{"Key=", "Key=nonsense", "Bearer " + w.secret().Reveal()} {
		r.Authorization = []string{header}
		if d := w.decide(r); d.Allowed() {
			t.Errorf("with %q the certificate was taken", header[:4])
		}
	}
	r.Authorization = []string{"Basic dTpw"}
	if d := w.want(r, model.Allowed); !d.Foreign {
		t.Error("a foreign Authorization is not told")
	}
}

func TestQueryOff(t *testing.T) {
	w, secret, _ := fixture(t)
	r := get("/customers/7?_profile=Test&auth-key="+secret.Reveal(), model.Secret{})
	w.want(r, model.Allowed)
	r.NoQuery = true
	w.want(r, model.QueryRefused)
	r.NoQuery = false
	off := true
	if _, err := w.EditKey(t.Context(), "app", model.KeyEdit{NoQuery: &off}); err != nil {
		t.Fatal(err)
	}
	w.want(r, model.QueryRefused)
	w.want(get("/customers/7?_profile=Test", secret), model.Allowed)
}

func TestKeyState(t *testing.T) {
	w, a, b := fixture(t)
	ok := get("/customers/7?_profile=Test", a)
	ctx := t.Context()
	w.want(ok, model.Allowed)
	must(t)(w.SetKeyEnabled(ctx, "APP", false))
	w.want(ok, model.KeyDisabled)
	must(t)(w.SetKeyEnabled(ctx, "app", true))
	w.want(ok, model.Allowed)

	end := now.Add(time.Hour)
	must(t)(w.EditKey(ctx, "app", model.KeyEdit{Expires: &end}))
	for _, tt := range []struct {
		at   time.Duration
		want model.Reason
	}{{-1, model.Allowed}, {0, model.KeyExpired}, {1, model.KeyExpired}} {
		r := *ok
		r.Now = end.Add(tt.at)
		w.want(&r, tt.want)
	}
	if err := w.DeleteKey(ctx, "app"); err != nil {
		t.Fatal(err)
	}
	w.want(ok, model.KeyDeleted)
	w.want(get("/customers/7?_profile=Test", b), model.KeyDeleted)
	w.reopen()
	w.want(ok, model.KeyDeleted)
}

func must(t testing.TB) func(model.KeyInfo, error) model.KeyInfo {
	return func(info model.KeyInfo, err error) model.KeyInfo {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
}

func TestGrace(t *testing.T) {
	w, a, b := fixture(t)
	ctx := t.Context()
	path := "/customers/7?_profile=Test"
	at := func(s model.Secret, d time.Duration) *model.Request {
		r := get(path, s)
		r.Now = now.Add(d)
		return r
	}
	second := w.secret()
	must(t)(w.RegenerateKey(ctx, "app", model.Primary, second.Hold(), time.Hour))
	d := w.want(at(a, time.Hour-1), model.Allowed)
	if !d.Retiring || d.Slot != model.Primary {
		t.Errorf("got retiring %t, slot %s", d.Retiring, d.Slot)
	}
	w.want(at(a, time.Hour), model.SecretRetired)
	w.want(at(second, 0), model.Allowed)
	w.want(at(b, 0), model.Allowed)

	third := w.secret()
	must(t)(w.RegenerateKey(ctx, "app", model.Primary, third.Hold(), 24*time.Hour))
	for _, s := range []model.Secret{a, second, third, b} {
		w.want(at(s, 0), model.Allowed)
	}
	fourth := w.secret()
	must(t)(w.RegenerateKey(ctx, "app", model.Primary, fourth.Hold(), 0))
	for _, s := range []model.Secret{a, second, third} {
		w.want(at(s, 0), model.SecretRetired)
		w.want(at(s, -50*365*24*time.Hour), model.SecretRetired) // a clock that jumps back gives nothing back
	}
	w.want(at(fourth, 0), model.Allowed)
	w.want(at(b, 0), model.Allowed)
	if info := must(t)(w.Key(ctx, "app")); len(info.Slots[0].Retiring) != 0 {
		t.Errorf("still working are %+v", info.Slots[0].Retiring)
	}
}

// TestLatestReplaced: of the secrets that were cut off the latest are known as
// such, and no more of them than there is room for.
func TestLatestReplaced(t *testing.T) {
	w, a, _ := fixture(t)
	ctx := t.Context()
	secrets := []model.Secret{a}
	for range 12 {
		next := w.secret()
		must(t)(w.RegenerateKey(ctx, "app", model.Primary, next.Hold(), 0))
		secrets = append(secrets, next)
	}
	for i, s := range secrets {
		reason := model.SecretRetired
		switch {
		case i == len(secrets)-1:
			reason = model.Allowed
		case i < len(secrets)-9:
			reason = model.SecretUnknown
		}
		w.want(get("/customers/7?_profile=Test", s), reason)
	}
	next := w.secret() // one in its grace period takes the place of one that was cut off
	must(t)(w.RegenerateKey(ctx, "app", model.Primary, next.Hold(), time.Hour))
	w.want(get("/customers/7?_profile=Test", secrets[len(secrets)-1]), model.Allowed)
	w.want(get("/customers/7?_profile=Test", next), model.Allowed)
}

// TestEndedForGood: a grace period that was over when the next secret was replaced
// does not begin again with a clock that is set back.
func TestEndedForGood(t *testing.T) {
	w, a, _ := fixture(t)
	ctx := t.Context()
	second, third := w.secret(), w.secret()
	must(t)(w.RegenerateKey(ctx, "app", model.Primary, second.Hold(), time.Hour))
	begun := w.clock.Now()
	w.clock.Advance(2 * time.Hour)
	must(t)(w.RegenerateKey(ctx, "app", model.Primary, third.Hold(), time.Hour))
	for at, wants := range map[time.Time][3]model.Reason{
		w.clock.Now(): {model.SecretRetired, model.Allowed, model.Allowed},
		begun:         {model.SecretRetired, model.Allowed, model.Allowed},
	} {
		for i, s := range []model.Secret{a, second, third} {
			r := get("/customers/7?_profile=Test", s)
			r.Now = at
			w.want(r, wants[i])
		}
	}
}

func TestCertificateValidity(t *testing.T) {
	w := newWorld(t)
	w.workflow("customer", "GET", "/customers/{id}")
	cert := certificate("c", now.Add(-time.Hour), now.Add(time.Hour))
	must(t)(w.CreateKey(t.Context(), model.KeyDraft{
		Name: "cert", Kind: model.CertificateKey, Workflows: []string{"customer"}, Primary: model.Holding{Certificate: cert},
	}))
	r := get("/customers/7", model.Secret{})
	r.Certificate = cert.SHA256
	for _, tt := range []struct {
		at   time.Time
		want model.Reason
	}{
		{cert.NotBefore.Add(-1), model.CertificateNotYetValid},
		{cert.NotBefore, model.Allowed},
		{cert.NotAfter, model.Allowed},
		{cert.NotAfter.Add(1), model.CertificateExpired},
	} {
		r.Now = tt.at
		w.want(r, tt.want)
	}
	r.Now, r.Certificate = now, model.Digest{1}
	w.want(r, model.CertificateUnknown)
}

func TestEnvironment(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.workflow("customer", "GET", "/customers/{id}")
	for _, e := range []model.EnvironmentDraft{{Name: "UAT 2", Hosts: []string{"uat.example.com"}}, {Name: "Staging"}} {
		if _, err := w.CreateEnvironment(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	_, test, _ := w.token("test", "Test", "customer")
	_, prod, _ := w.token("prod", "Production", "customer")
	_, uat, _ := w.token("uat", "uat 2", "customer")
	_, open, _ := w.token("open", "", "customer")
	for _, tt := range []struct {
		name   string
		secret model.Secret
		host   string
		query  string
		want   model.Reason
	}{
		{"pinned to Test, named", test, "", "_profile=Test", model.Allowed},
		{"in any case", test, "", "_PROFILE=tEST", model.Allowed},
		{"not named", test, "", "", model.EnvironmentNotPermitted},
		{"another named", test, "", "_profile=Production", model.EnvironmentNotPermitted},
		{"production needs no name", prod, "", "", model.Allowed},
		{"production named", prod, "", "_profile=production", model.Allowed},
		{"production key, Test named", prod, "", "_profile=Test", model.EnvironmentNotPermitted},
		{"by host", uat, "uat.example.com", "", model.Allowed},
		{"by host with port, case and dot", uat, "UAT.Example.com.:8443", "", model.Allowed},
		{"host and name agree", uat, "uat.example.com", "_profile=UAT%202", model.Allowed},
		{"plus for the space", uat, "", "_profile=UAT+2", model.Allowed},
		{"decoded once only", uat, "", "_profile=UAT%25202", model.EnvironmentUnknown},
		{"host and name disagree", open, "uat.example.com", "_profile=Test", model.EnvironmentContradicted},
		{"host decides, key elsewhere", prod, "uat.example.com", "", model.EnvironmentNotPermitted},
		{"no target, nothing named", open, "", "", model.Allowed},
		{"no target, any named", open, "", "_profile=Staging", model.Allowed},
		{"unknown", open, "", "_profile=Nowhere", model.EnvironmentUnknown},
		{"badly encoded", open, "", "_profile=%", model.EnvironmentUnknown},
		{"empty", open, "", "_profile=", model.EnvironmentEmpty},
		{"no value", open, "", "_profile", model.EnvironmentEmpty},
		{"repeated", open, "", "_profile=Test&_profile=Test", model.EnvironmentRepeated},
		{"repeated, one in another case and encoding", open, "", "_profile=Test&%5FProfile=Test", model.EnvironmentRepeated},
		{"behind a semicolon it is part of the value", open, "", "_profile=Test;_profile=Production", model.EnvironmentUnknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w.t = t
			r := get("/customers/7?"+tt.query, tt.secret)
			r.Host = tt.host
			w.want(r, tt.want)
		})
	}
}

func TestRoute(t *testing.T) {
	w, a, _ := fixture(t)
	w.workflow("orders-of", "GET", "/customers/{id}/orders/{order}")
	w.workflow("me", "GET", "/customers/me")
	w.workflow("page", "GET", "/pages/{name}?size={n}&from={f}")
	for _, tt := range []struct {
		name, method, target string
		want                 model.Reason
		workflow             string
	}{
		{"a variable", "GET", "/customers/7", model.Allowed, "customer"},
		{"a trailing slash", "GET", "/customers/7/", model.Allowed, "customer"},
		{"an encoded variable", "GET", "/customers/J%C3%BCrgen%20A", model.Allowed, "customer"},
		{"a query variable", "GET", "/customers?since=2026", model.Allowed, "search"},
		{"an empty query variable", "GET", "/customers?since=", model.Allowed, "search"},
		{"other parameters", "GET", "/customers?x=1&since=2026&y", model.Allowed, "search"},
		{"the query variable left out", "GET", "/customers", model.RouteUnknown, ""},
		{"its case matters", "GET", "/customers?Since=1", model.RouteUnknown, ""},
		{"repeated", "GET", "/customers?since=1&since=2", model.VariableRepeated, ""},
		{"badly encoded", "GET", "/customers?since=%zz", model.VariableRepeated, ""},
		{"a literal beside a variable", "GET", "/customers/me", model.RouteAmbiguous, ""},
		{"an encoded literal", "GET", "/%63ustomers/7", model.Allowed, "customer"},
		{"a literal's case matters", "GET", "/Customers/7", model.RouteUnknown, ""},
		{"another method", "POST", "/customers/7", model.RouteUnknown, ""},
		{"a method in lower case", "get", "/customers/7", model.RouteUnknown, ""},
		{"too short", "GET", "/", model.RouteUnknown, ""},
		{"too long", "GET", "/customers/7/orders", model.RouteUnknown, ""},
		{"not permitted", "GET", "/customers/7/orders/8", model.WorkflowNotPermitted, "orders-of"},
		{"not permitted, by query", "GET", "/pages/x?from=1&size=2", model.WorkflowNotPermitted, "page"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w.t = t
			sep := "?"
			if strings.Contains(tt.target, "?") {
				sep = "&"
			}
			r := get(tt.target+sep+"_profile=Test", a)
			r.Method = tt.method
			d := w.want(r, tt.want)
			got := ""
			if d.Workflow != nil {
				got = d.Workflow.Name
			}
			if got != tt.workflow {
				t.Errorf("got the workflow %q, want %q", got, tt.workflow)
			}
		})
	}
}

func TestVariables(t *testing.T) {
	w, _, _ := fixture(t)
	w.workflow("all", "PUT", "/a/{x}/b/{y}?q={z}")
	_, s, _ := w.token("v", "", "all")
	r := get("/a/1%202/b/%C3%BC?q=a+b%26c", s)
	r.Method = "PUT"
	d := w.want(r, model.Allowed)
	want := []model.Variable{{Name: "x", Value: "1 2"}, {Name: "y", Value: "ü"}, {Name: "z", Value: "a b&c"}}
	if len(d.Variables) != 3 || d.Variables[0] != want[0] || d.Variables[1] != want[1] || d.Variables[2] != want[2] {
		t.Errorf("got %+v, want %+v", d.Variables, want)
	}
}

func TestPathForm(t *testing.T) {
	w, a, _ := fixture(t)
	refused := []string{
		"", "*", "customers/7", "//customers/7", "/customers//7", "/customers/7//", "/customers/./7", "/customers/../7",
		"/customers/%2e/7", "/customers/%2E%2e/7", "/customers/.%2e", "/customers/a%2fb", "/customers/a%2Fb", "/customers/a%5cb",
		`/customers/a\b`, "/customers/%00", "/customers/a%0ab", "/customers/a\x01", "/customers/%7f", "/customers/%zz", "/customers/%4",
		"/customers/%", "/customers/%c0%ae", "/customers/%ff", "/customers/%C2%85", "/customers/%252e%252e", "/customers/a%252fb",
		"/customers/a%25252fb", "/customers/..;x", "/customers/.;/7", "/customers/;x", "/customers/%2525252525", "/customers/%" + strings.Repeat("25", 4000),
	}
	for _, path := range refused {
		r := get("/x?_profile=Test", a)
		r.Path = path
		w.want(r, model.PathRefused)
		r.Authorization = nil
		if d := w.decide(r); d.Reason.Status() != 401 {
			t.Errorf("%q without a credential: %s, want a 401: the credential is judged first", path, d.Reason)
		}
	}
	for _, path := range []string{"/_keyward/health", "/%5fkeyward/x", "/_keyward", "/_keyward;x/y", "/openapi.yml", "/openapi%2Eyml"} {
		r := get("/x?_profile=Test", a)
		r.Path = path
		w.want(r, model.PathReserved)
	}
	for _, path := range []string{"/customers/a;b", "/customers/100%25", "/customers/...", "/customers/a%3Fb%23", "/customers/~a:b@c"} {
		r := get("/x?_profile=Test", a)
		r.Path = path
		w.want(r, model.Allowed)
	}
}

func TestEmptySlotMatchesNothing(t *testing.T) {
	w := newWorld(t)
	w.workflow("customer", "GET", "/customers/{id}")
	cert := certificate("only", now.Add(-time.Hour), now.Add(time.Hour))
	must(t)(w.CreateKey(t.Context(), model.KeyDraft{
		Name: "half", Kind: model.CertificateKey, Workflows: []string{"customer"}, Primary: model.Holding{Certificate: cert},
	}))
	for _, header := range []string{"", "Key=", "Bearer ", "Key=kw_"} {
		r := get("/customers/7", model.Secret{})
		r.Authorization = []string{header}
		if d := w.decide(r); d.Key != nil {
			t.Errorf("the header %q found the key %q", header, d.Key.Name)
		}
	}
	if d := w.decide(get("/customers/7", model.Secret{})); d.Key != nil {
		t.Errorf("no credential found the key %q", d.Key.Name)
	}
}

// TestStatus holds the table of spec §2.6.
func TestStatus(t *testing.T) {
	want := map[model.Reason]int{
		model.Undecided: 401, model.Allowed: 200,
		model.CredentialAmbiguous: 400, model.CredentialMissing: 401, model.CredentialMalformed: 401, model.QueryRefused: 401,
		model.SecretUnknown: 401, model.CertificateUnknown: 401, model.SecretRetired: 401, model.KeyDeleted: 401,
		model.KeyDisabled: 401, model.KeyExpired: 401, model.CertificateNotYetValid: 401, model.CertificateExpired: 401,
		model.PathRefused: 400, model.PathReserved: 404, model.EnvironmentRepeated: 400, model.EnvironmentEmpty: 400, model.EnvironmentUnknown: 403,
		model.EnvironmentContradicted: 403, model.EnvironmentNotPermitted: 403, model.RouteUnknown: 404, model.RouteAmbiguous: 409,
		model.VariableRepeated: 400, model.WorkflowNotPermitted: 403,
	}
	for r, status := range want {
		if got := r.Status(); got != status {
			t.Errorf("%s: got %d, want %d", r, got, status)
		}
	}
	if len(want) != int(model.WorkflowNotPermitted)+1 {
		t.Errorf("the table has %d reasons, there are %d", len(want), model.WorkflowNotPermitted+1)
	}
}
