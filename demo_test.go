//go:build unix

package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestDemo: the demo opens the console on sample keys, its own traffic shows in
// the figures, the examples name its endpoint, and leaving removes everything.
func TestDemo(t *testing.T) {
	t.Parallel() // the figures take a while
	temporary := shortTemporary(t)
	w := startTerm(t, 160, 40, []string{"TMPDIR=" + temporary, "HOME=" + t.TempDir()}, keywardBinary(t), "demo")
	screen := w.wait(`web-shop`)
	for _, key := range []string{"acme-logistics", "expiring", "expired", "disabled", "Test", "Production", "13 "} {
		if !strings.Contains(screen, key) {
			t.Errorf("the list does not show %q:\n%s", key, screen)
		}
	}
	dir := demoDirectory(t, temporary)
	w.keys("/")
	w.text("web-shop")
	w.wait(`1 of 1\b`)
	w.keys("Enter", "Enter")
	screen = w.wait(`[\d,]+ allowed`)
	if address := regexp.MustCompile(`https://localhost:\d+`).FindString(screen); address == "" || address == "https://localhost:8443" {
		t.Errorf("the example calls %q, which is not the demo's endpoint:\n%s", address, screen)
	}
	if !strings.Contains(screen, filepath.Base(dir)) {
		t.Errorf("the screen does not name the demo's directory %s:\n%s", dir, screen)
	}
	before := regexp.MustCompile(`[\d,]+ allowed`).FindString(screen)
	grown := false
	for end := time.Now().Add(90 * time.Second); !grown && time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		now := regexp.MustCompile(`[\d,]+ allowed`).FindString(w.screen())
		grown = now != "" && now != before
	}
	if !grown {
		t.Errorf("the figures do not grow:\n%s", w.screen())
	}
	w.keys("Escape", "Escape", "q")
	w.ended()
	removed(t, dir)
}

// TestDemoSignals: whichever signal ends the demo, nothing stays, with the
// console and without.
func TestDemoSignals(t *testing.T) {
	t.Parallel()
	for name, sig := range map[string]syscall.Signal{"SIGINT": syscall.SIGINT, "SIGTERM": syscall.SIGTERM, "SIGHUP": syscall.SIGHUP} {
		if signal.Ignored(sig) { // as under nohup: keyward goes on then, as it should
			t.Logf("SKIPPED: %s is ignored here", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			temporary := shortTemporary(t)
			e, dir := startDemo(t, temporary)
			if got := e.curl("/_keyward/ready"); got != "200" {
				t.Errorf("ready: got %s", got)
			}
			if got := e.curl("/customers/1"); got != "401" {
				t.Errorf("nobody: got %s", got)
			}
			if out := keyward(t, dir, "key", "list"); !strings.Contains(out, "web-shop") {
				t.Errorf("another process does not see the keys:\n%s", out)
			}
			for _, reason := range []string{"allowed", "key-expired", "key-disabled", "environment-not-permitted", "workflow-not-permitted"} {
				awaitLog(t, e, reason)
			}
			if err := e.cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			if err := e.cmd.Wait(); err != nil {
				t.Errorf("it ended with %v:\n%s", err, e.log)
			}
			removed(t, dir)
			if secretPattern.MatchString(e.log.String()) {
				t.Error("a secret is in what it wrote")
			}
		})
		t.Run(name+" with the console", func(t *testing.T) {
			t.Parallel()
			temporary := shortTemporary(t)
			w := startTerm(t, 100, 30, []string{"TMPDIR=" + temporary}, keywardBinary(t), "demo")
			w.wait(`web-shop`)
			dir := demoDirectory(t, temporary)
			out := strings.Fields(w.tmux("display", "-p", "#{pane_pid}"))
			if err := exec.Command("kill", "-"+strings.TrimPrefix(name, "SIG"), out[0]).Run(); err != nil {
				t.Fatal(err)
			}
			w.ended()
			removed(t, dir)
		})
	}
}

