//go:build unix

package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// afterwards runs a command in a terminal under a shell that can stop it, with its
// process's number on the first line and its status on a line behind it.
func afterwards(t *testing.T, dir string) *term {
	t.Helper()
	keyward(t, dir, "key", "create", "orders", "--environment", "Test", "--out", filepath.Join(t.TempDir(), "orders"))
	script := `set -m; stty -g >"$1.before"; sh -c 'echo $$ >"$1.pid"; exec "$0" --data "$1"' "$0" "$1"; status=$?; stty -g >"$1.after"; echo "ended with $status"; read again; fg; echo "ended again"; read end`
	w := startTerm(t, 100, 30, nil, "sh", "-c", script, keywardBinary(t), dir)
	w.wait(`orders`)
	w.keys("m") // the mouse is the console's too
	w.wait(`mouse`)
	if flags := w.flags(); flags != "1 1" {
		t.Fatalf("alternate screen and mouse are %q while the console runs", flags)
	}
	return w
}

func (w *term) flags() string {
	w.t.Helper()
	return strings.TrimSpace(w.tmux("display", "-p", "#{alternate_on} #{mouse_any_flag}"))
}

// sane wants the terminal as it was: its modes, the screen, the cursor, the mouse.
func (w *term) sane(dir string) {
	w.t.Helper()
	if before, after := readFile(w.t, dir+".before"), readFile(w.t, dir+".after"); before != after {
		w.t.Errorf("the terminal's modes were %s and are %s", before, after)
	}
	const want = "0 0 0 1 0"
	if got := strings.TrimSpace(w.tmux("display", "-p", "#{alternate_on} #{mouse_any_flag} #{mouse_sgr_flag} #{cursor_flag} #{pane_in_mode}")); got != want {
		w.t.Errorf("alternate screen, mouse (twice), cursor and mode are %q, want %q", got, want)
	}
	w.tmux("set-buffer", "pasted")
	w.tmux("paste-buffer", "-p")
	w.wait(`(?m)^pasted$`) // not within the marks of a bracketed paste
}

func (w *term) signal(dir, name string) {
	w.t.Helper()
	if out, err := exec.Command("kill", "-"+name, strings.TrimSpace(readFile(w.t, dir+".pid"))).CombinedOutput(); err != nil {
		w.t.Fatalf("%v: %s", err, out)
	}
}

// TestTerminalAfterASignal: whichever signal ends the console, also while secrets
// are shown, the terminal is as it was, and has no secret in what scrolled off.
func TestTerminalAfterASignal(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"TERM", "HUP", "INT", "QUIT"} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(evenTemporary(t), "data")
			w := afterwards(t, dir)
			secrets := w.showsSecrets()
			w.signal(dir, name)
			w.wait(`ended with`)
			w.sane(dir)
			w.holdsNone(secrets)
		})
	}
}

// TestSecretsWhileStopped: ctrl+z while secrets are shown leaves a sane terminal
// without them, and they are masked when the console goes on.
func TestSecretsWhileStopped(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(evenTemporary(t), "data")
	w := afterwards(t, dir)
	secrets := w.showsSecrets()
	w.keys("C-z")
	w.wait(`ended with`) // the shell has the job's stop for its end
	w.sane(dir)
	w.holdsNone(secrets)
	w.keys("Enter")
	w.wait(`•{52}`)
	w.holdsNone(secrets)
	w.signal(dir, "TERM")
	w.wait(`ended again`)
	w.holdsNone(secrets)
}

// showsSecrets makes a new secret, and returns what is shown of secrets.
func (w *term) showsSecrets() []string {
	w.t.Helper()
	w.keys("r")
	w.wait(`regenerate`)
	w.keys("Enter")
	w.wait(`any other key`)
	w.answer("y")
	secrets := secretPattern.FindAllString(w.wait(secretPattern.String()), -1)
	if len(secrets) == 0 {
		w.t.Fatal("no secret is shown")
	}
	return secrets
}

// holdsNone wants no six characters of a secret in the terminal, whatever scrolled
// off.
func (w *term) holdsNone(secrets []string) {
	w.t.Helper()
	history := w.history() + w.tmux("capture-pane", "-p", "-a", "-q")
	for _, s := range secrets {
		for i := len("kw_"); i+6 <= len(s); i++ {
			if strings.Contains(history, s[i:i+6]) {
				w.t.Fatalf("the terminal holds characters %d to %d of a secret", i, i+6)
			}
		}
	}
}
