package server_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

// publishAt makes the endpoint see the world as it is after change seq.
func (w *world) publishAt(seq uint64) {
	w.seq = seq
	w.publish()
}

// following returns options of an endpoint that is told of the newest change,
// which is a sequence at first.
func following(first uint64) (*atomic.Uint64, func(*server.Options)) {
	newest := new(atomic.Uint64)
	newest.Store(first)
	return newest, func(o *server.Options) { o.Newest = newest.Load }
}

// TestCatchUp takes a request through every way in which an endpoint at change 1
// may learn of change 2, which disables the key. Time is the bubble's own.
func TestCatchUp(t *testing.T) {
	for _, c := range []struct {
		name    string
		learn   func(w *world, newest *atomic.Uint64) // what happens while the request waits
		uniform bool
		status  int
		reason  string
		least   time.Duration // that the answer takes
		most    time.Duration
	}{
		{"never", func(*world, *atomic.Uint64) {}, false, 503, "stale", 250 * time.Millisecond, 250 * time.Millisecond},
		{"never, uniform", func(*world, *atomic.Uint64) {}, true, 404, "stale", 250 * time.Millisecond, 250 * time.Millisecond},
		{"in time", func(w *world, _ *atomic.Uint64) {
			time.Sleep(30 * time.Millisecond)
			w.publishAt(2)
		}, false, 401, "key-disabled", 30 * time.Millisecond, 32 * time.Millisecond},
		{"at once", func(w *world, _ *atomic.Uint64) { w.publishAt(2) }, false, 401, "key-disabled", 0, time.Millisecond},
		{"too late", func(w *world, _ *atomic.Uint64) {
			time.Sleep(251 * time.Millisecond)
			w.publishAt(2)
		}, false, 503, "stale", 250 * time.Millisecond, 250 * time.Millisecond},
		{"another snapshot first", func(w *world, _ *atomic.Uint64) {
			time.Sleep(20 * time.Millisecond)
			w.publishAt(1)
			time.Sleep(20 * time.Millisecond)
			w.publishAt(2)
		}, false, 401, "key-disabled", 40 * time.Millisecond, 42 * time.Millisecond},
		{"more changes meanwhile", func(w *world, newest *atomic.Uint64) {
			time.Sleep(20 * time.Millisecond)
			newest.Store(9)
			w.publishAt(2)
		}, false, 401, "key-disabled", 20 * time.Millisecond, 22 * time.Millisecond},
		{"more than that", func(w *world, newest *atomic.Uint64) {
			newest.Store(9)
			w.publishAt(9)
		}, false, 401, "key-disabled", 0, time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				newest, follow := following(2)
				h := w.endpoint(func(o *server.Options) { follow(o); o.DenyUniform = c.uniform }).Handler()
				done := make(chan *httptest.ResponseRecorder)
				start := time.Now()
				go func() {
					done <- denial{method: "GET", target: "/customers/7", authorization: []string{w.header("full")}}.send(h)
				}()
				synctest.Wait()
				w.keys[0] = &model.Key{ID: 100, Name: "full", Kind: model.TokenKey, State: model.Disabled, Primary: w.keys[0].Primary}
				go c.learn(w, newest)
				rec := <-done
				if took := time.Since(start); took < c.least || took > c.most {
					t.Errorf("it took %v, want %v to %v", took, c.least, c.most)
				}
				retry := map[bool]string{true: "1"}[rec.Code == 503]
				if got := rec.Header().Get("Retry-After"); rec.Code != c.status || got != retry {
					t.Errorf("got %d with Retry-After %q, want %d with %q", rec.Code, got, c.status, retry)
				}
				log := lines(t, w.log.await(t, "\n"))[0]
				level := map[bool]string{true: "ERROR", false: "WARN"}[c.reason == "stale"]
				if log["reason"] != c.reason || log["allowed"] != false || log["level"] != level {
					t.Errorf("the record is %v, want one of level %s for %s", log, level, c.reason)
				}
				if _, known := log["key"]; known == (c.reason == "stale") {
					t.Errorf("the record of a request that is %s: %v", c.reason, log)
				}
				time.Sleep(time.Second) // for whoever looks on, who has to stop by itself
			})
		})
	}
}

