package sshd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

func TestConsole(t *testing.T) {
	f := newFixture(t, nil)
	w := f.console(f.login(f.admin))
	w.wait("hello ssh ada@laptop (SHA256:")
	w.wait("TERM=xterm-256color;")
	w.wait("size 100x30;")
	must(t, w.s.WindowChange(40, 120))
	w.wait("size 120x40;")
	must(t, w.s.WindowChange(1<<30, 1<<31))
	w.wait("size 1000x1000;")
	w.text("abc")
	w.wait("abc")
	w.text("q")
	if status := w.status(); status != 0 {
		t.Errorf("status %d", status)
	}
}

func TestCommand(t *testing.T) {
	f := newFixture(t, nil)
	for _, c := range []struct {
		command, out, errOut string
		status               int
	}{
		{"key list", "[\"key\" \"list\"] by admin\n", "told\n", 7},
		{"keyward key show 'a b'", "[\"key\" \"show\" \"a b\"] by admin\n", "told\n", 7},
		{"key list; id", "", "there is no shell here", 2},
		{"key show 'a", "", "not closed", 2},
		{"panic", "by admin", "keyward made a mistake", 1},
	} {
		out, errOut, status := f.exec(f.admin, c.command)
		if !strings.Contains(out, c.out) || !strings.Contains(errOut, c.errOut) || status != c.status {
			t.Errorf("%s: got %q, %q, status %d", c.command, out, errOut, status)
		}
	}
	if !strings.Contains(f.log.String(), "asked to") {
		t.Errorf("the log has nothing of the panic:\n%s", f.log)
	}
}

// TestMistakeEndsOneSession: a panic in a console is told, and the others go on.
func TestMistakeEndsOneSession(t *testing.T) {
	f := newFixture(t, nil)
	c := f.login(f.admin)
	other, bad := f.console(c), f.console(c)
	other.wait("hello")
	bad.text("p")
	bad.wait("keyward made a mistake: connect again, and tell the administrator, who finds it in the log\r\n")
	if status := bad.status(); status != 1 {
		t.Errorf("status %d", status)
	}
	other.text("on")
	other.wait("on")
}

