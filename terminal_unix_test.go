//go:build unix

package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// TestTerminal holds that a command asks the terminal nothing and does not wait
// for it, which Bubble Tea's own initialisation would.
func TestTerminal(t *testing.T) {
	r := runOnTerminal(t, t.TempDir(), "version")
	r.await("schema", "")
	if code := r.ended(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if shown := r.shown(); strings.Contains(shown, "\x1b") || !strings.HasPrefix(shown, "keyward ") {
		t.Errorf("keyward version wrote %q", shown)
	}
}

// TestInterruptedAtTerminal holds that the user can leave every question, and
// that the terminal shows what is typed afterwards.
func TestInterruptedAtTerminal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if code := runOnTerminal(t, dir, "workflow", "create", "Ping").ended(); code != 0 {
		t.Fatalf("keyward workflow create: exit code %d", code)
	}
	for _, test := range []struct {
		question string
		args     []string
	}{
		{"Type its name", []string{"workflow", "delete", "Ping"}},
		{"Password for", []string{"cert", "generate", "--algorithm", "p256", "--pfx"}},
	} {
		t.Run(test.question, func(t *testing.T) {
			r := runOnTerminal(t, dir, test.args...)
			r.await(test.question, "\x03")
			if code := r.ended(); code != 130 {
				t.Errorf("exit code %d, want 130", code)
			}
			r.await("keyward: interrupted", "")
			settings := exec.Command("stty", "-a")
			settings.Stdin = r.tty
			out, err := settings.Output()
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(strings.Fields(string(out)), "echo") {
				t.Errorf("the terminal does not echo afterwards: %s", out)
			}
		})
	}
	if code := runOnTerminal(t, dir, "workflow", "show", "Ping").ended(); code != 0 {
		t.Error("the workflow was deleted though nobody confirmed it")
	}
	if _, err := os.Stat(filepath.Join(dir, "selfsigned.key")); err == nil {
		t.Error("a private key was written though nobody gave a password")
	}
}

// terminalRun is keyward on a pseudo-terminal that answers nothing by itself.
type terminalRun struct {
	t         *testing.T
	ptmx, tty *os.File
	cmd       *exec.Cmd

	mu   sync.Mutex
	seen bytes.Buffer
}

// runOnTerminal starts keyward on a terminal of its own. CI is taken out of the
// environment: with it, Bubble Tea would ask nothing in any case.
func runOnTerminal(t *testing.T, dir string, args ...string) *terminalRun {
	t.Helper()
	return runOnTerminalOf(t, dir, nil, args...)
}

// runOnTerminalOf is runOnTerminal with a terminal of that size.
func runOnTerminalOf(t *testing.T, dir string, size *pty.Winsize, args ...string) *terminalRun {
	t.Helper()
	path, err := exec.LookPath("keyward")
	if err != nil {
		t.Fatal(err)
	}
	r := &terminalRun{t: t, cmd: exec.Command(path, args...)}
	if r.ptmx, r.tty, err = pty.Open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = r.ptmx.Close(), r.tty.Close() })
	if size != nil {
		if err := pty.Setsize(r.ptmx, size); err != nil {
			t.Fatal(err)
		}
	}
	r.cmd.Dir = dir
	r.cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "CI=") }),
		"TERM=xterm-256color", "GORACE="+raceOptions, "KEYWARD_DATA="+filepath.Join(dir, "data"))
	r.cmd.Stdin, r.cmd.Stdout, r.cmd.Stderr = r.tty, r.tty, r.tty
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(r, r.ptmx) }()
	return r
}

// Write keeps what the terminal shows.
func (r *terminalRun) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen.Write(b)
}

func (r *terminalRun) shown() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen.String()
}

// await waits until the terminal shows text, then types an answer.
func (r *terminalRun) await(text, answer string) {
	r.t.Helper()
	for end := time.Now().Add(30 * time.Second); !strings.Contains(r.shown(), text); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			r.t.Fatalf("the terminal shows no %q:\n%s", text, r.shown())
		}
	}
	if _, err := r.ptmx.WriteString(answer); err != nil {
		r.t.Fatal(err)
	}
}

// ended waits for the program's end and returns its exit code.
func (r *terminalRun) ended() int {
	r.t.Helper()
	var exit *exec.ExitError
	if err := r.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		r.t.Fatal(err)
	}
	return r.cmd.ProcessState.ExitCode()
}
