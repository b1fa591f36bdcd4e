package server_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

// losses are the ways in which a key loses its right while a request is under
// way. Each is told the clock's offset, to move it.
var losses = []struct {
	name, key string
	lose      func(w *world, ahead *atomic.Int64)
}{
	{"disabled", "full", func(w *world, _ *atomic.Int64) { w.disable("full") }},
	{"not permitted", "full", func(w *world, _ *atomic.Int64) {
		w.change("full", func(k *model.Key) { k.Workflows = []model.ID{search} })
	}},
	{"expired", "ends", func(_ *world, ahead *atomic.Int64) { ahead.Store(int64(2 * time.Hour)) }},
	{"end of the grace period", "replaced", func(_ *world, ahead *atomic.Int64) { ahead.Store(int64(2 * time.Hour)) }},
	{"end of the certificate", "pinned", func(_ *world, ahead *atomic.Int64) { ahead.Store(int64(2 * time.Hour)) }},
}

// lossWorld has the keys of losses.
func lossWorld(t *testing.T) (*world, *tls.Certificate) {
	w := newWorld(t)
	soon := model.At(time.Now().Add(time.Hour))
	w.token("ends", func(k *model.Key) { k.Expires = soon })
	w.token("replaced", func(k *model.Key) {
		k.Primary.Retiring = &[]model.Retiring{{Digest: k.Primary.Digest, Until: soon}}
		k.Primary.Digest = model.Digest{2}
	})
	pair := newPair(t, ecdsaKey(t), nil)
	w.certificate("pinned", pair.Certificate[0])
	return w, &pair
}

// TestRightEnds takes the right away while an answer is silent, before an
// answer has begun, and while a body stands still.
func TestRightEnds(t *testing.T) {
	for _, loss := range losses {
		t.Run(loss.name, func(t *testing.T) {
			t.Parallel()
			for _, h2 := range []bool{false, true} {
				for _, c := range []struct{ name, method, path string }{
					{"silent stream", "GET", "/customers/stream"},
					{"no answer yet", "GET", "/customers/none"},
					{"upload", "PUT", "/files/x"},
				} {
					name := c.name
					if h2 {
						name += ", HTTP/2"
					}
					t.Run(name, func(t *testing.T) {
						w, pair := lossWorld(t)
						arrived, left := make(chan struct{}), make(chan struct{})
						w.upstream(handlerUpstream(t, func(w http.ResponseWriter, r *http.Request) {
							defer close(left)
							if c.path == "/customers/stream" {
								_, _ = io.WriteString(w, "x\n")
								w.(http.Flusher).Flush()
							}
							close(arrived)
							_, _ = io.Copy(io.Discard, r.Body)
							<-r.Context().Done()
						}))
						var ahead atomic.Int64
						r := w.serve(func(o *server.Options) {
							o.Recheck = 30 * time.Millisecond
							o.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
						})
						authorization := ""
						if loss.key != "pinned" {
							authorization, pair = w.header(loss.key), nil
						}
						req := request(t, c.method, "https://"+r.tls+c.path, authorization)
						if c.method == "PUT" {
							body, in := io.Pipe()
							defer func() { _ = in.Close() }()
							go func() { _, _ = io.WriteString(in, "abc") }()
							req.Body, req.ContentLength = body, -1
						}
						go func() {
							<-arrived
							time.Sleep(100 * time.Millisecond) // several ticks that take nothing away
							select {
							case <-left:
								t.Error("the request ended before its right")
							default:
							}
							loss.lose(w, &ahead)
						}()
						start := time.Now()
						res, err := r.client(t, h2, pair).Do(req)
						if err == nil {
							defer func() { _ = res.Body.Close() }()
							_, err = bufio.NewReader(res.Body).WriteTo(io.Discard)
						}
						switch {
						case c.path == "/customers/stream" && err == nil:
							t.Error("the answer reads as whole")
						case c.path == "/customers/none" && (err != nil || res.StatusCode != 401 && res.StatusCode != 403):
							t.Errorf("got %v, want a denial", err)
						}
						<-left
						if took := time.Since(start); took > 20*time.Second {
							t.Errorf("the request went on for %v", took)
						}
						w.log.await(t, `"reason":"revoked"`)
					})
				}
			}
		})
	}
}

// TestRightIsAskedFor holds that data in either direction stops with the right,
// without waiting for the clock.
func TestRightIsAskedFor(t *testing.T) {
	w := newWorld(t)
	got := make(chan byte)
	w.upstream(handlerUpstream(t, func(_ http.ResponseWriter, r *http.Request) {
		defer close(got)
		b := make([]byte, 1)
		for {
			if _, err := io.ReadFull(r.Body, b); err != nil {
				return
			}
			got <- b[0]
		}
	}))
	r := w.serve(func(o *server.Options) { o.Recheck = time.Hour })
	for _, h2 := range []bool{false, true} {
		w.change("full", func(k *model.Key) { k.State = model.Enabled })
		got = make(chan byte)
		body, in := io.Pipe()
		req := request(t, "PUT", "https://"+r.tls+"/files/x", w.header("full"))
		req.Body, req.ContentLength = body, -1
		done := make(chan struct{})
		go func() {
			defer close(done)
			if res, err := r.client(t, h2, nil).Do(req); err == nil {
				_ = res.Body.Close()
			}
		}()
		_, _ = io.WriteString(in, "1")
		if b := <-got; b != '1' {
			t.Errorf("the upstream got %c", b)
		}
		w.disable("full")
		_, _ = io.WriteString(in, "2") // a Read may be waiting for this one already
		if _, more := <-got; more {
			go func() { _, _ = io.WriteString(in, "3") }()
			if b, more := <-got; more {
				t.Errorf("HTTP/2 %v: the upstream got %c after the key was disabled", h2, b)
				go func() {
					for range got {
						continue
					}
				}()
			}
		}
		_ = in.Close()
		<-done
		w.log.await(t, `"reason":"revoked"`)
	}
}

