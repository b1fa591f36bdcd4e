//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestCopyWhereTmuxIsNotNamed: what is copied arrives whole where tmux stands
// between and the environment does not say so (ssh from inside tmux, sudo -i), by
// each of the names that tmux gives its terminal, and over SSH.
func TestCopyWhereTmuxIsNotNamed(t *testing.T) {
	t.Parallel()
	s := newSSHSite(t, "--ssh-clipboard")
	site := []string{keywardBinary(t), "--data", s.dir}
	over := append([]string{needTool(t, "ssh")}, s.args(s.admin, "-t", "-p", s.port, "127.0.0.1")...)
	for _, test := range []struct {
		name, terminal, passthrough string
		command                     []string
	}{
		{"named screen", "screen-256color", "off", site},
		{"named tmux", "tmux-256color", "off", site},
		{"with passthrough", "screen", "on", site},
		{"over SSH", "screen-256color", "off", over},
		{"over SSH with passthrough", "tmux-256color", "on", over},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := startTerm(t, 100, 30, []string{"TERM=" + test.terminal}, test.command...)
			w.tmux("set", "-g", "allow-passthrough", test.passthrough)
			w.copiesTheCall("tmux needs set-clipboard on")
		})
	}
}

// copiesTheCall copies a key's curl line, and wants it whole in the clipboard of
// the terminal.
func (w *term) copiesTheCall(says string) {
	w.t.Helper()
	w.wait(`orders`)
	w.keys("Enter")
	w.wait(`-H @secret\.header`)
	w.keys("y")
	w.wait(says)
	var got string
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(40 * time.Millisecond) {
		if got = w.tmux("list-buffers"); got != "" {
			break
		}
	}
	if got == "" {
		w.t.Fatal("the clipboard is empty")
	}
	got = w.tmux("show-buffer")
	if !strings.HasPrefix(got, "curl ") || !strings.HasSuffix(got, "/customers/1?_profile=Test'") || len(got) <= 57 { // a first piece
		w.t.Errorf("the clipboard has %d bytes: %q", len(got), got)
	}
}

// TestCopyInScreen: inside GNU screen, which hands on short pieces alone, what is
// copied arrives whole at the terminal around it.
func TestCopyInScreen(t *testing.T) {
	t.Parallel()
	screen := needTool(t, "screen")
	s := newSSHSite(t)
	sockets := filepath.Join(evenTemporary(t), "screen")
	if err := os.Mkdir(sockets, 0o700); err != nil {
		t.Fatal(err)
	}
	w := startTerm(t, 100, 30, []string{"SCREENDIR=" + sockets}, screen, "-c", os.DevNull, "-T", "screen-256color", "-S", "copy",
		keywardBinary(t), "--data", s.dir)
	t.Cleanup(func() { // it outlives its terminal
		quit := exec.Command(screen, "-S", "copy", "-X", "quit")
		quit.Env = append(os.Environ(), "SCREENDIR="+sockets)
		_ = quit.Run()
	})
	w.copiesTheCall("a paste tells if it got there")
}