// TestStaleOwnPaths holds keyward's own documents to the same rule, and a caller
// that leaves to not being waited for.
func TestStaleOwnPaths(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		_, follow := following(2)
		h := w.endpoint(follow).Handler()
		for target, want := range map[string]int{"/openapi.yml": 503, "/_keyward/ready": 503, "/_keyward/health": 200, "/_keyward/verify": 503} {
			if rec := (denial{method: "GET", target: target, authorization: []string{w.header("full")}}).send(h); rec.Code != want {
				t.Errorf("%s: got %d, want %d", target, rec.Code, want)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		start, rec := time.Now(), httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequestWithContext(ctx, "GET", "/customers/7", nil))
		if took := time.Since(start); took != 0 || rec.Code != 503 {
			t.Errorf("the caller was gone, and got %d after %v", rec.Code, took)
		}
		time.Sleep(time.Second)
	})
}

// TestNotReadyWaits holds a request that comes before the keys to the same wait.
func TestNotReadyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		_, follow := following(1)
		h := w.endpoint(follow).Handler()
		loaded := w.snapshot.Swap(nil)
		send := func() int {
			return denial{method: "GET", target: "/customers/7", authorization: []string{w.header("full")}}.send(h).Code
		}
		start := time.Now()
		if code, took := send(), time.Since(start); code != 503 || took != server.DefaultCatchUp {
			t.Errorf("got %d after %v", code, took)
		}
		w.log.await(t, `"reason":"not-ready"`)
		time.AfterFunc(10*time.Millisecond, func() { w.snapshot.Store(loaded) })
		if code := send(); code != 200 {
			t.Errorf("got %d, want 200 once the keys are loaded", code)
		}
		time.Sleep(time.Second)
	})
}

// TestWaitingIsCheap counts how often the snapshot is asked for while very many
// requests wait for it.
func TestWaitingIsCheap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const requests = 2000
		w := newWorld(t)
		var asked atomic.Int64
		_, follow := following(2)
		h := w.endpoint(func(o *server.Options) {
			follow(o)
			o.Snapshot = func() *model.Snapshot { asked.Add(1); return w.snapshot.Load() }
		}).Handler()
		var wg sync.WaitGroup
		for range requests {
			wg.Go(func() { denial{method: "GET", target: "/customers/7"}.send(h) })
		}
		synctest.Wait()
		w.publishAt(1) // which wakes them once, for nothing
		wg.Wait()
		if got := asked.Load(); got > 6*requests+300 {
			t.Errorf("the snapshot was asked for %d times by %d requests", got, requests)
		}
		time.Sleep(time.Second)
	})
}

// TestFloodOfStale holds that denials as stale are under flood control too.
func TestFloodOfStale(t *testing.T) {
	w := newWorld(t)
	clock := time.Unix(1e9, 0)
	_, follow := following(2)
	h := w.endpoint(func(o *server.Options) {
		follow(o)
		o.CatchUp, o.Now = -1, func() time.Time { return clock }
	}).Handler()
	for range 80 {
		denial{method: "GET", target: "/customers/7", authorization: []string{w.header("full")}}.send(h)
	}
	clock = clock.Add(time.Second)
	denial{method: "GET", target: "/customers/7"}.send(h)
	log := w.log.await(t, `"msg":"suppressed","reason":"stale","remote":"192.0.2.1","count":30}`)
	if got := strings.Count(log, `"reason":"stale","status":503`); got != 50 && got != 51 {
		t.Errorf("got %d records, want 50 and the next second's", got)
	}
}

// TestNeverOlderThanNewest makes changes as fast as it can, each confirmed a
// little before it can be decided from, and has several callers ask which one
// they are answered from.
func TestNeverOlderThanNewest(t *testing.T) {
	w := newWorld(t)
	newest, follow := following(1)
	rename := func(seq uint64) { // the answer tells
		lookup := *w.workflows[0]
		lookup.Name = strconv.FormatUint(seq, 10)
		w.workflows[0] = &lookup
		w.publishAt(seq)
	}
	rename(1)
	h := w.endpoint(follow).Handler()
	header := w.header("full")
	answered, over := make(chan uint64), make(chan struct{})
	ask := func() (seq uint64) {
		confirmed := newest.Load()
		rec := denial{method: "GET", target: "/customers/7", authorization: []string{header}}.send(h)
		if rec.Code == http.StatusServiceUnavailable {
			return 0 // the machine stood still for CatchUp
		}
		var answer struct{ Workflow string }
		_ = json.Unmarshal(rec.Body.Bytes(), &answer)
		if seq, _ = strconv.ParseUint(answer.Workflow, 10, 64); seq < confirmed {
			t.Errorf("change %d was confirmed, and the answer is %d from change %q", confirmed, rec.Code, answer.Workflow)
		}
		return seq
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case answered <- ask():
				case <-over:
					return
				}
			}
		})
	}
	for seq := uint64(2); seq <= 500; seq++ {
		newest.Store(seq)
		rename(seq)
		for <-answered < seq {
			continue
		}
	}
	close(over)
	wg.Wait()
}
