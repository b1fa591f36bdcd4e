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

// TestActivityFollows: calls as they are decided, by an endpoint that comes later
// than whoever watches, and by the next one.
func TestActivityFollows(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	keyward(t, dir, "workflow", "create", "first", "--method", "GET", "--path", "/first")
	var out lockedBuffer
	cmd := exec.Command(keywardBinary(t), "activity", "--follow", "--json", "--data", dir)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	shows := func(text string, lines int) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
			if s := out.String(); strings.Contains(s, text) && strings.Count(s, "\n") == lines {
				return
			}
		}
		t.Fatalf("it never showed %q and %d lines:\n%s", text, lines, out.String())
	}
	e := startServe(t, dir)
	e.body("/nothing/1")
	shows(`"path":"/nothing/1"`, 1)
	e.body("/nothing/2?auth-key=x")
	shows(`"path":"/nothing/2","query":"auth-key="`, 2)
	e.stop()
	e = startServe(t, dir)
	e.body("/nothing/3")
	shows(`"path":"/nothing/3"`, 3)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 130 {
		t.Errorf("interrupted, it ends with %v", err)
	}
}
