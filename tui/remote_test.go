package tui

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// overSSH makes the console one at the other end of a connection.
func overSSH(m *maker) *maker {
	m.rt.Remote, m.rt.CAFile = &Remote{}, ""
	delete(m.env, "HOME")
	return m
}

func newRemoteReveal(t *testing.T) *maker {
	t.Helper()
	m := overSSH(newMaker(t))
	var secrets [2]model.Secret
	if err := m.rt.drawSecrets(&secrets); err != nil {
		t.Fatal(err)
	}
	m.push(newReveal(m.rt, revealInfo("Test"), secrets))
	return m
}

func TestRemoteRevealViews(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		do   func(m *maker)
	}{
		{"both", func(*maker) {}},
		{"not_copied", func(m *maker) { m.keys("c") }},
		{"call_not_copied", func(m *maker) { m.keys("y") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := newRemoteReveal(t)
			tt.do(m)
			m.fits()
			m.goldens("view")
		})
	}
}

// Over SSH a secret is shown and nothing else: no key writes a file, none sends
// anything to a clipboard, and the help offers neither.
func TestRemoteRevealKeepsToTheScreen(t *testing.T) {
	t.Parallel()
	m := newRemoteReveal(t)
	dir := t.TempDir()
	m.env["HOME"] = dir
	m.seesNo("writes", "/home", dir)
	m.keys("c", "C", "y")
	m.sees("nothing is sent to your clipboard")
	m.keys("w")
	m.sees("Not written: over SSH no file is written")
	m.keys("W", "enter")
	if m.output.Len() > 0 {
		t.Errorf("%q was sent to the terminal", m.output)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("files were written: %v, %v", entries, err)
	}
	for _, group := range m.app.top().Keys().FullHelp() {
		for _, b := range group {
			if b.Enabled() && (strings.Contains(b.Help().Desc, "write") || strings.Contains(b.Help().Desc, "copy")) {
				t.Errorf("the help offers %q", b.Help().Desc)
			}
		}
	}
}

// Where the administrator allows it, the copy keys send to the clipboard, and
// never to a tmux of the server's.
func TestRemoteClipboard(t *testing.T) {
	t.Parallel()
	m := newRemoteReveal(t)
	m.rt.Remote.Clipboard, m.env["TMUX"] = true, "/tmp/tmux,1,0"
	m.keys("c")
	if !strings.HasPrefix(m.output.String(), "\x1b]52;") {
		t.Errorf("sent %q", m.output)
	}
	m.sees("only a paste tells")
	m.seesNo("tmux", "writes it to a file")
}

func newRemotePicker(t *testing.T) (*maker, *picker, *picked) {
	t.Helper()
	m, got := overSSH(newMaker(t)), new(picked)
	p := newPicker(m.rt, "Primary certificate", "Billing Nightly", func(c picked) tea.Cmd {
		*got = c
		return nil
	})
	m.push(p)
	return m, p, got
}

func TestRemotePickerViews(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		do   func(m *maker)
	}{
		{"empty", func(*maker) {}},
		{"refused", func(m *maker) { m.paste("not a certificate\n") }},
		{"found", func(m *maker) { m.paste("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, _, _ := newRemotePicker(t)
			tt.do(m)
			m.fits()
			m.goldens("view")
		})
	}
}

// Over SSH no key of the picker looks at a disk or makes a certificate; a paste
// is read, whether it comes whole or as key presses.
func TestRemotePickerTakesPastesOnly(t *testing.T) {
	t.Parallel()
	m, p, got := newRemotePicker(t)
	m.certs.read = func(path string) (model.Certificate, error) {
		t.Errorf("%s was read", path)
		return model.Certificate{}, errUnused
	}
	m.keys("ctrl+g", "/", "~", "/etc/passwd", "tab", "enter", "right", "left", "backspace", ".", "ctrl+r", "down", "enter")
	if p.mode != picking || p.files.dir != "" || p.files.filter.Value() != "" {
		t.Errorf("mode %d, directory %q, filter %q", p.mode, p.files.dir, p.files.filter.Value())
	}
	m.paste("/etc/passwd")
	for _, group := range p.Keys().FullHelp() {
		for _, b := range group {
			if b.Enabled() && b.Help().Desc != "back" {
				t.Errorf("the help offers %q", b.Help().Desc)
			}
		}
	}
	m.certs.parsed = nil
	m.keys("-----BEGIN", " ", "CERTIFICATE-----", "enter", "MIIB", "enter", "-----END", " ", "CERTIFICATE-----")
	m.sees("Is this the certificate?", "CN=pasted")
	m.keys("enter")
	if got.certificate.DER == nil || got.certificateFile != "" {
		t.Errorf("got %+v", got)
	}
}