// TestNothingElse: no channel, request or variable but those of a console and a
// command.
func TestNothingElse(t *testing.T) {
	f := newFixture(t, nil)
	c := f.login(f.admin)
	for _, kind := range []string{"direct-tcpip", "direct-streamlocal@openssh.com", "forwarded-tcpip", "x11", "auth-agent@openssh.com", "tun@openssh.com", "sessions"} {
		ch, _, err := c.OpenChannel(kind, nil)
		var refused *ssh.OpenChannelError
		if err == nil {
			_ = ch.Close()
		}
		if !errors.As(err, &refused) || refused.Reason != ssh.Prohibited {
			t.Errorf("channel %s: %v", kind, err)
		}
	}
	for _, kind := range []string{"tcpip-forward", "cancel-tcpip-forward", "streamlocal-forward@openssh.com", "hostkeys-prove-00@openssh.com", "no-more-sessions@openssh.com"} {
		if ok, _, err := c.SendRequest(kind, true, nil); ok || err != nil {
			t.Errorf("request %s: %v, %v", kind, ok, err)
		}
	}
	s, err := c.NewSession()
	must(t, err)
	for _, kind := range []string{"subsystem", "auth-agent-req@openssh.com", "x11-req", "signal", "window-change", "break", "xon-xoff", ""} {
		payload := ssh.Marshal(struct{ Name string }{"sftp"})
		if ok, err := s.SendRequest(kind, true, payload); ok || err != nil {
			t.Errorf("session request %q: %v, %v", kind, ok, err)
		}
	}
	for name, want := range map[string]bool{
		"COLORTERM": true, "NO_COLOR": true, "LANG": true, "STY": true, "LC_ALL": true, "LC_CTYPE": true,
		"TERM": false, "HOME": false, "PATH": false, "LD_PRELOAD": false, "KEYWARD_DATA": false, "TMUX": false, "LC_": false, "LC_a=b": false,
	} {
		if err := s.Setenv(name, "x"); (err == nil) != want {
			t.Errorf("%s: taken %v, want %v", name, err == nil, want)
		}
	}
	for _, value := range []string{"a\x1bb", "a\nb", "ü", strings.Repeat("x", mostValue+1)} {
		if err := s.Setenv("LANG", value); err == nil {
			t.Errorf("the value %.10q was taken", value)
		}
	}
	if err := s.RequestPty("xterm\x1b]0;x\a", 24, 80, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.RequestPty("xterm", 24, 80, nil); err == nil {
		t.Error("a second terminal was given")
	}
	out, err := s.StdoutPipe()
	must(t, err)
	must(t, s.Shell())
	if ok, _ := s.SendRequest("exec", true, ssh.Marshal(struct{ Command string }{"key list"})); ok {
		t.Error("a command was run beside the console")
	}
	text := make([]byte, 200)
	n, err := io.ReadAtLeast(out, text, 60)
	if err != nil || !strings.Contains(string(text[:n]), "hello") {
		t.Errorf("%q, %v", text[:n], err)
	}
	eventually(t, "the console never came", func() bool { f.mu.Lock(); defer f.mu.Unlock(); return len(f.sessions) == 1 })
	seen := f.sessions[0]
	if seen.Env("TERM") != "dumb" || seen.Env("LANG") != "x" || seen.Env("HOME") != "" || seen.Env("PATH") != "" {
		t.Errorf("the environment is %v", seen.env)
	}
}

// TestConsoleIsRefused: without a terminal, and to a restricted key.
func TestConsoleIsRefused(t *testing.T) {
	f := newFixture(t, nil)
	s, err := f.login(f.admin).NewSession()
	must(t, err)
	var told buffer
	s.Stderr = &told
	must(t, s.Shell())
	if status := statusOf(s.Wait()); status != 2 || !strings.Contains(told.String(), "needs a terminal") {
		t.Errorf("status %d, %q", status, told.String())
	}
	f.write("restrict " + publicText(f.viewer.PublicKey()))
	w := f.console(f.login(f.viewer))
	w.wait("may not have a terminal (restrict or no-pty)")
	if status := w.status(); status != 2 {
		t.Errorf("status %d", status)
	}
	if out, _, status := f.exec(f.viewer, "key list"); status != 7 || !strings.Contains(out, "by viewer") {
		t.Errorf("a restricted key's command: %q, %d", out, status)
	}
}

// TestIdle: a session ends that nobody uses, and one in use does not.
func TestIdle(t *testing.T) {
	f := newFixture(t, nil)
	w := f.console(f.login(f.viewer))
	w.wait("hello")
	f.clock.waits(t, 10*time.Minute)
	f.clock.turn(10*time.Minute - time.Second)
	w.text("here")
	w.wait("here")
	f.clock.turn(time.Second)
	f.clock.waits(t, 10*time.Minute-time.Second) // since the key press
	f.clock.turn(10*time.Minute - time.Second)
	w.wait("restored;keyward: nothing was typed for 10 minutes: connect again\r\n")
	if status := w.status(); status != 1 {
		t.Errorf("status %d", status)
	}
}

func TestTotal(t *testing.T) {
	f := newFixture(t, func(o *Options) { o.Limits.Idle = 24 * time.Hour })
	w := f.console(f.login(f.viewer))
	w.wait("hello")
	f.clock.waits(t, 8*time.Hour)
	f.clock.turn(8 * time.Hour)
	w.wait("a session lasts 8 hours at most")
	if status := w.status(); status != 1 {
		t.Errorf("status %d", status)
	}
}

// TestUnusedConnection: one that asks for nothing ends.
func TestUnusedConnection(t *testing.T) {
	f := newFixture(t, nil)
	c := f.login(f.viewer)
	f.clock.waits(t, 20*time.Second)
	f.clock.turn(20 * time.Second)
	if err := c.Wait(); err == nil {
		t.Error("it ended in order")
	}
	eventually(t, "the log never says why", func() bool { return strings.Contains(f.log.String(), "asked for nothing") })
	w := f.console(f.login(f.viewer))
	w.wait("hello")
	f.clock.turn(time.Minute) // a used one stays
	w.text("on")
	w.wait("on")
}

// TestKeyTakenAway: a session ends soon after its key is not authorized any more,
// or as something else.
func TestKeyTakenAway(t *testing.T) {
	for name, spoil := range spoiled {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, nil)
			gone, stays := f.console(f.login(f.admin)), f.console(f.login(f.viewer))
			gone.wait("hello")
			stays.wait("hello")
			spoil.do(f)
			f.clock.wait(t, 5*time.Second, 2)
			f.clock.turn(5 * time.Second)
			doubted := 2 // only one of these files lists the other key
			if name == "removed" {
				doubted = 1
			}
			f.clock.wait(t, doubtTime, doubted)
			f.clock.turn(doubtTime)
			gone.wait("restored;keyward: " + spoil.says + "\r\n")
			if status := gone.status(); status != 1 {
				t.Errorf("status %d", status)
			}
			if name == "removed" {
				stays.text("on")
				stays.wait("on")
			}
		})
	}
}

