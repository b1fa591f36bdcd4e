package sshd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// patience bounds every wait for something that happens by itself. It is no
// measure: what is waited for takes milliseconds.
const patience = 20 * time.Second

// clock is a time that a test turns: whoever waits is woken when it has come.
type clock struct {
	mu      sync.Mutex
	now     time.Time
	waiting map[chan time.Time]time.Time
}

func newClock() *clock {
	return &clock{now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), waiting: map[chan time.Time]time.Time{}}
}

// Now is the time.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// After is time.After by this clock.
func (c *clock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch := make(chan time.Time, 1)
	c.waiting[ch] = c.now.Add(d)
	return ch
}

// turn lets time pass.
func (c *clock) turn(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	for ch, at := range c.waiting {
		if !at.After(c.now) {
			delete(c.waiting, ch)
			ch <- c.now
		}
	}
}

// waits waits until somebody waits for a time that is d from now.
func (c *clock) waits(t *testing.T, d time.Duration) {
	t.Helper()
	c.wait(t, d, 1)
}

// wait waits until so many wait for a time that is d from now.
func (c *clock) wait(t *testing.T, d time.Duration, many int) {
	t.Helper()
	eventually(t, fmt.Sprintf("not %d wait for %s", many, d), func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		n := 0
		for _, at := range c.waiting {
			if at.Equal(c.now.Add(d)) {
				n++
			}
		}
		return n >= many
	})
}

// eventually waits until what is so.
func eventually(t *testing.T, otherwise string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatal(otherwise)
}

// buffer is what several goroutines write to.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write writes p.
func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// String is all that was written.
func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// fixture is a server on a loopback port, whose console repeats what is typed
// and whose commands print their words.
type fixture struct {
	t     *testing.T
	clock *clock
	file  string
	log   *buffer
	host  *HostKey
	addr  string
	stop  context.CancelFunc
	over  chan error

	admin, viewer ssh.Signer

	mu       sync.Mutex
	sessions []*Session
}

