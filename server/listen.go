package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"dev.keyward/keyward/model"
)

// Connections are the caps of one listener (security.md G1). The zero value is
// right for most.
type Connections struct {
	// Most is how many there are at once at most; more wait to be accepted. 0: as
	// many as leave enough descriptors for everything else.
	Most int
	// EachSource is how many of them one IPv4 address or IPv6 /64 may have; more
	// are closed at once. 0: half of Most.
	EachSource int
	// Exempt have no share of their own: trusted proxies, through which everybody
	// comes.
	Exempt []netip.Prefix
}

// Listen opens addr, HOST:PORT, for Serve, with the caps that the zero
// Connections have. The error is one sentence that says what to do.
func Listen(ctx context.Context, addr string) (net.Listener, error) {
	return Connections{}.Listen(ctx, addr)
}

// ListenPlain is Listen for HTTP without TLS, where anybody on the way reads
// the secrets: unless insecure says so, addr must be a loopback one.
func ListenPlain(ctx context.Context, addr string, insecure bool) (net.Listener, error) {
	return Connections{}.ListenPlain(ctx, addr, insecure)
}

// Listen opens addr, HOST:PORT, for Serve. The error is one sentence that says
// what to do.
func (c Connections) Listen(ctx context.Context, addr string) (net.Listener, error) {
	most, each, err := c.caps(descriptors())
	if err != nil {
		return nil, err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, listenError(addr, err)
	}
	return newCappedListener(l.(*net.TCPListener), most, each, c.Exempt), nil
}

// caps are those of a listener of a process that may have so many descriptors.
func (c Connections) caps(descriptors uint64) (most, each int, err error) {
	most, each = c.Most, c.EachSource
	if room := descriptors - min(descriptors, spareDescriptors); most > 0 && uint64(most) > room {
		return 0, 0, model.Invalid("max-connections", "%d connections are more than this process can have with its limit of %d open files: raise that (ulimit -n), or ask for %d at most", most, descriptors, room)
	}
	if most <= 0 {
		most = mostConnections(descriptors)
	}
	if each <= 0 {
		each = max(1, most/2)
	}
	return most, min(each, most), nil
}

// spareDescriptors are for the store, the admin socket and the log.
const spareDescriptors = 64

// mostConnections is how many connections a listener has at most where the
// process may have so many descriptors: whoever opens connections and says
// nothing must leave some for the store, the admin socket and upstreams
// (security.md G1). More wait to be accepted; an idle one is closed in a minute.
func mostConnections(descriptors uint64) int {
	const spare = spareDescriptors
	if descriptors < 4*spare {
		return max(8, int(descriptors/4))
	}
	return int(min(descriptors-spare, 1<<16) / 3) // two listeners, and as many connections to upstreams
}

// ListenPlain is Listen for HTTP without TLS; see the function of that name.
func (c Connections) ListenPlain(ctx context.Context, addr string, insecure bool) (net.Listener, error) {
	if insecure {
		return c.Listen(ctx, addr)
	}
	resolved, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, listenError(addr, err)
	}
	if !resolved.IP.IsLoopback() {
		return nil, model.Invalid("http", "listening on %s: plain HTTP shows every secret to the network: use a loopback address such as 127.0.0.1:8080, or say --insecure-http", addr)
	}
	return c.Listen(ctx, resolved.String())
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
