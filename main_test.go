package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes this binary be keyward where it is called so, for the scripts.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"keyward": main})
}

// TestScripts runs testdata/script over the real program.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                scriptCommands(),
		Setup: func(env *testscript.Env) error {
			env.Values[processKey{}] = &process{}
			env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
			env.Setenv("KEYWARD_DATA", filepath.Join(env.WorkDir, "data"))
			return nil
		},
	})
}

// TestTerminal holds that a command asks the terminal nothing and does not wait
// for it, which Bubble Tea's own initialisation would.
func TestTerminal(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no pseudo-terminals here")
	}
	path, err := exec.LookPath("keyward")
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(path, "version")
	c.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "CI=") || strings.HasPrefix(v, "TERM=")
	}), "TERM=xterm-256color")
	start := time.Now()
	terminal, err := pty.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close() //nolint:errcheck // Only read from.
	var seen bytes.Buffer
	_, _ = io.Copy(&seen, terminal) // ends with EIO when the program does
	if err := c.Wait(); err != nil {
		t.Fatalf("keyward version: %v\n%s", err, seen.Bytes())
	}
	// Asking costs five seconds; a busy machine may cost one.
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("keyward version took %v on a terminal that does not answer", took)
	}
	if bytes.ContainsRune(seen.Bytes(), '\x1b') {
		t.Errorf("keyward version wrote an escape sequence: %q", seen.Bytes())
	}
	if !strings.HasPrefix(seen.String(), "keyward ") {
		t.Errorf("keyward version wrote %q", seen.Bytes())
	}
}
