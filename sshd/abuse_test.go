package sshd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// TestLeastRightCounts: a second line of a key gives it nothing that the first
// one does not, in either order.
func TestLeastRightCounts(t *testing.T) {
	f := newFixture(t, nil)
	text := publicText(f.viewer.PublicKey())
	here := netip.MustParseAddr("127.0.0.1")
	for _, c := range []struct {
		name    string
		lines   []string // options of each
		role    Role
		line    int
		console bool
	}{
		{"admin, viewer", []string{`keyward-role="admin" `, ""}, Viewer, 2, true},
		{"viewer, admin", []string{"", `keyward-role="admin" `}, Viewer, 1, true},
		{"admin, admin", []string{`keyward-role="admin" `, `keyward-role="admin" `}, Admin, 1, true},
		{"admin, restricted admin", []string{`keyward-role="admin" `, `restrict,keyward-role="admin" `}, Admin, 1, false},
		{"restricted admin, viewer", []string{`restrict,keyward-role="admin" `, ""}, Viewer, 2, false},
		{"admin, viewer elsewhere", []string{`keyward-role="admin" `, `from="10.0.0.0/8" `}, Admin, 1, true},
		{"admin, viewer of yore", []string{`keyward-role="admin" `, `expiry-time="20200101" `}, Admin, 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f.write(c.lines[0] + text + " a\n" + c.lines[1] + text + " b\n")
			id, err := OpenKeyFile(f.file, time.UTC).lookUp(f.viewer.PublicKey(), here, f.clock.Now())
			must(t, err)
			if id.Role != c.role || id.Line != c.line || id.Console != c.console {
				t.Errorf("got %s of line %d, console %v; want %s, %d, %v", id.Role, id.Line, id.Console, c.role, c.line, c.console)
			}
		})
	}
}

// TestIdleClientThatTakesNothing: a session whose client does not take what it is
// sent ends when its time has come, and gives its place back.
func TestIdleClientThatTakesNothing(t *testing.T) {
	f := newFixture(t, func(o *Options) {
		o.Show = func(_ context.Context, s *Session) error {
			for {
				if _, err := fmt.Fprint(s.Out, strings.Repeat("x", 64<<10)); err != nil {
					return err
				}
			}
		}
	})
	c := f.login(f.viewer)
	s, err := c.NewSession()
	must(t, err)
	pipe, err := s.StdoutPipe() // of which nothing is read
	must(t, err)
	must(t, s.RequestPty("xterm", 24, 80, nil))
	must(t, s.Shell())
	if _, err := io.ReadFull(pipe, make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	f.clock.waits(t, defaults.Idle)
	ended := make(chan struct{})
	go func() { defer close(ended); _ = c.Wait() }()
	f.clock.turn(defaults.Idle)
	eventually(t, "it goes on", func() bool {
		f.clock.turn(defaults.Leave) // for the session, and then for the connection
		select {
		case <-ended:
			return true
		default:
			return false
		}
	})
}

// TestChannelsAreBounded: a client that closes none of its channels does not get
// ever more of them, whether or not their sessions are over.
func TestChannelsAreBounded(t *testing.T) {
	f := newFixture(t, nil)
	c := f.login(f.viewer)
	most := channelsEach * defaults.PerConnection
	var open []ssh.Channel
	for i := range most + 1 {
		ch, requests, err := c.OpenChannel("session", nil)
		if i == most {
			var refused *ssh.OpenChannelError
			if !errors.As(err, &refused) || !strings.Contains(refused.Message, "too many channels") {
				t.Fatalf("got %v", err)
			}
			break
		}
		must(t, err)
		go ssh.DiscardRequests(requests)
		open = append(open, ch)
	}
	must(t, open[0].Close())
	eventually(t, "no room came", func() bool {
		_, _, err := c.OpenChannel("session", nil)
		return err == nil
	})
}

// TestOldAlgorithms: nothing is agreed on that rests on SHA-1.
func TestOldAlgorithms(t *testing.T) {
	f := newFixture(t, nil)
	for name, config := range map[string]ssh.Config{
		"key exchange": {KeyExchanges: []string{ssh.InsecureKeyExchangeDH14SHA1}},
		"MAC":          {Ciphers: []string{ssh.CipherAES128CTR}, MACs: []string{ssh.HMACSHA1}},
		"cut MAC":      {Ciphers: []string{ssh.CipherAES128CTR}, MACs: []string{ssh.InsecureHMACSHA196}},
	} {
		c, err := ssh.Dial("tcp", f.addr, &ssh.ClientConfig{
			Config: config, User: "anybody", Auth: []ssh.AuthMethod{ssh.PublicKeys(f.admin)},
			HostKeyCallback: ssh.FixedHostKey(f.host.signer.PublicKey()), Timeout: patience,
		})
		if err == nil {
			closeQuietly(c)
			t.Errorf("%s: agreed on", name)
		} else if !strings.Contains(err.Error(), "no common algorithm") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNotesGoBySource: a host that has a whole network of addresses is told of
// once, not for each of them.
func TestNotesGoBySource(t *testing.T) {
	log := &buffer{}
	now := newClock()
	s := &Server{o: Options{Log: slog.New(slog.NewTextHandler(log, nil))}, noted: notes{now: now.Now}}
	for i := range 100 {
		a := netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", i+1))
		s.note("an SSH login failed", source(a), slog.String("remote", a.String()))
	}
	if n := strings.Count(log.String(), "\n"); n != 1 {
		t.Errorf("%d lines", n)
	}
	now.turn(noteEvery)
	s.note("an SSH login failed", source(netip.MustParseAddr("2001:db8::ffff")))
	if !strings.Contains(log.String(), "left_out=99") {
		t.Error(log.String())
	}
}
