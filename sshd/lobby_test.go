package sshd

import (
	"fmt"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// TestLobby: who has to make room for whom.
func TestLobby(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		each    int
		all     int
		come    string // a letter each: the source
		dropped string // in their order: source and how many of it came before
	}{
		{"there is room", 2, 4, "aabb", ""},
		{"a source is full", 2, 4, "aaa", "a0"},
		{"a source comes again and again", 2, 9, "aaaaaa", "a0 a1 a2 a3"},
		{"all is full, and two have the most", 3, 6, "bbbaaac", "b0"},
		{"the largest loses, not the oldest", 4, 6, "caabbbd", "b0"},
		{"the newcomer's own source is the largest", 4, 6, "bcaaada", "a0"},
		{"each has one", 2, 4, "abcdef", "a0 b0"},
		{"the honest one stays through a flood", 3, 6, "aaabbbh" + strings.Repeat("ab", 4), "a0 b0 a1 b1 a2 b2 a3 b3 a4"},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := newLobby(test.each, test.all)
			var dropped []string
			came := map[rune]int{}
			for _, source := range test.come {
				name := fmt.Sprintf("%c%d", source, came[source])
				came[source]++
				before := len(dropped)
				_, displaced := l.enter(string(source), func() { dropped = append(dropped, name) })
				if told := displaced != ""; told != (len(dropped) > before) || told && displaced != dropped[before][:1] {
					t.Errorf("%q is told, dropped are %q", displaced, dropped)
				}
			}
			if got := strings.Join(dropped, " "); got != test.dropped {
				t.Errorf("dropped %q, want %q", got, test.dropped)
			}
			if len(l.waiting) > test.all || len(l.waiting)+len(dropped) != len(test.come) {
				t.Errorf("%d wait", len(l.waiting))
			}
		})
	}
}

// TestLobbyLeaves: who left is not counted any more, and leaves once.
func TestLobbyLeaves(t *testing.T) {
	t.Parallel()
	l := newLobby(1, 2)
	fail := func() { t.Error("it was dropped") }
	first, _ := l.enter("a", fail)
	if !first.leave() || first.leave() {
		t.Error("it left twice, or never")
	}
	second, _ := l.enter("a", func() {})
	if _, displaced := l.enter("a", fail); displaced != "a" || second.leave() {
		t.Errorf("displaced is %q", displaced)
	}
	if len(l.of) != 1 || l.of["a"] != 1 {
		t.Errorf("counted are %v", l.of)
	}
}

// TestLobbyTogether: however many come and go at once, nobody is counted who is
// not there.
func TestLobbyTogether(t *testing.T) {
	t.Parallel()
	l := newLobby(3, 8)
	var work sync.WaitGroup
	for i := range 8 {
		work.Go(func() {
			for range 200 {
				v, _ := l.enter(fmt.Sprint(i%4), func() {})
				v.leave()
			}
		})
	}
	work.Wait()
	if len(l.waiting) != 0 || len(l.of) != 0 {
		t.Errorf("%d wait, counted are %v", len(l.waiting), l.of)
	}
}

// silentFrom opens a connection from an address of this machine, waits for the
// server's greeting and says nothing.
func silentFrom(t *testing.T, f *fixture, from string) net.Conn {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: patience}
	c, err := d.Dial("tcp", f.addr)
	must(t, err)
	t.Cleanup(func() { closeQuietly(c) })
	_ = c.SetReadDeadline(time.Now().Add(patience))
	if _, err := c.Read(make([]byte, 1)); err != nil {
		t.Fatalf("the server does not greet %s: %v", from, err)
	}
	return c
}

// isOpen reports whether the server has left a silent connection open.
func isOpen(c net.Conn) bool {
	_ = c.SetReadDeadline(time.Now().Add(time.Millisecond))
	for {
		_, err := c.Read(make([]byte, 512))
		if err != nil {
			ne, ok := err.(net.Error)
			return ok && ne.Timeout()
		}
	}
}

// TestHonestLoginGetsIn: four addresses with as many silent connections as they
// may have, which is all there are, keep nobody out: neither from elsewhere nor
// from one of them.
func TestHonestLoginGetsIn(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the other addresses of the loopback network are there on Linux only")
	}
	f := newFixture(t, nil)
	var silent []net.Conn
	for host := range 4 {
		for range defaults.PerSource {
			silent = append(silent, silentFrom(t, f, fmt.Sprintf("127.0.1.%d", host+1)))
		}
	}
	if len(silent) != defaults.Unknown {
		t.Fatalf("%d connections do not fill the lobby", len(silent))
	}
	f.login(f.admin)
	eventually(t, "nobody made room", func() bool { return !isOpen(silent[0]) })
	closed := 0
	for _, c := range silent {
		if !isOpen(c) {
			closed++
		}
	}
	if closed != 1 {
		t.Errorf("%d silent connections were closed for one login", closed)
	}
	silentFrom(t, f, "127.0.1.1") // full again
	config := &ssh.ClientConfig{
		User: "anybody", Auth: []ssh.AuthMethod{ssh.PublicKeys(f.viewer)}, HostKeyCallback: ssh.FixedHostKey(f.host.signer.PublicKey()), Timeout: patience,
	}
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP("127.0.1.2")}}
	conn, err := d.Dial("tcp", f.addr)
	must(t, err)
	c, _, _, err := ssh.NewClientConn(conn, f.addr, config)
	if err != nil {
		t.Fatalf("from an address that is full: %v", err)
	}
	closeQuietly(c)
	if log := f.log.String(); strings.Count(log, "too many SSH connections") != 2 || strings.Contains(log, "an SSH login failed") {
		t.Errorf("the log has:\n%s", log)
	}
	if !slices.ContainsFunc(silent[1:], isOpen) {
		t.Error("all were closed")
	}
}
