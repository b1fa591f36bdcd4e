package server_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/server"
)

// TestSlowAnswerToBody holds that the time limit of a body ends with the body:
// the upstream may take longer to answer it, and to stream the answer.
func TestSlowAnswerToBody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.upstream(handlerUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/files/unread" {
			_, _ = io.Copy(io.Discard, r.Body)
		}
		if r.URL.Path == "/orders" { // events
			w.Header().Set("Content-Type", "text/event-stream")
			w.(http.Flusher).Flush()
		}
		for i := range 4 {
			time.Sleep(600 * time.Millisecond)
			if r.URL.Path == "/orders" {
				_, _ = fmt.Fprintf(w, "data: %d\n\n", i)
				w.(http.Flusher).Flush()
			}
		}
		_, _ = io.WriteString(w, "end")
	}))
	r := w.serve(func(o *server.Options) { o.Timeouts.Body = 1500 * time.Millisecond })
	for _, h2 := range []bool{false, true} {
		for _, path := range []string{"PUT /files/x", "PUT /files/unread", "POST /orders"} {
			for _, length := range []int64{3, -1} {
				t.Run(fmt.Sprintf("%s, HTTP 2 %v, length %d", path, h2, length), func(t *testing.T) {
					t.Parallel()
					method, path, _ := strings.Cut(path, " ")
					req := request(t, method, "https://"+r.tls+path, w.header("full"))
					req.Body, req.ContentLength = io.NopCloser(strings.NewReader("abc")), length
					res, err := r.client(t, h2, nil).Do(req)
					if err != nil {
						t.Fatal(err)
					}
					body, err := io.ReadAll(res.Body)
					_ = res.Body.Close()
					if err != nil || !strings.HasSuffix(string(body), "end") {
						t.Errorf("got %q, %v", body, err)
					}
				})
			}
		}
	}
}

// TestUnreadEnds holds that a caller who never takes the ends of answers, which
// net/http sends by itself, is not waited for.
func TestUnreadEnds(t *testing.T) {
	w := newWorld(t)
	long := strings.Repeat("x", 32<<10)
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
	}{
		{"no content", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Long", long)
			w.WriteHeader(http.StatusNoContent)
		}},
		{"early hints", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Link", long)
			for range 1000 {
				w.WriteHeader(http.StatusEarlyHints)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.upstream(handlerUpstream(t, c.answer))
			r := w.serve(func(o *server.Options) { o.Timeouts.Write = 200 * time.Millisecond })
			conn, err := net.Dial("tcp", r.plain)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
			_ = conn.SetWriteDeadline(time.Now().Add(30 * time.Second))
			get := strings.Repeat("GET /customers/7 HTTP/1.1\r\nHost: x\r\nAuthorization: "+w.header("full")+"\r\n\r\n", 64)
			for err == nil {
				_, err = io.WriteString(conn, get)
			}
			if isTimeout(err) {
				t.Error("the connection of a caller who does not read stays open")
			}
		})
	}
}
