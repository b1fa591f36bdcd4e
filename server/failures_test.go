package server

import (
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

func sourceNumber(n int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}), 32)
}

// TestFailureBucket walks one bucket of six a minute, a token each ten seconds.
func TestFailureBucket(t *testing.T) {
	begin := time.Unix(1e9, 0)
	f := newFailures(6)
	at := func(seconds float64) time.Time { return begin.Add(time.Duration(seconds * float64(time.Second))) }
	for i, step := range []struct {
		at     float64 // seconds
		want   verdict
		begins bool
	}{
		{0, unlimited, false}, {0, unlimited, false}, {0, unlimited, false},
		{1, unlimited, false}, {1, unlimited, false}, {1, unlimited, false}, // the sixth
		{1, limited, true}, {1.5, hidden, false}, {1.999, hidden, false},
		{2, limited, false}, {2.1, hidden, false},
		{9.9, limited, false},
		{10, unlimited, false}, {10, limited, false}, // a token came
		{25, unlimited, false}, {25, limited, false}, {25, hidden, false}, // and another; half of one is none
		{79, unlimited, false}, {79, unlimited, false}, // not full again yet
		{300, unlimited, false}, {300, unlimited, false}, {300, unlimited, false}, // full, and no fuller
		{300, unlimited, false}, {300, unlimited, false}, {300, unlimited, false},
		{300, limited, true}, // it begins anew
		{0, limited, false},  // a clock that was set back makes nobody wait for long
		{60, unlimited, false},
	} {
		if got, begins := f.count(sourceNumber(1), at(step.at)); got != step.want || begins != step.begins {
			t.Errorf("step %d, after %v s: got %v, begins %v; want %v, %v", i, step.at, got, begins, step.want, step.begins)
		}
		if got, _ := f.count(sourceNumber(i+2), at(step.at)); got != unlimited {
			t.Errorf("step %d: another source is limited", i)
		}
	}
}

// TestFailureBucketIsOne holds the bucket to the plain arithmetic of one.
func TestFailureBucketIsOne(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, limit := range []int{1, 2, 7, 60, 120, 5000} {
		f, now, tokens := newFailures(limit), time.Unix(1e9, 0), float64(limit)
		for i := range 3 * limit {
			pause := time.Duration(random.Int64N(int64(2 * f.interval)))
			if i < limit {
				pause /= 8 // so that it empties
			}
			now = now.Add(pause)
			tokens = min(float64(limit), tokens+float64(pause)/float64(f.interval))
			got, _ := f.count(sourceNumber(1), now)
			if diff := tokens - 1; diff > -1e-6 && diff < 1e-6 {
				continue // floating point does not say
			}
			if (got == unlimited) != (tokens >= 1) {
				t.Fatalf("limit %d, failure %d: got %v with %.3f tokens", limit, i, got, tokens)
			}
			if got == unlimited {
				tokens--
			}
		}
	}
}

// TestFailingSourcesAreBounded: the newest are remembered, in memory that does
// not grow.
func TestFailingSourcesAreBounded(t *testing.T) {
	f, now := newFailures(1), time.Unix(1e9, 0)
	for i := range 3 * maxFailing {
		if got, _ := f.count(sourceNumber(i), now); got != unlimited {
			t.Fatalf("the first failure of source %d is %v", i, got)
		}
		if got, _ := f.count(sourceNumber(0), now); i > 0 && got == unlimited {
			t.Fatalf("source 0, which goes on failing, is forgotten after %d others", i)
		}
	}
	if len(f.list) != maxFailing+1 || len(f.index) != maxFailing {
		t.Errorf("%d buckets, %d in the index; want %d", len(f.list)-1, len(f.index), maxFailing)
	}
	for i := range maxFailing - 1 { // the newest but source 0
		n := 3*maxFailing - 1 - i
		if b := &f.list[f.index[sourceNumber(n)]]; b.source != sourceNumber(n) {
			t.Fatalf("source %d has the bucket of %v", n, b.source)
		}
	}
	next := 1 << 20
	if n := testing.AllocsPerRun(20000, func() { f.count(sourceNumber(next), now); next++ }); n >= 1 {
		t.Errorf("a new source costs %v allocations", n)
	}
}

