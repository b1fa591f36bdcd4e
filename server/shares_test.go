package server

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

func TestShares(t *testing.T) {
	a, b := sourceNumber(1), sourceNumber(2)
	s := shares{most: 4, held: map[netip.Prefix]share{}}
	for i, step := range []struct {
		source             netip.Prefix
		leaves, ok, begins bool
	}{
		{a, false, true, false}, {a, false, true, false}, {a, false, true, false}, {a, false, true, false},
		{a, false, false, true}, {a, false, false, false}, // told once
		{b, false, true, false},                                                    // nobody else's matter
		{a, true, false, false}, {a, false, true, false}, {a, false, false, false}, // one may come again; not told again
		{a, true, false, false}, {a, true, false, false}, // down to half
		{a, false, true, false}, {a, false, true, false}, {a, false, false, true}, // it begins anew
		{a, true, false, false}, {a, true, false, false}, {a, true, false, false}, {a, true, false, false},
		{b, true, false, false},
	} {
		if step.leaves {
			s.leave(step.source)
			continue
		}
		if ok, begins := s.take(step.source); ok != step.ok || begins != step.begins {
			t.Errorf("step %d: got %v, begins %v", i, ok, begins)
		}
	}
	if len(s.held) != 0 {
		t.Errorf("sources without connections are remembered: %v", s.held)
	}
	for range 100 {
		if ok, _ := s.take(netip.Prefix{}); !ok {
			t.Fatal("who has no share is refused")
		}
	}
}

// TestSharesAtOnce: a source never has more than its share, and the counts come
// out even.
func TestSharesAtOnce(t *testing.T) {
	s := shares{most: 3, held: map[netip.Prefix]share{}}
	var most, now [4]atomic.Int64
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			for i := range 2000 {
				who := (n + i) % 4
				if ok, _ := s.take(sourceNumber(who)); ok {
					if held := now[who].Add(1); held > most[who].Load() {
						most[who].Store(held)
					}
					now[who].Add(-1)
					s.leave(sourceNumber(who))
				}
			}
		})
	}
	wg.Wait()
	for who := range most {
		if got := most[who].Load(); got > 3 {
			t.Errorf("source %d had %d", who, got)
		}
	}
	if len(s.held) != 0 {
		t.Errorf("left over: %v", s.held)
	}
}

func TestConnectionCaps(t *testing.T) {
	for _, c := range []struct {
		name        string
		connections Connections
		descriptors uint64
		most, each  int // 0: refused
	}{
		{"by default", Connections{}, 1024, 320, 160},
		{"by default, hardly any descriptors", Connections{}, 10, 8, 4},
		{"by default, as many as one likes", Connections{}, 1 << 20, 21845, 10922},
		{"said", Connections{Most: 100}, 1024, 100, 50},
		{"one", Connections{Most: 1}, 1024, 1, 1},
		{"both said", Connections{Most: 100, EachSource: 10}, 1024, 100, 10},
		{"a share larger than all", Connections{Most: 100, EachSource: 1000}, 1024, 100, 100},
		{"a share alone", Connections{EachSource: 10}, 1024, 320, 10},
		{"all that there are", Connections{Most: 960}, 1024, 960, 480},
		{"more than there are", Connections{Most: 961}, 1024, 0, 0},
		{"more than there are, hardly any", Connections{Most: 1}, 10, 0, 0},
	} {
		most, each, err := c.connections.caps(c.descriptors)
		if most != c.most || each != c.each || (err != nil) != (c.most == 0) {
			t.Errorf("%s: got %d, %d, %v; want %d, %d", c.name, most, each, err, c.most, c.each)
		}
		if err != nil && !strings.Contains(err.Error(), "ulimit -n") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// told gathers what a listener reports.
type told struct {
	mu   sync.Mutex
	list []string
}

func (r *told) report(event string, source netip.Prefix, most int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, fmt.Sprint(event, " ", prefixText(source), " ", most))
}

// dialFrom connects from an address of the loopback network, of which not every
// system has more than one.
func dialFrom(t *testing.T, from, to string) *net.TCPConn {
	t.Helper()
	c, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}).Dial("tcp", to)
	if errors.Is(err, syscall.ECONNRESET) { // refused before it was a connection
		return nil
	}
	if err != nil && from != "127.0.0.1" {
		t.Skipf("this system has no address %s: %v", from, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c.(*net.TCPConn)
}

// TestShareOfConnections: what one source opens over its share is closed at
// once, while others, and trusted proxies, get in; and it is told once.
func TestShareOfConnections(t *testing.T) {
	tcp, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l, r := newCappedListener(tcp.(*net.TCPListener), 8, 2, mustProxies(t, "127.0.0.9")), &told{}
	l.reportTo(r.report)
	accepted := make(chan net.Conn, 100)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	addr := l.Addr().String()
	taken := map[string][]net.Conn{}
	for range 2 {
		dialFrom(t, "127.0.0.1", addr)
		taken["127.0.0.1"] = append(taken["127.0.0.1"], <-accepted)
	}
	for range 20 {
		c := dialFrom(t, "127.0.0.1", addr)
		if c == nil {
			continue
		}
		if n, err := c.Read(make([]byte, 1)); err == nil {
			t.Fatalf("one over its share reads %d bytes", n)
		}
	}
	dialFrom(t, "127.0.0.2", addr)
	if got := (<-accepted).RemoteAddr().(*net.TCPAddr).IP.String(); got != "127.0.0.2" {
		t.Errorf("%s got in beside", got)
	}
	for range 4 {
		dialFrom(t, "127.0.0.9", addr)
		<-accepted
	}
	_ = taken["127.0.0.1"][0].Close() // and there may be another one
	dialFrom(t, "127.0.0.1", addr)
	if got := (<-accepted).RemoteAddr().(*net.TCPAddr).IP.String(); got != "127.0.0.1" {
		t.Errorf("%s got in afterwards", got)
	}
	_ = l.Close()
	<-done
	r.mu.Lock()
	defer r.mu.Unlock()
	if got := strings.Join(r.list, ", "); got != "connections refused 127.0.0.1 2" {
		t.Errorf("told: %s", got)
	}
}

// TestFullIsTold once, and again only after a quarter of the slots was free.
func TestFullIsTold(t *testing.T) {
	r := &told{}
	l := newCappedListener(nil, 4, 4, nil)
	l.reportTo(r.report)
	for i, step := range []struct {
		held int // slots
		full bool
		want int // reports so far
	}{
		{4, false, 0}, {4, true, 1}, {4, true, 1}, {4, false, 1}, {4, true, 1}, {3, false, 1}, {4, true, 2}, {1, false, 2}, {4, false, 2},
	} {
		for len(l.slots) < step.held {
			l.slots <- struct{}{}
		}
		for len(l.slots) > step.held {
			<-l.slots
		}
		l.becomesFull(step.full)
		if got := len(r.list); got != step.want {
			t.Errorf("step %d: told %q, want %d times", i, r.list, step.want)
		}
	}
	if r.list[0] != "connections full  4" {
		t.Errorf("told %q", r.list[0])
	}
}