// TestDemoImpatience: signals that come while the demo tidies up do not keep it
// from that, however many they are, and ctrl+c three times at once is one way to
// send them.
func TestDemoImpatience(t *testing.T) {
	t.Parallel()
	e, dir := startDemo(t, shortTemporary(t))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = e.cmd.Wait() // one that comes when all is done may be what ends it
	}()
	for going := true; going; {
		_ = e.cmd.Process.Signal(os.Interrupt)
		select {
		case <-ended:
			going = false
		case <-time.After(time.Millisecond):
		}
	}
	gone(t, dir)
	temporary := shortTemporary(t)
	for range 3 {
		w := startTerm(t, 100, 30, []string{"TMPDIR=" + temporary}, keywardBinary(t), "demo")
		w.wait(`web-shop`)
		w.tmux("send-keys", "C-c", "C-c", "C-c")
		w.ended()
		removed(t, temporary+"/demo")
	}
}

// gone fails the test while the directory is there.
func gone(t *testing.T, dir string) {
	t.Helper()
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is left of the demo (%v)", dir, err)
	}
}

// TestDemoNeedsTerminal: without one it makes nothing, and says what the console
// says.
func TestDemoNeedsTerminal(t *testing.T) {
	temporary := shortTemporary(t)
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"demo"}, "the console needs a terminal"},
		{[]string{"demo", "--no-console", "--data", filepath.Join(temporary, "mine")}, "leave --data out"},
	} {
		cmd := exec.Command(keywardBinary(t), tt.args...)
		cmd.Env = append(os.Environ(), "TMPDIR="+temporary)
		out, err := cmd.CombinedOutput()
		if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(string(out), tt.want) {
			t.Errorf("keyward %q: %v\n%s", tt.args, err, out)
		}
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
		t.Errorf("%d things were made (%v)", len(left), err)
	}
}

// startDemo runs the demo without a console, and returns its endpoint and its
// directory.
func startDemo(t *testing.T, temporary string) (*endpoint, string) {
	t.Helper()
	e := &endpoint{t: t, log: &lockedBuffer{}, cmd: exec.Command(keywardBinary(t), "demo", "--no-console")}
	e.cmd.Env = append(os.Environ(), "TMPDIR="+temporary)
	e.cmd.Stdout, e.cmd.Stderr = e.log, e.log
	if err := e.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if e.cmd.ProcessState == nil {
			_ = e.cmd.Process.Kill()
		}
	})
	awaitLog(t, e, "data directory")
	e.base = regexp.MustCompile(`https://localhost:\d+`).FindString(e.log.String())
	dir := demoDirectory(t, temporary)
	e.ca = filepath.Join(dir, "server.crt")
	return e, dir
}

// awaitLog waits until what the endpoint wrote holds text.
func awaitLog(t *testing.T, e *endpoint, text string) {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if strings.Contains(e.log.String(), text) {
			return
		}
	}
	t.Fatalf("it never wrote %q:\n%s", text, e.log)
}

// shortTemporary is a directory for temporary files whose name is short enough
// for a socket in one below it.
func shortTemporary(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "kwd")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// demoDirectory finds the directory of the demo that runs, which is for its
// owner only.
func demoDirectory(t *testing.T, temporary string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(temporary, "keyward-demo-*"))
	if err != nil || len(found) != 1 {
		t.Fatalf("%d directories of a demo (%v)", len(found), err)
	}
	if info, err := os.Stat(found[0]); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the demo's directory: %v, %v", info.Mode(), err)
	}
	return found[0]
}

// removed checks that nothing is left of a demo.
func removed(t *testing.T, dir string) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		left, err := os.ReadDir(filepath.Dir(dir))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if len(left) == 0 {
			return
		}
		if time.Now().After(end) {
			t.Errorf("%s is left of the demo", left[0].Name())
			return
		}
	}
}
