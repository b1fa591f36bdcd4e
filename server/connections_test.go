package server

import (
	"errors"
	"net"
	"testing"
)

// TestMostConnections: some descriptors are left whatever the limit is.
func TestMostConnections(t *testing.T) {
	for limit, want := range map[uint64]int{10: 8, 64: 16, 255: 63, 256: 64, 1024: 320, 1 << 20: 21845} {
		if got := mostConnections(limit); got != want {
			t.Errorf("with %d descriptors: %d connections, want %d", limit, got, want)
		}
	}
}

// TestConnectionsAreCapped: what is over the cap waits until another connection
// ends, and Close ends the waiting.
func TestConnectionsAreCapped(t *testing.T) {
	tcp, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := newCappedListener(tcp.(*net.TCPListener), 1, 1, nil)
	dial := func() {
		t.Helper()
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
	}
	dial()
	dial()
	first, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	second := make(chan error)
	accept := func() {
		c, err := l.Accept()
		if err == nil {
			_, half := c.(interface{ CloseWrite() error })
			if !half {
				err = errors.New("it cannot be half closed")
			}
		}
		second <- err
	}
	go accept()
	select {
	case err := <-second:
		t.Fatalf("a second one is accepted beside the first: %v", err)
	default:
	}
	if len(l.slots) != 1 {
		t.Errorf("%d slots are taken", len(l.slots))
	}
	if err := errors.Join(first.Close(), first.Close()); err == nil {
		t.Error("closing twice is no error")
	}
	if err := <-second; err != nil {
		t.Error(err)
	}
	go accept()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := <-second; !errors.Is(err, net.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}
