package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// needTool returns the path of a program that a test drives. Where it is
// missing the test skips, but fails under CI=true, where .ci/run installs it.
func needTool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing: .ci/run installs it", name)
	}
	t.Skipf("%s is not installed", name)
	return ""
}

var built struct {
	once sync.Once
	path string
	err  error
}

// keywardBinary builds the program once for all tests of a run.
func keywardBinary(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		dir, err := os.MkdirTemp("", "keyward-e2e-")
		if err != nil {
			built.err = err
			return
		}
		built.path = filepath.Join(dir, "keyward")
		out, err := exec.Command("go", "build", "-o", built.path, ".").CombinedOutput()
		if err != nil {
			built.err = fmt.Errorf("building: %w\n%s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.path
}

// term is a program in a real terminal: a tmux server of its own.
type term struct {
	t      *testing.T
	socket string
}

// startTerm runs a command in a terminal of that size. env holds NAME=VALUE
// pairs for it.
func startTerm(t *testing.T, width, height int, env []string, command ...string) *term {
	t.Helper()
	needTool(t, "tmux")
	dir, err := os.MkdirTemp("", "kwt") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	w := &term{t: t, socket: filepath.Join(dir, "s")}
	conf := filepath.Join(dir, "conf")
	text := "set -g status off\nset -g default-terminal tmux-256color\nset -g remain-on-exit on\nset -g history-limit 5000\nset -s escape-time 0\nset -s set-clipboard on\n"
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(dir, "run")
	var run strings.Builder
	run.WriteString("unset TMUX TMUX_PANE\n")
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		fmt.Fprintf(&run, "export %s=%s\n", name, quote(value))
	}
	run.WriteString("exec")
	for _, arg := range command {
		run.WriteString(" " + quote(arg))
	}
	if err := os.WriteFile(script, []byte(run.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	size := []string{"-x", fmt.Sprint(width), "-y", fmt.Sprint(height)}
	w.tmux(append([]string{"-f", conf, "new-session", "-d"}, append(size, "sh "+quote(script))...)...)
	t.Cleanup(func() {
		_ = exec.Command("tmux", "-S", w.socket, "kill-server").Run()
		_ = os.RemoveAll(dir)
	})
	w.tmux("set", "-g", "window-size", "manual")
	w.resize(width, height)
	return w
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

func (w *term) tmux(args ...string) string {
	w.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-S", w.socket}, args...)...).CombinedOutput()
	if err != nil {
		w.t.Fatalf("tmux %s: %v\n%s", args[0], err, out)
	}
	return string(out)
}

func (w *term) resize(width, height int) {
	w.t.Helper()
	w.tmux("resize-window", "-x", fmt.Sprint(width), "-y", fmt.Sprint(height))
}

func (w *term) screen() string { w.t.Helper(); return w.tmux("capture-pane", "-p") }

// history is the screen with all that scrolled off it.
func (w *term) history() string { w.t.Helper(); return w.tmux("capture-pane", "-p", "-S", "-") }

// keys presses keys by tmux's names: Enter, Down, C-c, n. A program that reads
// escape together with the next key takes both for alt and that key, so escape
// is waited for: until it shows.
func (w *term) keys(names ...string) {
	w.t.Helper()
	for _, name := range names {
		if name == "Escape" {
			w.escape()
			continue
		}
		w.tmux("send-keys", name)
		time.Sleep(20 * time.Millisecond)
	}
}

// escape presses it once, and waits until the screen is another; one that changes
// nothing has been read after a second.
func (w *term) escape() {
	w.t.Helper()
	before := w.screen()
	w.tmux("send-keys", "Escape")
	for end := time.Now().Add(time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if w.screen() != before {
			break
		}
	}
	time.Sleep(20 * time.Millisecond)
}

// text types literally.
func (w *term) text(s string) { w.t.Helper(); w.tmux("send-keys", "-l", "--", s) }

// promptBox is a question on the screen, in ASCII too.
var promptBox = regexp.MustCompile(`(?s)(╭|\+--).*(╯|--\+)`)

// tooSoon is what a question says of a key that it ignored.
const tooSoon = "too soon"

// answer presses a key until the question that is on the screen is another, or
// none: one that has just opened ignores keys, and may say so.
func (w *term) answer(key string) {
	w.t.Helper()
	asked := promptBox.FindString(w.wait(promptBox.String()))
	patience := 600 * time.Millisecond // longer than it ignores keys; the press after it counts
	for range 10 {
		time.Sleep(min(patience, time.Second))
		w.keys(key)
		for end := time.Now().Add(patience * 4); time.Now().Before(end); time.Sleep(40 * time.Millisecond) {
			now := promptBox.FindString(w.screen())
			if now == asked {
				continue
			}
			if asked = now; strings.Contains(now, tooSoon) {
				break
			}
			return
		}
		patience *= 2
	}
	w.t.Fatalf("%s does not answer:\n%s", key, redacted(w.screen()))
}

// wait polls the screen until it matches.
func (w *term) wait(pattern string) string {
	w.t.Helper()
	re := regexp.MustCompile(pattern)
	var screen string
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(40 * time.Millisecond) {
		if screen = w.screen(); re.MatchString(screen) {
			return screen
		}
	}
	w.t.Fatalf("the screen never showed %q:\n%s", pattern, redacted(screen))
	return ""
}

// gone polls until the screen does not match any more.
func (w *term) gone(pattern string) {
	w.t.Helper()
	re := regexp.MustCompile(pattern)
	var screen string
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(40 * time.Millisecond) {
		if screen = w.screen(); !re.MatchString(screen) {
			return
		}
	}
	w.t.Fatalf("the screen still shows %q:\n%s", pattern, redacted(screen))
}

// ended waits for the program to end. tmux's own line about it sometimes never
// comes, so tmux is asked.
func (w *term) ended() {
	w.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(40 * time.Millisecond) {
		if strings.TrimSpace(w.tmux("display", "-p", "#{pane_dead}")) == "1" {
			return
		}
	}
	w.t.Fatalf("the program did not end:\n%s", redacted(w.screen()))
}

var secretPattern = regexp.MustCompile(`kw_[0-9A-Za-z]{20,}`)

func redacted(s string) string { return secretPattern.ReplaceAllString(s, "kw_…") }

// endpoint is a running keyward serve.
type endpoint struct {
	t    *testing.T
	cmd  *exec.Cmd
	log  *lockedBuffer
	base string // https://localhost:PORT
	ca   string
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// startServe runs keyward serve on a free port and waits until it is ready.
func startServe(t *testing.T, dir string, args ...string) *endpoint {
	t.Helper()
	e := &endpoint{t: t, log: &lockedBuffer{}, ca: filepath.Join(dir, "server.crt")}
	e.cmd = exec.Command(keywardBinary(t), append([]string{"serve", "--data", dir, "--listen", "127.0.0.1:0"}, args...)...)
	e.cmd.Stderr, e.cmd.Stdout = e.log, e.log
	if err := e.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.stop)
	address := regexp.MustCompile(`serving https://(\S+)`)
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if m := address.FindStringSubmatch(e.log.String()); m != nil {
			_, port, err := net.SplitHostPort(m[1])
			if err != nil {
				t.Fatal(err)
			}
			e.base = "https://localhost:" + port
			return e
		}
	}
	t.Fatalf("serve is not ready:\n%s", e.log.String())
	return nil
}

// stop interrupts the endpoint and waits for it.
func (e *endpoint) stop() {
	if e.cmd.ProcessState != nil {
		return
	}
	_ = e.cmd.Process.Signal(os.Interrupt)
	done := make(chan error, 1)
	go func() { done <- e.cmd.Wait() }()
	select {
	case err := <-done:
		if err != nil {
			e.t.Errorf("serve ended with %v:\n%s", err, e.log.String())
		}
	case <-time.After(15 * time.Second):
		_ = e.cmd.Process.Kill()
		e.t.Error("serve did not end after an interrupt")
	}
}

// curl calls the endpoint with the real curl and returns the status.
func (e *endpoint) curl(target string, args ...string) string {
	e.t.Helper()
	args = append([]string{"-sS", "-o", os.DevNull, "-w", "%{http_code}", "--max-time", "20", "--cacert", e.ca}, args...)
	out, err := exec.Command(needTool(e.t, "curl"), append(args, e.base+target)...).CombinedOutput()
	if err != nil {
		e.t.Fatalf("curl %s: %v\n%s", target, err, out)
	}
	return string(out)
}
