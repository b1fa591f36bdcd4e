package storage_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/storage"
)

// TestSpaceMargin: below the margin nothing is opened and nothing changed, while
// reading goes on.
func TestSpaceMargin(t *testing.T) {
	dir := t.TempDir() + "/data"
	if _, err := storage.Open(dir, storage.Options{MinFree: math.MaxInt64}); !errors.Is(err, storage.ErrNoSpace) || !strings.Contains(err.Error(), "free some") {
		t.Errorf("opening: %v", err)
	}
	kv, err := storage.Open(dir, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kv.Close() })
	put := storage.Tx{Writes: []storage.Write{{Key: "a", Value: []byte("b")}}}
	if _, err := kv.Commit(t.Context(), put); err != nil {
		t.Fatal(err)
	}
	restore := kv.SetMinFree(math.MaxInt64)
	if _, err := kv.Commit(t.Context(), put); !errors.Is(err, storage.ErrNoSpace) {
		t.Errorf("committing: %v", err)
	}
	if entries, _, err := kv.Get(t.Context(), "a"); err != nil || string(entries[0].Value) != "b" {
		t.Errorf("reading: %v, %v", entries, err)
	}
	restore()
	if _, err := kv.Commit(t.Context(), put); err != nil {
		t.Errorf("after room was made: %v", err)
	}
}

// TestSpaceSentence: a change that is refused for want of space says why once,
// and is what callers look for.
func TestSpaceSentence(t *testing.T) {
	t.Parallel()
	kv, err := storage.Open(t.TempDir()+"/data", storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kv.Close() })
	s := &sample{t: t, random: &counter{}, now: storeNow, kv: kv}
	s.reload()
	defer kv.SetMinFree(math.MaxInt64)()
	_, err = s.session.CreateWorkflow(t.Context(), model.WorkflowDraft{Name: "one more"})
	if !errors.Is(err, model.ErrNoSpace) || !errors.Is(err, storage.ErrNoSpace) {
		t.Fatalf("the error is %v", err)
	}
	text := err.Error()
	if !strings.HasPrefix(text, "nothing was changed, because the disk that holds ") || !strings.HasSuffix(text, ": free some") || strings.Contains(text, "(") {
		t.Errorf("it says %q", text)
	}
}
