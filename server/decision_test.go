package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

type denial struct {
	name, method, target, host string
	authorization              []string
	reason                     model.Reason
}

// denials has a request for every reason that a request without a client
// certificate can be denied for.
func denials(w *world) []denial {
	key := func(name string) []string { return []string{w.header(name)} }
	query := func(name string) string { return "/customers/7?auth-key=" + w.secrets[name].Reveal() }
	unknown := w.header("full")
	stranger, _ := model.NewSecret(w.random)
	return []denial{
		{"two headers", "GET", "/customers/7", "", []string{unknown, unknown}, model.CredentialAmbiguous},
		{"header and query", "GET", query("full"), "", key("full"), model.CredentialAmbiguous},
		{"two in the query", "GET", query("full") + "&Auth-Key=x", "", nil, model.CredentialAmbiguous},
		{"nothing", "GET", "/customers/7", "", nil, model.CredentialMissing},
		{"another scheme", "GET", "/customers/7", "", []string{"Basic eDp5"}, model.CredentialMissing},
		{"a typo", "GET", "/customers/7", "", []string{"Key=kw_nonsense"}, model.CredentialMalformed},
		{"no equals sign", "GET", "/customers/7", "", []string{"Key"}, model.CredentialMalformed},
		{"query refused", "GET", query("no-query"), "", nil, model.QueryRefused},
		{"unknown", "GET", "/customers/7", "", []string{"Bearer " + stranger.Reveal()}, model.SecretUnknown},
		{"retired", "GET", "/customers/7", "", key("retired"), model.SecretRetired},
		{"deleted", "GET", "/customers/7", "", key("deleted"), model.KeyDeleted},
		{"disabled", "GET", "/customers/7", "", key("disabled"), model.KeyDisabled},
		{"expired", "GET", "/customers/7", "", key("expired"), model.KeyExpired},
		{"a dot segment", "GET", "/customers/%2e%2e", "", key("full"), model.PathRefused},
		{"no key and a dot segment", "GET", "/customers/%2e%2e", "", nil, model.CredentialMissing},
		{"a long path", "GET", "/" + strings.Repeat("x", 8<<10), "", key("full"), model.PathRefused},
		{"two environments", "GET", "/customers/7?_profile=Test&_profile=Test", "", key("full"), model.EnvironmentRepeated},
		{"an empty environment", "GET", "/customers/7?_profile=", "", key("full"), model.EnvironmentEmpty},
		{"an unknown environment", "GET", "/customers/7?_profile=Nowhere", "", key("full"), model.EnvironmentUnknown},
		{"another host's environment", "GET", "/customers/7?_profile=Production", "test.example.com", key("full"), model.EnvironmentContradicted},
		{"not the key's environment", "GET", "/customers/7", "", key("tester"), model.EnvironmentNotPermitted},
		{"no route", "GET", "/nowhere", "", key("full"), model.RouteUnknown},
		{"another method", "DELETE", "/customers/7", "", key("full"), model.RouteUnknown},
		{"two routes", "GET", "/either/fixed", "", key("full"), model.RouteAmbiguous},
		{"a repeated variable", "GET", "/search?q=a&q=b", "", key("full"), model.VariableRepeated},
		{"not permitted", "GET", "/forbidden", "", key("full"), model.WorkflowNotPermitted},
	}
}

