package server_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"dev.keyward/keyward/server"
)

// capped runs an endpoint on one plain loopback port with these caps.
func (w *world) capped(caps server.Connections, change func(*server.Options)) string {
	w.t.Helper()
	l, err := caps.Listen(context.Background(), "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	e := w.endpoint(change)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.Serve(ctx, server.Listeners{Plain: l}) }()
	w.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Errorf("Serve returned %v", err)
		}
	})
	return l.Addr().String()
}

// from connects from an address of the loopback network; nil: the connection
// was refused before it was one.
func from(t *testing.T, local, addr string) net.Conn {
	t.Helper()
	c, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(local)}}).Dial("tcp", addr)
	if errors.Is(err, syscall.ECONNRESET) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	return c
}

// several skips a test where the loopback network has one address only, as on
// macOS.
func several(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Skipf("this system has no second address to connect from: %v", err)
	}
	_ = l.Close()
}

// call sends one request on a connection that goes on, and returns the answer's
// status; 0: there was none.
func call(c net.Conn, in *bufio.Reader, authorization string) int {
	_, _ = io.WriteString(c, "GET /customers/7 HTTP/1.1\r\nHost: x\r\nAuthorization: "+authorization+"\r\n\r\n")
	res, err := http.ReadResponse(in, nil)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return res.StatusCode
}

// TestIdleConnectionsOfOne: a source that opens as many connections as it can
// and says nothing gets its share of them, and everybody else is answered.
func TestIdleConnectionsOfOne(t *testing.T) {
	several(t)
	w := newWorld(t)
	addr := w.capped(server.Connections{Most: 40, EachSource: 10}, nil)
	var idle []net.Conn
	var refused atomic.Int64
	for range 200 {
		if c := from(t, "127.0.0.2", addr); c != nil {
			idle = append(idle, c)
		} else {
			refused.Add(1)
		}
	}
	var reading sync.WaitGroup
	for _, c := range idle {
		reading.Go(func() {
			if _, err := c.Read(make([]byte, 1)); err != nil && !isTimeout(err) {
				refused.Add(1)
			}
		})
	}
	for i := range 20 {
		c := from(t, "127.0.0.1", addr)
		if got := call(c, bufio.NewReader(c), w.header("full")); got != 200 {
			t.Errorf("caller %d got %d", i, got)
		}
		_ = c.Close()
	}
	w.log.await(t, `"msg":"connections refused","remote":"127.0.0.2","limit":10}`)
	for i := 0; refused.Load() < 190 && i < 5000 && !t.Failed(); i++ {
		c := from(t, "127.0.0.1", addr) // each answer is behind what came before
		if got := call(c, bufio.NewReader(c), w.header("full")); got != 200 {
			t.Errorf("a caller got %d", got)
		}
		_ = c.Close()
	}
	if got := refused.Load(); got != 190 {
		t.Errorf("%d of 200 connections were refused, want all but 10", got)
	}
	for _, c := range idle {
		_ = c.SetDeadline(time.Now())
	}
	reading.Wait()
	if got := strings.Count(w.log.String(), `"msg":"connections refused"`); got != 1 {
		t.Errorf("told %d times", got)
	}
}

// TestSlowloris: connections that send a header byte by byte are ended when the
// time for a header is over, however steadily the bytes come; a caller who
// waited for one of them is answered.
func TestSlowloris(t *testing.T) {
	w := newWorld(t)
	addr := w.capped(server.Connections{Most: 10, EachSource: 10}, func(o *server.Options) { o.Timeouts.Header = 300 * time.Millisecond })
	var ended atomic.Int64
	var slow sync.WaitGroup
	for range 10 {
		c := from(t, "127.0.0.1", addr)
		_, _ = io.WriteString(c, "GET /customers/7 HTTP/1.1\r\nHost: x\r\nX-Slow: ")
		slow.Go(func() {
			for range 2000 { // far longer than the time for a header
				if _, err := io.WriteString(c, "x"); err != nil {
					ended.Add(1)
					return
				}
				time.Sleep(10 * time.Millisecond) // the pace of the attack
			}
		})
	}
	c := from(t, "127.0.0.1", addr)
	in := bufio.NewReader(c)
	for range 3 {
		if got := call(c, in, w.header("full")); got != 200 {
			t.Errorf("the caller got %d", got)
		}
	}
	slow.Wait()
	if got := ended.Load(); got != 10 {
		t.Errorf("%d of 10 slow connections were ended", got)
	}
	w.log.await(t, `"msg":"connections full","limit":10}`)
}

