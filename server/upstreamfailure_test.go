package server_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

// TestUpstreamFailuresAreRecorded: who watches is told in what way an upstream failed, and
// which one it was; and which one answered by itself that something is wrong.
func TestUpstreamFailuresAreRecorded(t *testing.T) {
	released := make(chan struct{})
	answers := func(h http.HandlerFunc) *httptest.Server {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		return s
	}
	closed := answers(nil)
	closed.Close()
	secure := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(secure.Close)
	slow := answers(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-released:
		case <-r.Context().Done():
		}
	})
	t.Cleanup(func() { close(released) })
	plain := answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	breaks := answers(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	for _, tt := range []struct {
		name, upstream string
		want           model.UpstreamFailure
		status         int
	}{
		{"nothing listens", closed.URL, model.UpstreamRefused, 502},
		{"no such name", "http://nothing.invalid:81", model.UpstreamUnknown, 502},
		{"silent", slow.URL, model.UpstreamTimeout, 504},
		{"a certificate that nobody trusts", secure.URL, model.UpstreamTLS, 502},
		{"no TLS there", "https" + plain.URL[len("http"):], model.UpstreamTLS, 502},
		{"hangs up", breaks.URL, model.UpstreamBroke, 502},
		{"its own 503", plain.URL, model.UpstreamDidNotFail, 503},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.upstream(tt.upstream + "/base")
			rec := watchedRecorder()
			e := w.endpoint(func(o *server.Options) {
				o.Recorder = rec
				if tt.want == model.UpstreamTimeout { // the others answer, on a slow machine too
					o.Timeouts.Upstream = 50 * time.Millisecond
				}
			})
			r := httptest.NewRequest(http.MethodGet, "/customers/7", nil)
			r.Header.Set("Authorization", w.header("full"))
			answer := httptest.NewRecorder()
			e.Handler().ServeHTTP(answer, r)
			got := recorded(rec)
			if len(got) != 1 {
				t.Fatalf("%d records", len(got))
			}
			a := got[0]
			if a.UpstreamFailure != tt.want || a.Status != tt.status || answer.Code != tt.status || !a.Failed() {
				t.Errorf("%v, %d", a.UpstreamFailure, a.Status)
			}
			if a.Upstream != tt.upstream || a.FailedItself() != (tt.want == model.UpstreamDidNotFail) {
				t.Errorf("the upstream is %q, want %q; it failed by itself: %v", a.Upstream, tt.upstream, a.FailedItself())
			}
		})
	}
}

// TestOwnFailuresBlameNobody: what the endpoint answers itself is no upstream's
// fault, with an upstream and without.
func TestOwnFailuresBlameNobody(t *testing.T) {
	asked := 0
	upstream := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	t.Cleanup(upstream.Close)
	for _, at := range []string{"", upstream.URL} {
		w := newWorld(t)
		if at != "" {
			w.upstream(at)
		}
		rec := watchedRecorder()
		e := w.endpoint(func(o *server.Options) { o.Recorder = rec })
		r := httptest.NewRequest(http.MethodGet, "/customers/7", nil)
		r.Header.Set("Authorization", w.header("full"))
		r.Header.Set("Upgrade", "websocket")
		e.Handler().ServeHTTP(httptest.NewRecorder(), r)
		got := recorded(rec)
		if len(got) != 1 || got[0].Status != http.StatusNotImplemented || !got[0].Failed() || got[0].FailedItself() || got[0].Upstream != "" || asked != 0 {
			t.Errorf("upstream %q: %+v, which was asked %d times", at, got, asked)
		}
	}
}
