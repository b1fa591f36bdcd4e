package server_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"net/http"
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
		k.Primary.Retiring = []model.Retiring{{Digest: k.Primary.Digest, Until: soon}}
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
						if took := time.Since(start); took > 3*time.Second {
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
