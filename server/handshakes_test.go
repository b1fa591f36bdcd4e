package server

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestHandshakeTurns: so many of a source at once, nobody else's matter, and
// nothing is remembered afterwards.
func TestHandshakeTurns(t *testing.T) {
	h := newHandshakes(2, time.Hour)
	a, b := sourceNumber(1), sourceNumber(2)
	enter := func() func() {
		t.Helper()
		leave, ok := h.enter(t.Context(), a)
		if !ok {
			t.Fatal("no turn")
		}
		return leave
	}
	first, second := enter(), enter()
	if leave, ok := h.enter(t.Context(), b); !ok {
		t.Error("another source has no turn")
	} else {
		leave()
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, ok := h.enter(gone, a); ok {
		t.Error("a third has a turn")
	}
	h.patience = 0
	if _, ok := h.enter(t.Context(), a); ok {
		t.Error("a third that does not wait has a turn")
	}
	h.patience = time.Hour
	third := make(chan func())
	go func() { third <- enter() }()
	first()
	first() // as often as one likes
	leave := <-third
	second()
	leave()
	if len(h.gates) != 0 {
		t.Errorf("left over: %v", h.gates)
	}
}

// TestHandshakesAtOnce: never more than there may be, and the counts come out
// even.
func TestHandshakesAtOnce(t *testing.T) {
	h := newHandshakes(3, time.Hour)
	var now, most atomic.Int64
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 200 {
				leave, ok := h.enter(t.Context(), sourceNumber(1))
				if !ok {
					t.Error("no turn")
					return
				}
				for n := now.Add(1); ; {
					m := most.Load()
					if n <= m || most.CompareAndSwap(m, n) {
						break
					}
				}
				now.Add(-1)
				leave()
			}
		})
	}
	wg.Wait()
	if most.Load() > 3 || len(h.gates) != 0 {
		t.Errorf("%d at once; left over: %v", most.Load(), h.gates)
	}
}

// TestConnectionEndsItsTurn, also one that is closed before it has it.
func TestConnectionEndsItsTurn(t *testing.T) {
	for _, closedFirst := range []bool{false, true} {
		ended := 0
		c := &cappedConn{TCPConn: &net.TCPConn{}, done: func() {}}
		if closedFirst {
			_ = c.Close()
		}
		c.atClose(func() { ended++ })
		_ = c.Close()
		_ = c.Close()
		if ended != 1 {
			t.Errorf("closed first %v: the turn ended %d times", closedFirst, ended)
		}
	}
}

// clientHello is the beginning of a handshake, as a client sends it.
func clientHello(t *testing.T) []byte {
	t.Helper()
	ours, theirs := net.Pipe()
	defer func() { _ = theirs.Close() }()
	go func() { _ = tls.Client(ours, &tls.Config{InsecureSkipVerify: true}).Handshake() }() //nolint:gosec // nobody answers
	header := make([]byte, 5)
	if _, err := io.ReadFull(theirs, header); err != nil {
		t.Fatal(err)
	}
	body := make([]byte, int(header[3])<<8|int(header[4]))
	if _, err := io.ReadFull(theirs, body); err != nil {
		t.Fatal(err)
	}
	return append(header, body...)
}

// handshakeServer runs an endpoint that lets two handshakes of a source go on at
// once.
func handshakeServer(t *testing.T, patience time.Duration) (e *Endpoint, addr string) {
	t.Helper()
	e, _ = limitedEndpoint(t, -1)
	e.handshakes = newHandshakes(2, patience)
	l, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	pair := httptest.NewUnstartedServer(nil)
	pair.StartTLS() // for its certificate
	certificate := pair.TLS.Certificates[0]
	pair.Close()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.Serve(ctx, Listeners{TLS: l, Certificate: StaticCertificate(certificate)}) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve returned %v", err)
		}
	})
	return e, l.Addr().String()
}

// begins makes a client's hello arrive, and waits for the server's: a handshake
// is going on that the client never ends.
func begins(t *testing.T, c net.Conn) {
	t.Helper()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := c.Write(clientHello(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
}

func shakes(c net.Conn) error {
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	client := tls.Client(c, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}}) //nolint:gosec // the certificate is no matter here
	if err := client.Handshake(); err != nil {
		return err
	}
	if client.ConnectionState().NegotiatedProtocol != "h2" {
		return errors.New("no HTTP/2")
	}
	return nil
}

// TestHandshakesOfOne: handshakes that never end keep others of their source
// waiting until they are dropped, and nobody else.
func TestHandshakesOfOne(t *testing.T) {
	_, addr := handshakeServer(t, time.Hour)
	stuck := []*net.TCPConn{dialFrom(t, "127.0.0.2", addr), dialFrom(t, "127.0.0.2", addr)}
	for _, c := range stuck {
		begins(t, c)
	}
	for range 20 {
		if err := shakes(dialFrom(t, "127.0.0.1", addr)); err != nil {
			t.Fatalf("from elsewhere: %v", err)
		}
	}
	waiting := dialFrom(t, "127.0.0.2", addr)
	done := make(chan error, 1)
	go func() { done <- shakes(waiting) }()
	if err := shakes(dialFrom(t, "127.0.0.1", addr)); err != nil {
		t.Fatalf("from elsewhere, beside one that waits: %v", err)
	}
	select {
	case err := <-done:
		t.Errorf("a third handshake did not wait: %v", err)
	default:
	}
	_ = stuck[0].Close()
	if err := <-done; err != nil {
		t.Errorf("a handshake after another one ended: %v", err)
	}
	for range 20 { // and each one that is over makes room
		if err := shakes(dialFrom(t, "127.0.0.2", addr)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestHandshakesAreDropped(t *testing.T) {
	_, addr := handshakeServer(t, 0)
	begins(t, dialFrom(t, "127.0.0.1", addr))
	begins(t, dialFrom(t, "127.0.0.1", addr))
	if err := shakes(dialFrom(t, "127.0.0.1", addr)); err == nil {
		t.Error("a third handshake went on")
	}
}

// TestHandshakesOverAgain: far more connections than may shake hands at once,
// each with a request, all answered.
func TestHandshakesOverAgain(t *testing.T) {
	e, addr := handshakeServer(t, time.Hour)
	var wg sync.WaitGroup
	for range 8 {
		client := &http.Client{Transport: &http.Transport{
			DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // the certificate is no matter here
		}}
		wg.Go(func() {
			for range 20 {
				res, err := client.Get("https://" + addr + "/_keyward/health")
				if err != nil {
					t.Error(err)
					return
				}
				_ = res.Body.Close()
			}
		})
	}
	wg.Wait()
	e.handshakes.mu.Lock()
	defer e.handshakes.mu.Unlock()
	for source, g := range e.handshakes.gates {
		if len(g.slots) > g.users {
			t.Errorf("%v has %d turns of %d", source, len(g.slots), g.users)
		}
	}
}