// TestFileBeingWritten: a file that is empty for a moment ends no session.
func TestFileBeingWritten(t *testing.T) {
	f := newFixture(t, nil)
	before, err := os.ReadFile(f.file)
	must(t, err)
	w := f.console(f.login(f.admin))
	w.wait("hello")
	for range 3 {
		f.clock.waits(t, 5*time.Second)
		f.write("")
		f.clock.turn(5 * time.Second)
		f.clock.waits(t, doubtTime)
		f.write(string(before))
		f.clock.turn(doubtTime)
	}
	f.clock.waits(t, 5*time.Second)
	w.text("still there")
	w.wait("still there")
}

// TestSessionsAreBounded: eight of one key, four of one connection.
func TestSessionsAreBounded(t *testing.T) {
	f := newFixture(t, nil)
	var all []*terminal
	for range 2 {
		c := f.login(f.viewer)
		for range 4 {
			w := f.console(c)
			w.wait("hello")
			all = append(all, w)
		}
		w := f.console(c)
		w.wait("this connection has too many sessions open")
		if status := w.status(); status != 2 {
			t.Errorf("status %d", status)
		}
	}
	w := f.console(f.login(f.viewer))
	w.wait("too many sessions are open over SSH")
	f.console(f.login(f.admin)).wait("hello") // another key is not affected
	all[0].text("q")
	_ = all[0].status()
	eventually(t, "no room came", func() bool {
		_, _, status := f.exec(f.viewer, "key list")
		return status == 7
	})
}

// TestStopping: every session is told, and puts its terminal back first.
func TestStopping(t *testing.T) {
	f := newFixture(t, nil)
	w := f.console(f.login(f.admin))
	w.wait("hello")
	c, err := f.login(f.viewer).NewSession()
	must(t, err)
	var told, out buffer
	c.Stderr, c.Stdout = &told, &out
	must(t, c.Start("wait"))
	eventually(t, "the command never ran", func() bool { return strings.Contains(out.String(), "wait") })
	f.stop()
	w.wait("restored;keyward: the endpoint stops: connect again when it runs\r\n")
	if status := w.status(); status != 1 {
		t.Errorf("status %d", status)
	}
	_ = c.Wait()
	if !strings.Contains(told.String(), "the endpoint stops") {
		t.Errorf("the command was told %q", told.String())
	}
	f.close()
}

// TestNothingStays: whoever goes away, in order or not, leaves nothing behind.
func TestNothingStays(t *testing.T) {
	before := runtime.NumGoroutine()
	func() {
		f := newFixture(t, nil)
		for i := range 12 {
			c := f.login(f.viewer)
			w := f.console(c)
			w.wait("hello")
			switch i % 3 {
			case 0:
				w.text("q")
				_ = w.status()
				_ = c.Close()
			case 1:
				_ = c.Close() // as a client that is killed
			default:
				_ = w.in.Close() // the input ends
				_ = w.status()
				_ = c.Close()
			}
		}
		f.close()
	}()
	eventually(t, "goroutines stay", func() bool { return runtime.NumGoroutine() <= before+2 })
}

// TestStuckClient: one that takes nothing does not hold the end up.
func TestStuckClient(t *testing.T) {
	f := newFixture(t, func(o *Options) {
		o.Show = func(ctx context.Context, s *Session) error {
			for { // until the connection is closed under it
				if _, err := fmt.Fprint(s.Out, strings.Repeat("x", 64<<10)); err != nil {
					return err
				}
			}
		}
	})
	s, err := f.login(f.viewer).NewSession()
	must(t, err)
	pipe, err := s.StdoutPipe() // of which nothing is read
	must(t, err)
	must(t, s.RequestPty("xterm", 24, 80, nil))
	must(t, s.Shell())
	if _, err := io.ReadFull(pipe, make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	f.close() // which waits for the end
}
