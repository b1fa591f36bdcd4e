package server

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"dev.keyward/keyward/model"
)

type blankWriter struct{ h http.Header }

func (w *blankWriter) Header() http.Header         { return w.h }
func (w *blankWriter) Write(p []byte) (int, error) { return len(p), nil }
func (w *blankWriter) WriteHeader(int)             {}

// BenchmarkHandler is what one allowed request costs beside net/http.
func BenchmarkHandler(b *testing.B) {
	secrets := figureSecrets(b)
	snapshot := figureSnapshot(b, secrets)
	var newest atomic.Uint64
	newest.Store(snapshot.Seq())
	noContent := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	quick := func(json bool) *slog.Logger {
		return slog.New(NewLogHandler(NewLogWriter(io.Discard), json, slog.LevelInfo))
	}
	for _, bench := range []struct {
		name   string
		log    *slog.Logger
		invoke http.Handler
		newest func() uint64
		meter  *model.Meter
	}{
		{"no log", nil, noContent, nil, nil},
		{"newest", nil, noContent, newest.Load, nil},
		{"usage", nil, noContent, nil, new(model.Meter)},
		{"log", quick(false), noContent, nil, nil},
		{"log by slog", slog.New(slog.NewTextHandler(NewLogWriter(io.Discard), nil)), noContent, nil, nil},
		{"log as JSON", quick(true), noContent, nil, nil},
		{"log as JSON by slog", slog.New(slog.NewJSONHandler(NewLogWriter(io.Discard), nil)), noContent, nil, nil},
		{"describe", quick(false), nil, nil, nil},
		{"all", quick(false), noContent, newest.Load, new(model.Meter)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			e, err := New(Options{
				Snapshot: func() *model.Snapshot { return snapshot }, Newest: bench.newest, Meter: bench.meter,
				Log: bench.log, Invoke: bench.invoke,
			})
			if err != nil {
				b.Fatal(err)
			}
			r := httptest.NewRequest("GET", "/customers/7", nil)
			w := &blankWriter{http.Header{}}
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				r.Header["Authorization"] = []string{"Key=" + secrets[i%len(secrets)].Reveal()}
				clear(w.h)
				e.serveHTTP(w, r)
				i++
			}
		})
	}
}

// TestHotPathAllocates nothing for the newest change and for usage. The pools
// are left out of it: the race detector empties them at random.
func TestHotPathAllocates(t *testing.T) {
	secrets := figureSecrets(t)[:1]
	snapshot := figureSnapshot(t, secrets)
	e, err := New(Options{
		Snapshot: func() *model.Snapshot { return snapshot }, Newest: snapshot.Seq, Meter: new(model.Meter),
	})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/customers/7", nil)
	r.Header["Authorization"] = []string{"Key=" + secrets[0].Reveal()}
	x := e.begin(&blankWriter{http.Header{}}, r)
	x.decision = snapshot.Decide(&x.request)
	for _, r.RemoteAddr = range []string{"10.0.0.7:1", "[2001:db8::7]:1", "[::ffff:10.0.0.7]:1"} {
		n := testing.AllocsPerRun(500, func() {
			if e.current(r.Context()) != snapshot {
				t.Error("there is a newer one")
			}
			e.count(x)
		})
		if n != 0 {
			t.Errorf("from %q: %v allocations a request", r.RemoteAddr, n)
		}
	}
	got := e.o.Meter.Drain() // of the key's slot, and of the workflow
	if len(got) != 2 || got[0].Allowed != 3*501 || got[1].Allowed != 3*501 {
		t.Errorf("got %v", got)
	}
}
