package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"

	"dev.keyward/keyward/model"
)

// Listen opens addr, HOST:PORT, for Serve. The error is one sentence that says
// what to do.
func Listen(ctx context.Context, addr string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, listenError(addr, err)
	}
	return newCappedListener(l.(*net.TCPListener), mostConnections(descriptors())), nil
}

// mostConnections is how many connections a listener has at most where the
// process may have so many descriptors: whoever opens connections and says
// nothing must leave some for the store, the admin socket and upstreams
// (security.md G1). More wait to be accepted; an idle one is closed in a minute.
func mostConnections(descriptors uint64) int {
	const spare = 64
	if descriptors < 4*spare {
		return max(8, int(descriptors/4))
	}
	return int(min(descriptors-spare, 1<<16) / 3) // two listeners, and as many connections to upstreams
}

// ListenPlain is Listen for HTTP without TLS, where anybody on the way reads
// the secrets: unless insecure says so, addr must be a loopback one.
func ListenPlain(ctx context.Context, addr string, insecure bool) (net.Listener, error) {
	if insecure {
		return Listen(ctx, addr)
	}
	resolved, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, listenError(addr, err)
	}
	if !resolved.IP.IsLoopback() {
		return nil, model.Invalid("http", "listening on %s: plain HTTP shows every secret to the network: use a loopback address such as 127.0.0.1:8080, or say --insecure-http", addr)
	}
	return Listen(ctx, resolved.String())
}

func listenError(addr string, err error) error {
	var address *net.AddrError
	var name *net.DNSError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("listening on %s: another program has that address: stop it, or choose another address: %w", addr, err)
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return fmt.Errorf("listening on %s: this user may not open that port: choose one above 1023, or grant CAP_NET_BIND_SERVICE: %w", addr, err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("listening on %s: this machine does not have that address: %w", addr, err)
	case errors.As(err, &name):
		return fmt.Errorf("listening on %s: the host name is not known: %w", addr, err)
	case errors.As(err, &address):
		return fmt.Errorf("listening on %s: write the address as HOST:PORT, such as 127.0.0.1:8443: %w", addr, err)
	}
	return fmt.Errorf("listening on %s: %w", addr, err)
}
