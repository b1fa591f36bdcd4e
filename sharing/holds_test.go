package sharing_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/sharing"
	"dev.keyward/keyward/storage"
)

// TestHolds: a process learns when it has the store, and when it has it no more.
func TestHolds(t *testing.T) {
	var told []bool
	m, err := sharing.Join(t.Context(), sharing.Options{
		Dir: filepath.Join(t.TempDir(), "data"), Rank: model.RankConsole, Holds: func(holds bool) { told = append(told, holds) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(told, []bool{true}) {
		t.Errorf("once it has joined it was told %v", told)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(told, []bool{true, false}) {
		t.Errorf("once it has left it was told %v", told)
	}
}

// TestOpening: whoever opens a large store hears how far it is, and can give it
// up; the next one opens it.
func TestOpening(t *testing.T) {
	o := sharing.Options{Dir: filepath.Join(t.TempDir(), "data"), Rank: model.RankConsole}
	join := func(ctx context.Context, told func(storage.Checked)) error {
		o.Opening = told
		m, err := sharing.Join(ctx, o)
		if err == nil {
			_, err = m.CreateEnvironment(ctx, model.EnvironmentDraft{Name: "UAT"})
			err = errors.Join(err, m.Close())
		}
		return err
	}
	if err := join(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	told := 0
	if err := join(ctx, func(storage.Checked) { told++; cancel() }); !errors.Is(err, context.Canceled) || told != 1 {
		t.Errorf("given up: %v, told %d times", err, told)
	}
	if err := join(t.Context(), func(storage.Checked) { told++ }); !errors.Is(err, model.ErrConflict) || told == 1 {
		t.Errorf("after that: %v, told %d times", err, told)
	}
}
