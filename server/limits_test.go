package server_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/server"
)

func short(o *server.Options) {
	o.Timeouts = server.Timeouts{Header: time.Second, Body: time.Second, Idle: time.Second}
}

// closes reports how long the peer kept conn open, and fails after limit.
func closes(t *testing.T, name string, conn net.Conn, limit time.Duration) {
	t.Helper()
	defer func() { _ = conn.Close() }()
	start := time.Now()
	_ = conn.SetReadDeadline(start.Add(limit))
	if _, err := io.Copy(io.Discard, conn); errors.Is(err, context.DeadlineExceeded) || isTimeout(err) {
		t.Errorf("%s: the connection is still open after %v", name, limit)
	}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

func TestSilentPeers(t *testing.T) {
	w := newWorld(t)
	r := w.serve(short)
	dial := func(addr, text string) net.Conn {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, text)
		return conn
	}
	h2 := func() net.Conn {
		conn, err := tls.Dial("tcp", r.tls, &tls.Config{RootCAs: r.pool, ServerName: "localhost", NextProtos: []string{"h2"}})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00")
		return conn
	}
	for name, conn := range map[string]net.Conn{
		"a silent connection":        dial(r.plain, ""),
		"a header that stops":        dial(r.plain, "GET / HTTP/1.1\r\nHost: x\r\n"),
		"a silent TLS connection":    dial(r.tls, ""),
		"a TLS record that stops":    dial(r.tls, "\x16\x03\x01\x02"),
		"an idle connection":         dial(r.plain, "GET /_keyward/health HTTP/1.1\r\nHost: x\r\n\r\n"),
		"a body that stops":          dial(r.plain, "POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"),
		"a chunked body that stops":  dial(r.plain, "POST /orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
		"HTTP/2's preface, silence":  h2(),
		"a health check with a body": dial(r.plain, "GET /_keyward/health HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			closes(t, name, conn, 30*time.Second)
		})
	}
}

// TestReaderThatStops holds that an answer nobody takes does not stay for ever.
func TestReaderThatStops(t *testing.T) {
	w := newWorld(t)
	ended := make(chan struct{})
	w.upstream(handlerUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		for {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	}))
	r := w.serve(func(o *server.Options) { o.Timeouts.Write = 200 * time.Millisecond })
	conn, err := net.Dial("tcp", r.plain)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, "GET /customers/7 HTTP/1.1\r\nHost: x\r\nAuthorization: "+w.header("full")+"\r\n\r\n")
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		t.Error("the upstream is still sending")
	}
}

func TestHeaderLimit(t *testing.T) {
	w := newWorld(t)
	r := w.serve(nil)
	long := strings.Repeat("x", 40<<10)
	answer := raw(t, r.plain, "GET /customers/7 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: "+long+"\r\n\r\n")
	if !strings.HasPrefix(answer, "HTTP/1.1 431 ") {
		t.Errorf("got %.40q, want 431", answer)
	}
	req := request(t, "GET", "https://"+r.tls+"/customers/7", w.header("full"))
	req.Header.Set("X-Long", long)
	if res, err := r.client(t, true, nil).Do(req); err == nil {
		_ = res.Body.Close()
		if res.StatusCode != 431 {
			t.Errorf("HTTP/2: got %d, want 431 or a refusal", res.StatusCode)
		}
	}
}

// TestShutdown lets the request under way finish, takes no more connections at
// once, and does not wait for a stream.
func TestShutdown(t *testing.T) {
	w := newWorld(t)
	arrived, finish := make(chan struct{}, 2), make(chan struct{})
	w.upstream(handlerUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		if r.Method == http.MethodPost { // a stream
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			return
		}
		<-finish
		_, _ = io.WriteString(w, "done")
	}))
	r := w.serve(func(o *server.Options) { o.Timeouts.Grace = 3 * time.Second })
	type result struct {
		body string
		err  error
	}
	send := func(method, path string) chan result {
		answered := make(chan result, 1)
		go func() {
			res, err := http.DefaultClient.Do(request(t, method, "http://"+r.plain+path, w.header("full")))
			if err != nil {
				answered <- result{"", err}
				return
			}
			defer func() { _ = res.Body.Close() }()
			body, err := io.ReadAll(res.Body)
			answered <- result{string(body), err}
		}()
		<-arrived
		return answered
	}
	call, stream := send("GET", "/customers/7"), send("POST", "/orders")
	r.stop()
	refused := false
	for range 100 {
		conn, err := net.Dial("tcp", r.plain)
		if refused = err != nil; refused {
			break
		}
		_ = conn.Close()
		time.Sleep(5 * time.Millisecond)
	}
	if !refused {
		t.Error("a new connection is taken after the stop")
	}
	close(finish)
	if got := <-call; got.body != "done" || got.err != nil {
		t.Errorf("the request under way got %q, %v", got.body, got.err)
	}
	if got := <-stream; got.err == nil {
		t.Error("the stream reads as whole")
	}
	w.log.await(t, "requests were cut off at shutdown")
	w.log.await(t, `"level":"WARN","msg":"request","allowed":true,"reason":"shutdown"`)
}