// TestRightGoesStale holds that a proxied request ends when it cannot be judged
// any more, whether data moves or not, and that the log says why.
func TestRightGoesStale(t *testing.T) {
	for _, h2 := range []bool{false, true} {
		for _, c := range []struct {
			name, method, path string
			recheck            time.Duration
		}{
			{"silent stream", "GET", "/customers/stream", 10 * time.Millisecond},
			{"no answer yet", "GET", "/customers/none", 10 * time.Millisecond},
			{"upload", "PUT", "/files/x", time.Hour},
		} {
			t.Run(c.name+" "+map[bool]string{true: "HTTP/2", false: "HTTP/1"}[h2], func(t *testing.T) {
				w := newWorld(t)
				arrived := make(chan struct{})
				w.upstream(handlerUpstream(t, func(w http.ResponseWriter, r *http.Request) {
					if c.path == "/customers/stream" {
						_, _ = io.WriteString(w, "x\n")
						w.(http.Flusher).Flush()
					}
					close(arrived)
					_, _ = io.Copy(io.Discard, r.Body)
					<-r.Context().Done()
				}))
				newest, follow := following(1)
				r := w.serve(func(o *server.Options) { follow(o); o.Recheck, o.CatchUp = c.recheck, 20*time.Millisecond })
				req := request(t, c.method, "https://"+r.tls+c.path, w.header("full"))
				if c.method == "PUT" {
					body, in := io.Pipe()
					defer func() { _ = in.Close() }()
					req.Body, req.ContentLength = body, -1
					go func() {
						for err := error(nil); err == nil; {
							_, err = io.WriteString(in, "abc")
						}
					}()
				}
				go func() {
					<-arrived
					newest.Store(2)
				}()
				res, err := r.client(t, h2, nil).Do(req)
				if err == nil {
					defer func() { _ = res.Body.Close() }()
					_, err = io.Copy(io.Discard, res.Body)
				}
				switch {
				case c.path == "/customers/stream" && err == nil:
					t.Error("the answer reads as whole")
				case c.path == "/customers/none" && (err != nil || res.StatusCode != 503 || res.Header.Get("Retry-After") != "1"):
					t.Errorf("got %v and %v, want 503", res, err)
				}
				if log := w.log.await(t, `"reason":"stale"`); !strings.Contains(log, `"level":"ERROR","msg":"request","allowed":true,"reason":"stale"`) {
					t.Errorf("the log is\n%s", log)
				}
			})
		}
	}
}

// TestRightCatchesUp holds that data waits for the newest change, and moves on
// after it where the key still may.
func TestRightCatchesUp(t *testing.T) {
	w := newWorld(t)
	got := make(chan byte)
	w.upstream(handlerUpstream(t, func(_ http.ResponseWriter, r *http.Request) {
		defer close(got)
		for b := make([]byte, 1); ; got <- b[0] {
			if _, err := io.ReadFull(r.Body, b); err != nil {
				return
			}
		}
	}))
	newest, follow := following(1)
	asked := make(chan struct{}, 1)
	r := w.serve(func(o *server.Options) {
		follow(o)
		o.Recheck, o.CatchUp = time.Hour, time.Hour
		o.Newest = func() uint64 {
			n := newest.Load()
			if n == 2 {
				select {
				case asked <- struct{}{}:
				default:
				}
			}
			return n
		}
	})
	body, in := io.Pipe()
	req := request(t, "PUT", "https://"+r.tls+"/files/x", w.header("full"))
	req.Body, req.ContentLength = body, -1
	done := make(chan struct{})
	go func() {
		defer close(done)
		if res, err := r.client(t, false, nil).Do(req); err == nil {
			_ = res.Body.Close()
		}
	}()
	_, _ = io.WriteString(in, "1")
	<-got
	newest.Store(2)
	_, _ = io.WriteString(in, "2") // a Read may be waiting for this one already
	go func() { _, _ = io.WriteString(in, "3") }()
	<-asked // and waits now
	for passed := true; passed; {
		select {
		case b := <-got:
			if b != '2' {
				t.Errorf("the upstream got %c from an endpoint that was behind", b)
			}
		case <-time.After(20 * time.Millisecond):
			passed = false
		}
	}
	w.publishAt(2)
	for b := range got {
		if b == '3' {
			break
		}
	}
	w.seq = 3
	w.disable("full")
	newest.Store(3)
	go func() { _, _ = io.WriteString(in, "4"); _, _ = io.WriteString(in, "5") }()
	for b := range got {
		if b == '5' {
			t.Error("data went on after the key was disabled")
		}
	}
	_ = in.Close()
	<-done
	w.log.await(t, `"reason":"revoked"`)
}
