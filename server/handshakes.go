package server

import (
	"context"
	"crypto/tls"
	"errors"
	"net/netip"
	"sync"
	"time"
)

// handshakesEach is how many TLS handshakes of one source go on at once: a
// signature each, about half a millisecond of processor time. More wait, so that
// whoever opens connections in a loop keeps nobody else's handshake from its
// turn (security.md G2).
const handshakesEach = 64

var errHandshakes = errors.New("too many handshakes of its address are going on")

// handshakes admits TLS handshakes. A source that nothing is known of, such as a
// trusted proxy, is let through.
type handshakes struct {
	each     int
	patience time.Duration // how long one waits before it is dropped

	mu    sync.Mutex
	gates map[netip.Prefix]*gate // of the sources that have a handshake, or wait for one
}

// gate is that of one source.
type gate struct {
	slots chan struct{}
	users int // handshakes, and who waits
}

func newHandshakes(each int, patience time.Duration) *handshakes {
	return &handshakes{each: each, patience: patience, gates: map[netip.Prefix]*gate{}}
}

// enter waits for a source's turn; false means that it did not come in time.
// Otherwise leave is called when the handshake is over, once or more often.
func (h *handshakes) enter(ctx context.Context, source netip.Prefix) (leave func(), ok bool) {
	g := h.join(source)
	select {
	case g.slots <- struct{}{}:
	default:
		patience := time.NewTimer(h.patience)
		defer patience.Stop()
		select {
		case g.slots <- struct{}{}:
		case <-patience.C:
			h.part(source, g)
			return nil, false
		case <-ctx.Done():
			h.part(source, g)
			return nil, false
		}
	}
	return sync.OnceFunc(func() {
		<-g.slots
		h.part(source, g)
	}), true
}

func (h *handshakes) join(source netip.Prefix) *gate {
	h.mu.Lock()
	defer h.mu.Unlock()
	g := h.gates[source]
	if g == nil {
		g = &gate{slots: make(chan struct{}, h.each)}
		h.gates[source] = g
	}
	g.users++
	return g
}

func (h *handshakes) part(source netip.Prefix, g *gate) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if g.users--; g.users == 0 {
		delete(h.gates, source)
	}
}

// admit makes config wait for its turn. The turn ends when the client's side of
// the handshake has come, by when the signature is made, or with the connection.
func (h *handshakes) admit(config *tls.Config) {
	base := config.Clone()
	config.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		c, ok := hello.Conn.(*cappedConn)
		if !ok || !c.source.IsValid() {
			return nil, nil // as config says
		}
		leave, ok := h.enter(hello.Context(), c.source)
		if !ok {
			return nil, errHandshakes
		}
		c.atClose(leave)
		turn := base.Clone()
		turn.VerifyConnection = func(state tls.ConnectionState) error {
			leave()
			return base.VerifyConnection(state)
		}
		return turn, nil
	}
}