func TestServeFails(t *testing.T) {
	w := newWorld(t)
	if err := w.endpoint(nil).Serve(t.Context(), server.Listeners{}); err == nil {
		t.Error("Serve without a listener returns nil")
	}
	l := listen(t)
	if err := w.endpoint(nil).Serve(t.Context(), server.Listeners{TLS: l}); err == nil {
		t.Error("Serve without a certificate returns nil")
	}
	_ = l.Close()
	if err := w.endpoint(nil).Serve(t.Context(), server.Listeners{Plain: l}); err == nil {
		t.Error("Serve on a closed listener returns nil")
	}
	if _, err := server.New(server.Options{}); err == nil {
		t.Error("New without a snapshot returns nil")
	}
}

func TestListenErrors(t *testing.T) {
	taken := listen(t)
	defer func() { _ = taken.Close() }()
	for _, c := range []struct {
		name, addr, want string
		plain            bool
	}{
		{"in use", taken.Addr().String(), "another program has that address", false},
		{"no port", "127.0.0.1", "write the address as HOST:PORT", false},
		{"no port, plain", "127.0.0.1", "write the address as HOST:PORT", true},
		{"not ours", "192.0.2.1:0", "does not have that address", false},
		{"plain on all addresses", ":0", "--insecure-http", true},
		{"plain on a public address", "192.0.2.1:0", "--insecure-http", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			open := func() (net.Listener, error) { return server.Listen(t.Context(), c.addr) }
			if c.plain {
				open = func() (net.Listener, error) { return server.ListenPlain(t.Context(), c.addr, false) }
			}
			l, err := open()
			if err == nil {
				_ = l.Close()
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	for _, addr := range []string{"127.0.0.1:0", "localhost:0"} {
		l, err := server.ListenPlain(t.Context(), addr, false)
		if err != nil {
			t.Errorf("%s: %v", addr, err)
			continue
		}
		_ = l.Close()
	}
}

// TestPanic answers 500 and goes on.
func TestPanic(t *testing.T) {
	w := newWorld(t)
	secret := w.secrets["full"].Reveal()
	r := w.serve(func(o *server.Options) {
		o.Invoke = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/customers/late" {
				_, _ = io.WriteString(w, "half")
			}
			panic("quoting " + r.Header.Get("Authorization"))
		})
	})
	res, body := do(t, http.DefaultClient, request(t, "GET", "http://"+r.plain+"/customers/7", w.header("full")))
	if res.StatusCode != 500 || !strings.Contains(body, res.Header.Get("X-Keyward-Request-Id")) {
		t.Errorf("got %d %s", res.StatusCode, body)
	}
	late := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // which does not try again
	if _, err := late.Do(request(t, "GET", "http://"+r.plain+"/customers/late", w.header("full"))); err == nil {
		t.Error("a panic in the middle of an answer leaves it whole")
	}
	if res, _ := do(t, http.DefaultClient, request(t, "GET", "http://"+r.plain+"/_keyward/health", "")); res.StatusCode != 200 {
		t.Errorf("afterwards: got %d", res.StatusCode)
	}
	log := w.log.await(t, `"path":"/customers/late"`)
	if strings.Count(log, `"level":"ERROR","msg":"request","allowed":true,"reason":"panic"`) != 2 || !strings.Contains(log, "limits_test.go:") || strings.Contains(log, secret) {
		t.Errorf("logged %s", log)
	}
}
