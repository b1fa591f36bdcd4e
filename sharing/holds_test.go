package sharing_test

import (
	"path/filepath"
	"slices"
	"testing"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/sharing"
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