// ctrl+z would stop the endpoint with everybody's session.
func TestRemoteDoesNotSuspend(t *testing.T) {
	w, s := newWorld(t), &sharing{}
	variety(w)
	w.rt.Sharing, w.rt.Remote = s, &Remote{}
	w.start()
	w.press("ctrl+z")
	if len(s.calls) > 0 {
		t.Errorf("the calls were %v", s.calls)
	}
	w.press("?")
	if view := w.screen(); strings.Contains(view, "suspend") {
		t.Errorf("the help offers it:\n%s", view)
	}
	w.press("esc")
	w.readOnly().press("n")
	w.sees("role viewer")
}

// connection is a terminal at the other end, of which a test sees the output.
type connection struct {
	*io.PipeReader
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

// Write takes a frame.
func (c *connection) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case c.more <- struct{}{}:
	default:
	}
	return c.text.Write(p)
}

// wait returns once the output holds part.
func (c *connection) wait(t *testing.T, part string) {
	t.Helper()
	for end := time.After(20 * time.Second); ; {
		c.mu.Lock()
		text := c.text.String()
		c.mu.Unlock()
		if strings.Contains(text, part) {
			return
		}
		select {
		case <-c.more:
		case <-end:
			t.Fatalf("%q never came:\n%q", part, text)
		}
	}
}

// owned tells that an endpoint owns the store.
func owned(ctx context.Context, fn func(model.Standing)) error {
	fn(serveOwns)
	<-ctx.Done()
	return ctx.Err()
}

// TestRunRemote: Run shows the console on a connection, follows its size, takes
// the terminal's answer out of what is typed, and leaves the terminal in order,
// whoever ends it.
func TestRunRemote(t *testing.T) {
	for name, ends := range map[string]func(in io.Writer, cancel func()){
		"the user":       func(in io.Writer, _ func()) { _, _ = io.WriteString(in, "q") },
		"the connection": func(_ io.Writer, cancel func()) { cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			variety(w)
			read, write := io.Pipe()
			defer func() { _ = write.Close() }()
			c := &connection{PipeReader: read, more: make(chan struct{}, 1)}
			sizes := make(chan Size, 1)
			sizes <- Size{80, 24}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan error, 1)
			go func() {
				done <- Run(ctx, Options{
					Backend: w.session, Sharing: &sharing{watch: owned}, Env: func(name string) string { return map[string]string{"TERM": "xterm-256color"}[name] },
					Now: time.Now, Remote: &Remote{Input: read, Output: c, Sizes: sizes},
				})
			}()
			c.wait(t, "kiosk")
			c.wait(t, "\x1b[?1049h") // the alternate screen
			c.wait(t, askBackground)
			if _, err := io.WriteString(write, "\x1b]11;rgb:ffff/ffff/ffff\x1b\\"); err != nil {
				t.Fatal(err)
			}
			sizes <- Size{50, 10}
			c.wait(t, "needs 60x16")
			sizes <- Size{100, 30}
			c.wait(t, "owner")
			ends(write, cancel)
			err := <-done
			if name == "the user" && err != nil || name != "the user" && err != ErrInterrupted {
				t.Errorf("it ended with %v", err)
			}
			c.wait(t, "\x1b[?1049l")
			c.wait(t, "\x1b[?25h")
		})
	}
}

// The trail says which SSH key it was, and that it is the endpoint that says so.
func TestAuditOfAnSSHKey(t *testing.T) {
	eachSize(t, "entry", func(w *world) {
		key, err := model.NewSSHKey("SHA256:"+strings.Repeat("aB3/", 10)+"+xY", "ada@laptop")
		if err != nil {
			t.Fatal(err)
		}
		w.store.record(model.Entry{
			Time: model.At(testNow), Actor: model.Actor{UID: 998, PID: 4242, User: "keyward", SSH: key},
			Action: model.KeyDisabledAction, Object: model.Object{Noun: "key", ID: 7, Name: "app"},
		})
		w.open()
		w.audits()
		w.sees("ssh aB3")
		w.press("enter")
	})
}
