package sshd

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// TestChannelThatStartsNothing: it does not last, is told why, and leaves the
// others alone, also where its client keeps asking for other things.
func TestChannelThatStartsNothing(t *testing.T) {
	f := newFixture(t, func(o *Options) { o.Limits.Login = time.Hour })
	c := f.login(f.viewer)
	w := f.console(c)
	w.wait("hello")
	f.clock.turn(time.Second) // so that what waits below is not the console's channel
	ch, requests, err := c.OpenChannel("session", nil)
	must(t, err)
	go ssh.DiscardRequests(requests)
	f.clock.waits(t, defaults.Start)
	f.clock.turn(defaults.Start - time.Second)
	if ok, err := ch.SendRequest("env", true, ssh.Marshal(struct{ Name, Value string }{"LANG", "C"})); err != nil || !ok {
		t.Fatalf("it ended too early: %v, %v", ok, err)
	}
	f.clock.turn(time.Second)
	told := &buffer{}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b := make([]byte, 200)
		for {
			n, err := ch.Stderr().Read(b)
			_, _ = told.Write(b[:n])
			if err != nil {
				return
			}
		}
	}()
	select {
	case <-ended:
	case <-time.After(patience):
		t.Fatal("it never ended")
	}
	if got := told.String(); got != "keyward: neither the console nor a command was asked for: connect again\n" {
		t.Errorf("told %q", got)
	}
	_ = ch.Close() // the answer to the server's
	w.text("on")
	w.wait("on") // a console that started is no concern of that limit
	if _, out, status := f.exec(f.viewer, "version"); status != 7 {
		t.Errorf("status %d, %q", status, out)
	}
}

// TestCommandKnowsTheTerminal: a command gets the size of the terminal, and
// nothing where there is none.
func TestCommandKnowsTheTerminal(t *testing.T) {
	f := newFixture(t, func(o *Options) {
		o.Run = func(_ context.Context, s *Session) int {
			select {
			case size := <-s.Sizes:
				_, _ = fmt.Fprintf(s.Out, "%d by %d\n", size.Width, size.Height)
			default:
				_, _ = fmt.Fprintln(s.Out, "no terminal")
			}
			return 0
		}
	})
	if out, _, _ := f.exec(f.viewer, "key list"); out != "no terminal\n" {
		t.Errorf("without a terminal: %q", out)
	}
	s, err := f.login(f.viewer).NewSession()
	must(t, err)
	must(t, s.RequestPty("xterm", 30, 61, nil))
	must(t, s.WindowChange(31, 62))
	out, err := s.Output("key list")
	if err != nil || strings.TrimSpace(string(out)) != "62 by 31" {
		t.Errorf("on a terminal: %q, %v", out, err)
	}
}
