package server

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// BenchmarkObserved is what one allowed request costs beside net/http: without a
// recorder, with one while nobody watches, and while somebody does.
func BenchmarkObserved(b *testing.B) {
	secrets := figureSecrets(b)[:1]
	snapshot := figureSnapshot(b, secrets)
	watched := &model.Recorder{}
	watched.Watch(time.Now(), time.Now().Add(time.Hour))
	for _, bench := range []struct {
		name     string
		recorder *model.Recorder
	}{{"none", nil}, {"unwatched", &model.Recorder{}}, {"watched", watched}} {
		b.Run(bench.name, func(b *testing.B) {
			e, err := New(Options{
				Snapshot: func() *model.Snapshot { return snapshot }, Newest: snapshot.Seq, Meter: new(model.Meter), Recorder: bench.recorder,
				Invoke: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }),
			})
			if err != nil {
				b.Fatal(err)
			}
			r := httptest.NewRequest("GET", "/customers/7", nil)
			r.Header.Set("User-Agent", "bench/1.0")
			r.Header["Authorization"] = []string{"Key=" + secrets[0].Reveal()}
			w := &blankWriter{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.h)
				e.serveHTTP(w, r)
			}
		})
	}
}

// TestObservingAllocates nothing, whether or not somebody watches.
func TestObservingAllocates(t *testing.T) {
	secrets := figureSecrets(t)[:1]
	snapshot := figureSnapshot(t, secrets)
	recorder := &model.Recorder{}
	e, err := New(Options{Snapshot: func() *model.Snapshot { return snapshot }, Recorder: recorder})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/customers/7?auth-key=x", nil)
	r.Header["Authorization"] = []string{"Key=" + secrets[0].Reveal()}
	x := e.begin(&blankWriter{http.Header{}}, r)
	x.decision.Reason = model.Allowed
	for _, watched := range []bool{false, true} {
		if watched {
			recorder.Watch(time.Now(), time.Now().Add(time.Hour))
			for range model.AllowedKept {
				x.observe()
			}
		}
		if n := testing.AllocsPerRun(500, x.observe); n != 0 {
			t.Errorf("watched %v: %v allocations a request", watched, n)
		}
	}
}
