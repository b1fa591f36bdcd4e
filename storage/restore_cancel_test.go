package storage_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"dev.keyward/keyward/storage"
)

// TestRestoreCancelled: whichever step the user gives up in, the directory and
// what is beside it are as they were, but for when the lock was last taken.
func TestRestoreCancelled(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	data, _ := older(t, dir)
	lock := filepath.Join(dir, "lock")
	info, err := os.Stat(lock)
	if err != nil {
		t.Fatal(err)
	}
	before := tree(t, filepath.Dir(dir))
	all := []storage.RestoreStep{storage.RestoreVerifies, storage.RestoreCompares, storage.RestoreFills, storage.RestoreChecks}
	for at := range all {
		ctx, cancel := context.WithCancel(t.Context())
		var steps []storage.RestoreStep
		o := accepting()
		o.Began = func(step storage.RestoreStep) {
			if steps = append(steps, step); len(steps) == at+1 {
				cancel()
			}
		}
		result, err := storage.Restore(ctx, opening(data), dir, o)
		if !errors.Is(err, context.Canceled) || result.Done || !slices.Equal(steps, all[:at+1]) {
			t.Errorf("given up in step %d: %v, done %v, steps %v", at, err, result.Done, steps)
		}
		if err := os.Chtimes(lock, time.Time{}, info.ModTime()); err != nil {
			t.Fatal(err)
		}
		wantTree(t, "a restore that was given up", filepath.Dir(dir), before)
	}
	if result, err := storage.Restore(t.Context(), opening(data), dir, accepting()); err != nil || !result.Done {
		t.Errorf("afterwards: %v", err)
	}
}

// TestSkimBackupCounts: as many keys and audit entries go by as the store says
// that it has.
func TestSkimBackupCounts(t *testing.T) {
	t.Parallel()
	data, info := sampleBackup(t)
	want := int(info.Seq)
	entries, _, err := readAll(t, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Key[:2] == "k/" {
			want++
		}
	}
	got := 0
	if _, err := storage.SkimBackup(t.Context(), bytes.NewReader(data), func(more int) { got += more }); err != nil || got != want {
		t.Errorf("counted %d, want %d: %v", got, want, err)
	}
}