func TestFailureLimits(t *testing.T) {
	for limit, retry := range map[int]string{1: "60", 7: "9", 40: "2", 60: "1", 120: "1", 1 << 30: "1"} {
		if f := newFailures(limit); f.retry[0] != retry {
			t.Errorf("limit %d: Retry-After %s, want %s", limit, f.retry[0], retry)
		}
	}
	for _, limit := range []int{0, -1} {
		if newFailures(limit) != nil {
			t.Errorf("limit %d limits", limit)
		}
	}
}

// TestFailuresAtOnce: however many come at once, each token is given once.
func TestFailuresAtOnce(t *testing.T) {
	f, now := newFailures(100), time.Unix(1e9, 0)
	var given, begun atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 1000 {
				v, begins := f.count(sourceNumber(1), now)
				if v == unlimited {
					given.Add(1)
				}
				if begins {
					begun.Add(1)
				}
				f.count(sourceNumber(i+2), now)
			}
		})
	}
	wg.Wait()
	if given.Load() != 100 || begun.Load() != 1 {
		t.Errorf("%d tokens were given, and it began %d times", given.Load(), begun.Load())
	}
}

func limitedEndpoint(tb testing.TB, limit int) (*Endpoint, []model.Secret) {
	secrets := figureSecrets(tb)
	snapshot := figureSnapshot(tb, secrets[:1000])
	lines := NewLogWriter(io.Discard)
	tb.Cleanup(func() { _ = lines.Close() })
	e, err := New(Options{
		Snapshot: func() *model.Snapshot { return snapshot }, FailureLimit: limit, Recorder: new(model.Recorder),
		Log:    slog.New(NewLogHandler(lines, false, slog.LevelInfo)),
		Invoke: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }),
	})
	if err != nil {
		tb.Fatal(err)
	}
	return e, secrets
}

// TestSuccessTouchesNoBucket: with the limiter's lock held, a request with a
// valid key is answered, from a source that is limited.
func TestSuccessTouchesNoBucket(t *testing.T) {
	e, secrets := limitedEndpoint(t, 1)
	send := func(secret string) int {
		r, rec := httptest.NewRequest("GET", "/customers/7", nil), httptest.NewRecorder()
		r.Header.Set("Authorization", "Key="+secret)
		e.serveHTTP(rec, r)
		return rec.Code
	}
	for _, want := range []int{401, 429, 429} {
		if got := send(secrets[5000].Reveal()); got != want {
			t.Fatalf("a stranger got %d, want %d", got, want)
		}
	}
	before := append([]failing(nil), e.failures.list...)
	e.failures.mu.Lock()
	got := send(secrets[0].Reveal())
	e.failures.mu.Unlock()
	if got != http.StatusNoContent {
		t.Errorf("a valid key got %d", got)
	}
	if len(e.failures.list) != len(before) || e.failures.list[1] != before[1] {
		t.Errorf("a success changed the buckets: %v, before %v", e.failures.list, before)
	}
}

// BenchmarkFailureLimit is what the limit costs: an allowed request nothing, the
// same with the limit off, also while the source is limited; a refused one
// less than it does without.
func BenchmarkFailureLimit(b *testing.B) {
	for _, bench := range []struct {
		name    string
		limit   int
		allowed bool
		before  int // failures of the same source
	}{
		{"allowed, no limit", -1, true, 0},
		{"allowed", DefaultFailureLimit, true, 0},
		{"allowed, source limited", DefaultFailureLimit, true, 1000},
		{"refused, no limit", -1, false, 0},
		{"refused, limited", DefaultFailureLimit, false, 1000},
	} {
		b.Run(bench.name, func(b *testing.B) {
			e, secrets := limitedEndpoint(b, bench.limit)
			r, w := httptest.NewRequest("GET", "/customers/7", nil), &blankWriter{http.Header{}}
			use := func(s model.Secret) { r.Header["Authorization"] = []string{"Key=" + s.Reveal()} }
			use(secrets[5000])
			for range bench.before {
				e.serveHTTP(w, r)
			}
			if bench.allowed {
				use(secrets[0])
			}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.h)
				e.serveHTTP(w, r)
			}
		})
	}
}
