package server

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
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
	noContent := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	quick := func(json bool) *slog.Logger {
		return slog.New(NewLogHandler(NewLogWriter(io.Discard), json, slog.LevelInfo))
	}
	for _, bench := range []struct {
		name   string
		log    *slog.Logger
		invoke http.Handler
	}{
		{"no log", nil, noContent},
		{"log", quick(false), noContent},
		{"log by slog", slog.New(slog.NewTextHandler(NewLogWriter(io.Discard), nil)), noContent},
		{"log as JSON", quick(true), noContent},
		{"log as JSON by slog", slog.New(slog.NewJSONHandler(NewLogWriter(io.Discard), nil)), noContent},
		{"describe", quick(false), nil},
	} {
		b.Run(bench.name, func(b *testing.B) {
			e, err := New(Options{Snapshot: func() *model.Snapshot { return snapshot }, Log: bench.log, Invoke: bench.invoke})
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