func (d denial) send(h http.Handler) *httptest.ResponseRecorder {
	r := httptest.NewRequest(d.method, d.target, nil)
	if d.host != "" {
		r.Host = d.host
	}
	for _, a := range d.authorization {
		r.Header.Add("Authorization", a)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec
}

var requestID = regexp.MustCompile(`[0-9a-f]{32}`)

func TestDenials(t *testing.T) {
	w := newWorld(t)
	for _, uniform := range []bool{false, true} {
		h := w.endpoint(func(o *server.Options) { o.DenyUniform = uniform }).Handler()
		bodies := map[int]string{}
		seen := map[model.Reason]bool{}
		for _, d := range denials(w) {
			rec := d.send(h)
			want := d.reason.Status()
			if uniform {
				want = 404
			}
			if rec.Code != want {
				t.Errorf("%s, uniform %v: got %d, want %d", d.name, uniform, rec.Code, want)
			}
			seen[d.reason] = true
			id := rec.Header().Get("X-Keyward-Request-Id")
			if !requestID.MatchString(id) || !strings.Contains(rec.Body.String(), id) {
				t.Errorf("%s: the request id %q is not in the body %s", d.name, id, rec.Body)
			}
			checkAlike(t, d.name, bodies, rec)
			if got := rec.Header().Values("WWW-Authenticate"); (len(got) == 2) != (rec.Code == 401) {
				t.Errorf("%s: %d comes with the challenges %q", d.name, rec.Code, got)
			}
			w.log.await(t, `"reason":"`+d.reason.String()+`"`)
		}
		checkAllReasons(t, seen)
	}
}

// checkAlike holds every answer of a status to the same bytes but for the
// request's id.
func checkAlike(t *testing.T, name string, bodies map[int]string, rec *httptest.ResponseRecorder) {
	t.Helper()
	var body struct{ Message, RequestId string }
	if err := json.Unmarshal(rec.Body.Bytes(), &body); err != nil || body.Message == "" {
		t.Errorf("%s: the body is %q: %v", name, rec.Body, err)
	}
	h := rec.Header().Clone()
	h.Del("X-Keyward-Request-Id")
	var fields []string
	for k, v := range h {
		fields = append(fields, k+": "+strings.Join(v, ", "))
	}
	slices.Sort(fields)
	whole := requestID.ReplaceAllString(rec.Body.String(), "ID") + strings.Join(fields, "\n")
	if first, ok := bodies[rec.Code]; ok && first != whole {
		t.Errorf("%s: got\n%s\nwant, as for the other %d answers,\n%s", name, whole, rec.Code, first)
	}
	bodies[rec.Code] = whole
}

// checkAllReasons fails when model has a reason that no denial tests.
func checkAllReasons(t *testing.T, seen map[model.Reason]bool) {
	t.Helper()
	elsewhere := []model.Reason{
		model.CertificateUnknown, model.CertificateNotYetValid, model.CertificateExpired, // TestCertificateDenials has them
		model.PathReserved, // own answers such a path before model decides
	}
	for r := model.Allowed + 1; r.String() != "" && r <= model.WorkflowNotPermitted; r++ {
		if !seen[r] && !slices.Contains(elsewhere, r) {
			t.Errorf("no request is denied for %v", r)
		}
	}
}

func TestAmbiguousRouteMessage(t *testing.T) {
	w := newWorld(t)
	rec := denial{method: "GET", target: "/either/fixed", authorization: []string{w.header("full")}}.send(w.endpoint(nil).Handler())
	if !strings.HasPrefix(rec.Body.String(), `{"Message":"Multiple Workflows share this route","RequestId":"`) {
		t.Errorf("got %s", rec.Body)
	}
}

func TestAnswerWithoutUpstream(t *testing.T) {
	w := newWorld(t)
	h := w.endpoint(nil).Handler()
	for _, how := range []struct{ name, target, authorization string }{
		{"Key", "/search?q=a%22%3Cb%C3%A9&_profile=test", w.header("full")},
		{"key, any case and blanks", "/search?q=a%22%3Cb%C3%A9&_profile=test", "kEY =  " + w.secrets["full"].Reveal() + " "},
		{"Bearer", "/search?q=a%22%3Cb%C3%A9&_profile=TEST", "bearer " + w.secrets["full"].Reveal()},
		{"query", "/search?q=a%22%3Cb%C3%A9&_profile=Test&auth-key=" + w.secrets["full"].Reveal(), ""},
	} {
		rec := denial{method: "GET", target: how.target, authorization: []string{how.authorization}}.send(h)
		var got struct {
			Status                                                            int
			StatusMessage, Workflow, Environment, Username, InitialisationXml string
			Variables                                                         map[string]string
		}
		if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil {
			t.Fatalf("%s: %v in %s", how.name, err, rec.Body)
		}
		id := rec.Header().Get("X-Keyward-Request-Id")
		wantXML := `<Initialisation><Username>Key: full</Username><Environment>Test</Environment><KeyId>0000000000000064</KeyId>` +
			`<Slot>primary</Slot><Workflow>Search</Workflow><RequestId>` + id + `</RequestId>` +
			`<Variables><Variable Name="term">a&#x22;&#x3c;b&#xe9;</Variable></Variables></Initialisation>`
		if rec.Code != 200 || got.Status != 200 || got.StatusMessage == "" || got.Workflow != "Search" || got.Environment != "Test" ||
			got.Username != "Key: full" || got.Variables["term"] != `a"<bé` || got.InitialisationXml != wantXML {
			t.Errorf("%s: got %d %+v, want the XML %s", how.name, rec.Code, got, wantXML)
		}
	}
}

func TestUsernamePrefix(t *testing.T) {
	w := newWorld(t)
	h := w.endpoint(func(o *server.Options) { o.UsernamePrefix = "Token-based Key: " }).Handler()
	rec := denial{method: "GET", target: "/customers/7", authorization: []string{w.header("full")}}.send(h)
	if !strings.Contains(rec.Body.String(), `"username":"Token-based Key: full"`) {
		t.Errorf("got %s", rec.Body)
	}
}

func TestHeadHasNoBody(t *testing.T) {
	w := newWorld(t)
	r := w.serve(nil)
	for _, authorization := range []string{w.header("full"), ""} {
		res, body := do(t, http.DefaultClient, request(t, "HEAD", "http://"+r.plain+"/customers/7", authorization))
		if body != "" || res.ContentLength <= 0 {
			t.Errorf("%d: got the body %q and the length %d", res.StatusCode, body, res.ContentLength)
		}
	}
}

func TestOwnPaths(t *testing.T) {
	w := newWorld(t)
	h := w.endpoint(nil).Handler()
	for _, c := range []struct {
		method, target string
		want           int
	}{
		{"GET", "/_keyward/health", 200}, {"HEAD", "/_keyward/health", 200}, {"POST", "/_keyward/health", 405},
		{"GET", "/_keyward/ready", 200}, {"GET", "/_keyward/ready?x=1", 200},
		{"GET", "/_keyward", 404}, {"GET", "/_keyward/", 404}, {"GET", "/_keyward/health/", 404}, {"GET", "/_keyward/verify/nginx", 404},
		{"GET", "/_keyward/%68ealth", 404}, {"GET", "/%5fkeyward/health", 404}, {"GET", "/%5Fkeyward/../customers/7", 404},
		{"GET", "/_Keyward/health", 401}, {"GET", "//_keyward/health", 401},
		{"GET", "/openapi.yml", 401}, {"POST", "/openapi.yml", 401}, {"GET", "/openapi%2Eyml", 404}, {"GET", "/openapi.yml/", 404},
	} {
		if rec := (denial{method: c.method, target: c.target}).send(h); rec.Code != c.want {
			t.Errorf("%s %s: got %d, want %d", c.method, c.target, rec.Code, c.want)
		}
	}
}

func TestNotReady(t *testing.T) {
	w := newWorld(t)
	h := w.endpoint(func(o *server.Options) { o.Snapshot = func() *model.Snapshot { return nil } }).Handler()
	for target, want := range map[string]int{"/_keyward/health": 200, "/_keyward/ready": 503, "/customers/7": 503, "/openapi.yml": 503} {
		if rec := (denial{method: "GET", target: target}).send(h); rec.Code != want {
			t.Errorf("%s: got %d, want %d", target, rec.Code, want)
		}
	}
}
