package sshd

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// counter bounds how much there may be at once of each name, and in all. It is
// safe for concurrent use.
type counter struct {
	each, all int

	mu    sync.Mutex
	total int
	names map[string]int
}

func newCounter(each, all int) *counter {
	return &counter{each: each, all: all, names: map[string]int{}}
}

// enter counts one more of a name, unless there are too many; leave takes it
// away again.
func (c *counter) enter(name string) (leave func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.total >= c.all || c.names[name] >= c.each {
		return nil, false
	}
	c.total++
	c.names[name]++
	return sync.OnceFunc(func() { c.leave(name) }), true
}

// count is how much there is of all names.
func (c *counter) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.total
}

func (c *counter) leave(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total--
	if c.names[name]--; c.names[name] == 0 {
		delete(c.names, name)
	}
}

// addressOf is the address of a connection's other end, without a zone and as
// IPv4 where it is that; the zero Addr where it has none.
func addressOf(a net.Addr) netip.Addr {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	return tcp.AddrPort().Addr().Unmap().WithZone("")
}

// source is the part of an address that one host has: of IPv6, a /64.
func source(a netip.Addr) string {
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// notes says which of many equal events are to be logged: the first of each in a
// minute, and how many were not told since the one before.
type notes struct {
	now func() time.Time

	mu   sync.Mutex
	seen map[string]*note
}

type note struct {
	at      time.Time
	missing int
}

const (
	noteEvery = time.Minute
	mostNotes = 1024
)

// tell reports whether an event is to be told, and how many of its kind were not.
func (n *notes) tell(what string) (missing int, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.now()
	last := n.seen[what]
	if last != nil && now.Sub(last.at) < noteEvery {
		last.missing++
		return 0, false
	}
	if len(n.seen) >= mostNotes || n.seen == nil {
		n.seen = map[string]*note{} // whoever comes from so many sources is told of more often
	}
	if last != nil {
		missing = last.missing
	}
	n.seen[what] = &note{at: now}
	return missing, true
}
