package server

import (
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

// TestListenerHasACap: a listener of Listen is not a plain one.
func TestListenerHasACap(t *testing.T) {
	l, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	if _, plain := l.(*net.TCPListener); plain {
		t.Error("the listener has no cap")
	}
}
