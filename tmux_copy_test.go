package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestCopyInTmuxLeavesOneBuffer: a secret that was copied inside tmux, which takes
// OSC 52 as well, lies in one buffer, and the remedy that the screen names empties
// tmux.
func TestCopyInTmuxLeavesOneBuffer(t *testing.T) {
	t.Parallel()
	dir, out := filepath.Join(t.TempDir(), "data"), t.TempDir()
	keyward(t, dir, "key", "create", "orders", "--environment", "Test", "--out", filepath.Join(out, "orders"))
	w := startTerm(t, 80, 24, nil, "sleep", "600") // its terminal has set-clipboard on
	w.tmux("respawn-pane", "-k", quote(keywardBinary(t))+" --data "+quote(dir))
	w.wait(`orders`)
	w.keys("r")
	w.wait(`regenerate`)
	w.keys("Enter")
	w.wait(`any other key`)
	w.answer("y")
	secret := secretPattern.FindString(w.wait(secretPattern.String()))
	w.keys("c")
	w.wait(`tmux delete-buffer forgets it`)
	if buffers := w.tmux("list-buffers", "-F", "#{buffer_size}"); strings.TrimSpace(buffers) != "52" || w.tmux("show-buffer") != secret {
		t.Errorf("tmux has buffers of\n%s", buffers)
	}
	w.tmux("delete-buffer")
	if buffers := w.tmux("list-buffers"); buffers != "" {
		t.Errorf("tmux has buffers still:\n%s", redacted(buffers))
	}
}