// newFixture starts a server; tune changes its options first.
func newFixture(t *testing.T, tune func(*Options)) *fixture {
	t.Helper()
	dir := t.TempDir()
	host, err := LoadHostKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{t: t, clock: newClock(), file: filepath.Join(dir, "keys"), log: &buffer{}, host: host, over: make(chan error, 1)}
	var admin, viewer string
	f.admin, admin = newKey(t)
	f.viewer, viewer = newKey(t)
	f.write(`keyward-role="admin" ` + admin + " ada@laptop\n" + viewer + " bob\n")
	o := Options{
		HostKey: host, Keys: OpenKeyFile(f.file, time.UTC), Show: f.show, Run: f.run,
		Log: slog.New(slog.NewTextHandler(f.log, nil)), Now: f.clock.Now, After: f.clock.After,
	}
	if tune != nil {
		tune(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	f.addr, f.stop = l.Addr().String(), stop
	go func() { f.over <- s.Serve(ctx, l) }()
	t.Cleanup(f.close)
	return f
}

// close ends the server; nothing of it may be left.
func (f *fixture) close() {
	f.stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := <-f.over; err != nil {
			f.t.Errorf("the server ended with %v", err)
		}
	}()
	for end := time.After(patience); ; {
		select {
		case <-done:
			f.over <- nil
			return
		case <-time.After(2 * time.Millisecond):
			f.clock.turn(defaults.Leave)
		case <-end:
			f.t.Fatal("the server never ended")
		}
	}
}

// write puts text into the file of authorized keys.
func (f *fixture) write(text string) {
	f.t.Helper()
	if err := os.WriteFile(f.file, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

// show is a console that repeats what is typed, and its sizes, until "q".
func (f *fixture) show(ctx context.Context, s *Session) error {
	f.mu.Lock()
	f.sessions = append(f.sessions, s)
	f.mu.Unlock()
	_, _ = fmt.Fprintf(s.Out, "hello %s TERM=%s;", s.Identity.Name(), s.Env("TERM"))
	typed := make(chan byte)
	go func() {
		defer close(typed)
		var b [1]byte
		for {
			n, err := s.In.Read(b[:])
			if n == 1 {
				typed <- b[0]
			}
			if err != nil {
				return
			}
		}
	}()
	for {
		select {
		case size := <-s.Sizes:
			_, _ = fmt.Fprintf(s.Out, "size %dx%d;", size.Width, size.Height)
		case c, ok := <-typed:
			if !ok {
				return nil
			}
			switch c {
			case 'q':
				return nil
			case 'p':
				panic("asked to")
			}
			_, _ = s.Out.Write([]byte{c})
		case <-ctx.Done():
			_, _ = io.WriteString(s.Out, "restored;")
			for range typed {
			}
			return ctx.Err()
		}
	}
}

// run prints the words of a command, and waits for the end on "wait".
func (f *fixture) run(ctx context.Context, s *Session) int {
	_, _ = fmt.Fprintf(s.Out, "%q by %s\n", s.Args, s.Identity.Role)
	_, _ = fmt.Fprintf(s.Err, "told\n")
	if len(s.Args) > 0 && s.Args[0] == "wait" {
		<-ctx.Done()
	}
	if len(s.Args) > 0 && s.Args[0] == "panic" {
		panic("asked to")
	}
	return 7
}

// dial logs in with methods.
func (f *fixture) dial(auth ...ssh.AuthMethod) (*ssh.Client, error) {
	return ssh.Dial("tcp", f.addr, &ssh.ClientConfig{
		User: "anybody", Auth: auth, HostKeyCallback: ssh.FixedHostKey(f.host.signer.PublicKey()), Timeout: patience,
	})
}

// login is dial for who may come in.
func (f *fixture) login(key ssh.Signer) *ssh.Client {
	f.t.Helper()
	c, err := f.dial(ssh.PublicKeys(key))
	if err != nil {
		f.t.Fatalf("logging in: %v\n%s", err, f.log)
	}
	f.t.Cleanup(func() { _ = c.Close() })
	return c
}

// terminal is a session with a console.
type terminal struct {
	t   *testing.T
	s   *ssh.Session
	in  io.WriteCloser
	out *buffer
}

// console opens a console.
func (f *fixture) console(c *ssh.Client) *terminal {
	f.t.Helper()
	s, err := c.NewSession()
	if err != nil {
		f.t.Fatal(err)
	}
	w := &terminal{t: f.t, s: s, out: &buffer{}}
	s.Stdout, s.Stderr = w.out, w.out
	if w.in, err = s.StdinPipe(); err != nil {
		f.t.Fatal(err)
	}
	if err := s.RequestPty("xterm-256color", 30, 100, nil); err != nil {
		f.t.Fatal(err)
	}
	if err := s.Shell(); err != nil {
		f.t.Fatal(err)
	}
	return w
}

func (w *terminal) wait(part string) {
	w.t.Helper()
	eventually(w.t, fmt.Sprintf("%q never came", part), func() bool { return strings.Contains(w.out.String(), part) })
}

func (w *terminal) text(s string) {
	w.t.Helper()
	if _, err := io.WriteString(w.in, s); err != nil {
		w.t.Error(err)
	}
}

// status waits for the end and returns the exit status; -1 where there was none.
func (w *terminal) status() int { return statusOf(w.s.Wait()) }

func statusOf(err error) int {
	var exit *ssh.ExitError
	switch {
	case err == nil:
		return 0
	case asExit(err, &exit):
		return exit.ExitStatus()
	}
	return -1
}

func asExit(err error, to **ssh.ExitError) bool {
	e, ok := err.(*ssh.ExitError)
	*to = e
	return ok
}

// exec runs a command on a connection of its own.
func (f *fixture) exec(key ssh.Signer, command string) (out, errOut string, status int) {
	f.t.Helper()
	c := f.login(key)
	defer closeQuietly(c)
	s, err := c.NewSession()
	if err != nil {
		f.t.Fatal(err)
	}
	var o, e buffer
	s.Stdout, s.Stderr = &o, &e
	status = statusOf(s.Run(command))
	return o.String(), e.String(), status
}
