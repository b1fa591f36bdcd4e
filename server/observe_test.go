package server_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

// recorded is what a recorder that is watched has kept.
func recorded(rec *model.Recorder) []model.Activity {
	post, _ := rec.Post(time.Now(), 0, nil)
	return post.Records
}

// watchedRecorder is one that somebody watches.
func watchedRecorder() *model.Recorder {
	rec := &model.Recorder{}
	rec.Watch(time.Now(), time.Now().Add(time.Hour))
	return rec
}

// TestDecisionsAreRecorded holds what is told of which requests.
func TestDecisionsAreRecorded(t *testing.T) {
	answered := 0
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answered++
		w.WriteHeader(http.StatusTeapot)
	}))
	defer upstream.Close()
	for _, tt := range []struct {
		name, method, target, key string
		change                    func(*world, *server.Options)
		want                      model.Activity // its decision; zero: nothing is recorded
	}{
		{"allowed", "GET", "/customers/7?x=1", "full", nil, model.Activity{
			Path: "/customers/7", Query: "x=1", Reason: model.Allowed, Credential: model.HeaderCredential, Key: 100, KeyName: "full",
			Slot: model.Primary, Workflow: lookup, Bound: "Customer lookup", Environment: "Production", Production: true}},
		{"by an upstream", "GET", "/customers/7", "full", func(w *world, _ *server.Options) { w.upstream(upstream.URL) }, model.Activity{
			Path: "/customers/7", Reason: model.Allowed, Credential: model.HeaderCredential, Key: 100, KeyName: "full",
			Slot: model.Primary, Workflow: lookup, Bound: "Customer lookup", Environment: "Production", Production: true}},
		{"its document", "GET", "/openapi.yml?_profile=Test", "full", nil, model.Activity{
			Path: "/openapi.yml", Query: "_profile=Test", Reason: model.Allowed, Credential: model.HeaderCredential, Key: 100, KeyName: "full",
			Slot: model.Primary, Environment: "Test"}},
		{"refused", "GET", "/forbidden", "full", nil, model.Activity{
			Path: "/forbidden", Reason: model.WorkflowNotPermitted, Credential: model.HeaderCredential, Key: 100, KeyName: "full",
			Slot: model.Primary, Workflow: forbidden, Bound: "Forbidden", Environment: "Production", Production: true}},
		{"a stranger", "GET", "/customers/7?auth-key=nothing", "", func(_ *world, o *server.Options) { o.NoQuery = true }, model.Activity{
			Path: "/customers/7", Query: "auth-key=", Reason: model.QueryRefused, Credential: model.QueryCredential, NoQuery: true}},
		{"stale", "GET", "/customers/7", "full", func(_ *world, o *server.Options) {
			o.Newest, o.CatchUp = func() uint64 { return 99 }, -1
		}, model.Activity{Path: "/customers/7", Reason: model.Stale}},
		{"a probe", "GET", "/_keyward/ready", "full", nil, model.Activity{}},
		{"nobody's path", "GET", "/_keyward/verify", "full", nil, model.Activity{}},
		{"nothing is loaded", "GET", "/customers/7", "full", func(_ *world, o *server.Options) {
			o.Snapshot = func() *model.Snapshot { return nil }
		}, model.Activity{}},
		{"it panics", "GET", "/customers/7", "full", func(_ *world, o *server.Options) {
			o.Invoke = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("a fault") })
		}, model.Activity{Path: "/customers/7", Reason: model.Allowed, Credential: model.HeaderCredential, Key: 100, KeyName: "full",
			Slot: model.Primary, Workflow: lookup, Bound: "Customer lookup", Environment: "Production", Production: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			rec := watchedRecorder()
			var ticks atomic.Int64
			began := time.Now()
			now := func() time.Time { return began.Add(time.Duration(ticks.Add(1)) * time.Millisecond) }
			e := w.endpoint(func(o *server.Options) {
				o.Recorder, o.Now = rec, now
				if tt.change != nil {
					tt.change(w, o)
				}
			})
			r := httptest.NewRequest(tt.method, tt.target, nil)
			r.RemoteAddr, r.Host = "10.0.0.7:999", "api.example.com"
			r.Header.Set("User-Agent", "test/1")
			if tt.key != "" {
				r.Header.Set("Authorization", w.header(tt.key))
			}
			answer := httptest.NewRecorder()
			e.Handler().ServeHTTP(answer, r)
			got := recorded(rec)
			if tt.want == (model.Activity{}) {
				if len(got) != 0 {
					t.Errorf("recorded %+v", got)
				}
				return
			}
			if len(got) != 1 {
				t.Fatalf("%d records", len(got))
			}
			a, want := got[0], tt.want
			if a.Took < time.Millisecond || !a.At.After(began) || a.PID == 0 {
				t.Errorf("at %v, took %v, pid %d", a.At, a.Took, a.PID)
			}
			if a.Status != answer.Code {
				t.Errorf("status %d, answered %d", a.Status, answer.Code)
			}
			if id := answer.Header().Get("X-Keyward-Request-Id"); a.Request.String() != id || len(id) != 32 {
				t.Errorf("recorded the id %s, answered %q", a.Request, id)
			}
			want.Request, want.Number, want.At, want.Took, want.PID, want.Status = a.Request, a.Number, a.At, a.Took, a.PID, a.Status
			want.Remote, want.Method, want.Host, want.Agent = "10.0.0.7:999", tt.method, "api.example.com", "test/1"
			if a != want {
				t.Errorf("recorded\n%+v\nwant\n%+v", a, want)
			}
			report, _ := rec.Report(began)
			if report.Allowed+report.Denied != 1 || (report.Allowed == 1) != (want.Reason == model.Allowed) {
				t.Errorf("counted %+v", report)
			}
		})
	}
	if answered != 1 {
		t.Errorf("the upstream answered %d times", answered)
	}
}

