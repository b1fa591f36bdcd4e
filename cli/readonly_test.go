package cli

import (
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/sharing"
)

// What --read-only opens can look, and changes nothing: as the owner of the
// store, and over the socket of another.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	look := newApp(Env{Stdout: io.Discard, Stderr: io.Discard, Getenv: func(string) string { return "" }, Now: time.Now})
	if err := look.root().ParseFlags([]string{"--read-only"}); err != nil {
		t.Fatal(err)
	}
	if !look.look || !look.caller().ReadOnly {
		t.Fatal("--read-only is lost")
	}
	changes := func(m *sharing.Member) error {
		_, err := m.CreateEnvironment(t.Context(), model.EnvironmentDraft{Name: "Acceptance"})
		return err
	}
	refuses := func(m *sharing.Member) error {
		if err := changes(m); !errors.Is(err, model.ErrForbidden) {
			t.Errorf("a change ends with %v, want ErrForbidden", err)
		}
		_, err := m.Keys(t.Context(), model.KeyQuery{})
		return err
	}
	if err := look.useShared(t.Context(), dir, model.RankConsole, refuses); err != nil {
		t.Fatal(err)
	}
	owner := newApp(Env{Stdout: io.Discard, Stderr: io.Discard, Getenv: func(string) string { return "" }, Now: time.Now})
	if err := owner.useShared(t.Context(), dir, model.RankServe, func(m *sharing.Member) error {
		if err := look.useShared(t.Context(), dir, model.RankConsole, refuses); err != nil {
			return err
		}
		return changes(m)
	}); err != nil {
		t.Fatal(err)
	}
}

// It is the console's alone: a command that changes something does not take it.
func TestReadOnlyIsNoFlagOfCommands(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	for _, args := range [][]string{{"--read-only", "environment", "create", "x"}, {"environment", "create", "x", "--read-only"}} {
		if _, refusal := m.run(2, args...); !strings.Contains(refusal, "read-only") {
			t.Errorf("%q is refused so:\n%s", args, refusal)
		}
	}
}
