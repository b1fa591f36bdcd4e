//go:build unix

package tui

import (
	"path/filepath"
	"syscall"
	"testing"
)

func TestPickerNeverWaitsForAPipe(t *testing.T) {
	t.Parallel()
	m, p, dir, _ := newPickerTest(t, "a.crt")
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skipf("SKIPPED: no named pipes here: %v", err)
	}
	m.certs.read = nil // refuses everything
	m.keys("ctrl+r")
	m.sees("pipe", "2 entries")
	m.keys("pipe", "enter")
	m.sees("pipe: this is not a certificate")
	m.keys("esc")
	m.paste(pipe) // typed as a path, and as a directory to complete
	m.keys("tab", "enter")
	m.sees("this is not a certificate")
	m.keys(pipe+"/", "tab", "enter")
	if p.files.dir != dir {
		t.Errorf("in %s", p.files.dir)
	}
}