// TestRecordedOverHTTP: over real connections, many at once, with secrets in
// header and query, which are in no record.
func TestRecordedOverHTTP(t *testing.T) {
	w := newWorld(t)
	rec := &model.Recorder{}
	r := w.serve(func(o *server.Options) { o.Recorder = rec })
	secret := w.secrets["full"].Reveal()
	call := func(target, header string) {
		client := r.client(t, true, nil)
		q := request(t, "GET", "https://"+r.tls+target, header)
		do(t, client, q)
	}
	call("/customers/7", "Key="+secret)
	call("/forbidden?auth-key="+secret, "")
	if got := recorded(rec); len(got) != 1 || got[0].Reason != model.WorkflowNotPermitted || got[0].Query != "auth-key=" {
		t.Errorf("while nobody watches: %+v", got)
	}
	rec.Watch(time.Now(), time.Now().Add(time.Hour))
	var callers sync.WaitGroup
	for i := range 8 {
		callers.Go(func() {
			for _, name := range []string{"auth-key", "%61uth-key", "AUTH-KEY", "auth%2Dkey"} {
				call(fmt.Sprintf("/customers/%d?%s=%s&n=%d", i, name, secret, i), "")
				call(fmt.Sprintf("/customers/%d?%s=%s", i, name, secret), "Bearer "+secret)
				call(fmt.Sprintf("/customers/%d", i), "Bearer "+secret)
			}
		})
	}
	callers.Wait()
	got := recorded(rec)
	if len(got) != 1+8*4*3 {
		t.Errorf("%d records", len(got))
	}
	all := fmt.Sprintf("%+v", got)
	if strings.Contains(all, secret[3:20]) || strings.Contains(all, secret[20:]) {
		t.Error("a secret was recorded")
	}
}

// TestStrangersCertificateIsRecorded: what a certificate that no key has says of
// itself is on record, and nothing of one that a key has.
func TestStrangersCertificateIsRecorded(t *testing.T) {
	w := newWorld(t)
	rec := watchedRecorder()
	r := w.serve(func(o *server.Options) { o.Recorder = rec })
	stranger := newPair(t, ed25519Key(t), func(c *x509.Certificate) { c.Subject = pkix.Name{CommonName: "stranger"} })
	client := r.client(t, true, &stranger)
	for range 2 { // of one connection
		do(t, client, request(t, "GET", "https://"+r.tls+"/customers/7", ""))
	}
	got := recorded(rec)
	if len(got) != 2 {
		t.Fatalf("%d records", len(got))
	}
	for _, a := range got {
		if a.Reason != model.CertificateUnknown || a.CertificateSubject != "CN=stranger" || a.CertificateIssuer != "CN=stranger" ||
			a.CertificateEnds != model.At(stranger.Leaf.NotAfter) || a.Request.IsZero() {
			t.Errorf("recorded %+v", a)
		}
	}
}