// TestSlowBody: the same for a body, whose sender proved no key.
func TestSlowBody(t *testing.T) {
	w := newWorld(t)
	addr := w.capped(server.Connections{}, func(o *server.Options) { o.Timeouts.Body = 300 * time.Millisecond })
	c := from(t, "127.0.0.1", addr)
	_, _ = io.WriteString(c, "POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
	for i := 0; ; i++ {
		if _, err := io.WriteString(c, "x"); err != nil {
			break
		}
		if i == 2000 {
			t.Fatal("the body is still being read")
		}
		time.Sleep(10 * time.Millisecond) // the pace of the attack
	}
}

// TestHugeHeaders: one long line, many lines, a long target and many values
// without end are all refused with 431 or cut off, and kept in no memory.
func TestHugeHeaders(t *testing.T) {
	w := newWorld(t)
	addr := w.capped(server.Connections{}, nil)
	for name, text := range map[string]string{
		"a long line":   "GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("x", 1<<20),
		"many lines":    "GET / HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X-Many: y\r\n", 1<<16),
		"a long name":   "GET / HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("n", 1<<20) + ": y",
		"a long target": "GET /" + strings.Repeat("x", 1<<20),
		"a long method": strings.Repeat("G", 1<<20),
		"many names":    "GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: " + strings.Repeat("10.0.0.1, ", 1<<16),
	} {
		t.Run(name, func(t *testing.T) {
			c := from(t, "127.0.0.1", addr)
			sent := make(chan int, 1)
			go func() {
				n, _ := io.WriteString(c, text) // without an end
				sent <- n
			}()
			answer, _ := io.ReadAll(io.LimitReader(c, 4<<10)) // its connection may be reset behind it
			if len(answer) > 0 && !strings.HasPrefix(string(answer), "HTTP/1.1 431 ") {
				t.Errorf("got %.80q", answer)
			}
			_ = c.Close()
			<-sent
		})
	}
	c := from(t, "127.0.0.1", addr)
	if got := call(c, bufio.NewReader(c), w.header("full")); got != 200 {
		t.Errorf("a caller afterwards got %d", got)
	}
}

// TestFloodOverTheWire: wrong keys on many connections at once, and a caller
// with a valid key from the same address beside them.
func TestFloodOverTheWire(t *testing.T) {
	w := newWorld(t)
	addr := w.capped(server.Connections{}, func(o *server.Options) { o.FailureLimit = 10 })
	wrong := "Key=kw_nonsense"
	var statuses [600]atomic.Int64
	var attackers sync.WaitGroup
	for range 8 {
		c := from(t, "127.0.0.1", addr)
		attackers.Go(func() {
			in := bufio.NewReader(c)
			for range 500 {
				statuses[call(c, in, wrong)].Add(1)
			}
		})
	}
	c := from(t, "127.0.0.1", addr)
	in := bufio.NewReader(c)
	for i := range 500 {
		if got := call(c, in, w.header("full")); got != 200 {
			t.Fatalf("request %d of the caller with a valid key got %d", i, got)
		}
	}
	attackers.Wait()
	unauthorized, tooMany := statuses[401].Load(), statuses[429].Load()
	if unauthorized+tooMany != 4000 || unauthorized < 10 || unauthorized > 100 {
		t.Errorf("the attackers got 401 %d times and 429 %d times, of 4000", unauthorized, tooMany)
	}
}
