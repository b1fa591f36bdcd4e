package server

import (
	"log/slog"
	"net"
	"net/netip"
	"sync"
)

// cappedListener accepts so many connections at once at most, and so many of
// them from one source. More in all wait; more from a source that has its share
// are closed at once, so that nobody else waits for them (security.md G1). Its
// connections stay TCP connections to net/http, which half-closes them: that is
// why it is not golang.org/x/net/netutil's.
type cappedListener struct {
	*net.TCPListener
	exempt []netip.Prefix // have no share of their own: everybody comes through them
	slots  chan struct{}
	closed chan struct{}
	once   sync.Once
	shares shares

	mu     sync.Mutex
	report func(event string, source netip.Prefix, most int)
	full   bool // and reported
}

// The events that a listener reports, each as it begins.
const (
	connectionsFull    = "connections full"    // others wait
	connectionsRefused = "connections refused" // of one source
)

func newCappedListener(l *net.TCPListener, most, each int, exempt []netip.Prefix) *cappedListener {
	return &cappedListener{
		TCPListener: l, exempt: exempt, slots: make(chan struct{}, most), closed: make(chan struct{}),
		shares: shares{most: each, held: map[netip.Prefix]share{}},
		report: func(string, netip.Prefix, int) {},
	}
}

// reportTo tells where to write about the caps.
func (l *cappedListener) reportTo(report func(event string, source netip.Prefix, most int)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.report = report
}

// Accept waits for a connection, and until there may be one more.
func (l *cappedListener) Accept() (net.Conn, error) {
	if !l.room() {
		return nil, net.ErrClosed
	}
	for {
		c, err := l.AcceptTCP()
		if err != nil {
			<-l.slots
			return nil, err
		}
		source := l.sourceOf(c)
		ok, begins := l.shares.take(source)
		if begins {
			l.tell(connectionsRefused, source, l.shares.most)
		}
		if ok {
			return &cappedConn{TCPConn: c, source: source, done: sync.OnceFunc(func() { l.shares.leave(source); <-l.slots })}, nil
		}
		_ = c.SetLinger(0) // nothing of ours is on its way, and nothing of it stays
		_ = c.Close()
	}
}

// room takes a slot; false means that the listener is closed.
func (l *cappedListener) room() bool {
	select {
	case l.slots <- struct{}{}:
		l.becomesFull(false)
		return true
	default:
	}
	l.becomesFull(true)
	select {
	case l.slots <- struct{}{}:
		return true
	case <-l.closed:
		return false
	}
}

// becomesFull tells once that all slots are taken, and once more only after a
// quarter of them was free.
func (l *cappedListener) becomesFull(full bool) {
	l.mu.Lock()
	begins := full && !l.full
	if full || 4*len(l.slots) <= 3*cap(l.slots) {
		l.full = full
	}
	l.mu.Unlock()
	if begins {
		l.tell(connectionsFull, netip.Prefix{}, cap(l.slots))
	}
}

func (l *cappedListener) tell(event string, source netip.Prefix, most int) {
	l.mu.Lock()
	report := l.report
	l.mu.Unlock()
	report(event, source, most)
}

// Close ends Accept.
func (l *cappedListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.TCPListener.Close()
}

// cappedConn makes room for another connection when it is closed.
type cappedConn struct {
	*net.TCPConn
	source netip.Prefix // zero: it has no share
	done   func()

	mu        sync.Mutex
	closed    bool
	handshake func() // ends its turn, if it had one
}

// Close closes the connection.
func (c *cappedConn) Close() error {
	defer c.done()
	c.mu.Lock()
	leave := c.handshake
	c.closed, c.handshake = true, nil
	c.mu.Unlock()
	if leave != nil {
		leave()
	}
	return c.TCPConn.Close()
}

// atClose has leave called when the connection is closed, or now if it is.
func (c *cappedConn) atClose(leave func()) {
	c.mu.Lock()
	closed := c.closed
	if !closed {
		c.handshake = leave
	}
	c.mu.Unlock()
	if closed {
		leave()
	}
}

// sourceOf is who has a share of the connections; the zero Prefix has none.
func (l *cappedListener) sourceOf(c *net.TCPConn) netip.Prefix {
	tcp, ok := c.RemoteAddr().(*net.TCPAddr)
	if !ok { // it is gone already
		return netip.Prefix{}
	}
	address := plain(tcp.AddrPort().Addr())
	if within(address, l.exempt) {
		return netip.Prefix{}
	}
	return networkOf(address)
}

// shares counts the connections of each source. It remembers no source that has
// none.
type shares struct {
	most int

	mu   sync.Mutex
	held map[netip.Prefix]share
}

// share is what one source has.
type share struct {
	count   int
	refused bool // more were refused since it had half of what it may have
}

// take counts one more of a source, unless it has its share already; begins is
// true for the first that is refused. The zero source has no share.
func (s *shares) take(source netip.Prefix) (ok, begins bool) {
	if !source.IsValid() {
		return true, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.held[source]
	if ok = h.count < s.most; ok {
		h.count++
	} else {
		begins, h.refused = !h.refused, true
	}
	s.held[source] = h
	return ok, begins
}

// leave takes one away again.
func (s *shares) leave(source netip.Prefix) {
	if !source.IsValid() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.held[source]
	if h.count--; h.count <= 0 {
		delete(s.held, source)
		return
	}
	h.refused = h.refused && h.count > s.most/2
	s.held[source] = h
}

// crowded writes what a listener has to say about its caps.
func (e *Endpoint) crowded(event string, source netip.Prefix, most int) {
	if !e.flood.admit(event, netip.Prefix{}) {
		return
	}
	attrs := []slog.Attr{slog.Int("limit", most)}
	if source.IsValid() {
		attrs = append([]slog.Attr{slog.String("remote", prefixText(source))}, attrs...)
	}
	e.note(slog.LevelWarn, event, attrs...)
}
