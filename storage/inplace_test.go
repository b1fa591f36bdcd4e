package storage_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/storage"
)

func TestTakeStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	gone := func(what, identity string) {
		t.Helper()
		lock, err := storage.TakeStore(dir, identity)
		if want := (*storage.GoneError)(nil); !errors.As(err, &want) || !errors.Is(err, model.ErrDegraded) {
			t.Fatalf("%s: %v, %v", what, lock, err)
		}
	}
	gone("no directory", "")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	gone("no store", "")
	if names, err := os.ReadDir(dir); err != nil || len(names) != 0 {
		t.Fatalf("in the directory is %v, %v", names, err)
	}
	lock, err := storage.TakeDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	id, err := lock.Identify()
	if err != nil || len(id) != 32 || storage.Identity(dir) != id {
		t.Fatalf("the identity is %q, in the directory is %q, %v", id, storage.Identity(dir), err)
	}
	if again, err := lock.Identify(); again != id || err != nil {
		t.Errorf("asked again it is %q, %v", again, err)
	}
	kv, err := storage.OpenLocked(lock, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := kv.Close(); err != nil {
		t.Fatal(err)
	}
	gone("another store", "00000000000000000000000000000000")
	for _, identity := range []string{"", id} {
		if lock, err = storage.TakeStore(dir, identity); err != nil {
			t.Fatalf("identity %q: %v", identity, err)
		}
		if !lock.InPlace() {
			t.Error("it is not in its place")
		}
		if err := lock.Release(); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{"short": "abcd\n", "no number": "zz000000000000000000000000000000", "long": id + id, "nothing": ""} {
		if err := os.WriteFile(filepath.Join(dir, "identity"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := storage.Identity(dir); got != "" {
			t.Errorf("%s: the identity is %q", name, got)
		}
	}
}

// TestDirectoryGoes: a store whose directory is not at its name any more is not
// written to, lets its process end, and is closed once the directory is back.
func TestDirectoryGoes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	kv, err := storage.Open(dir, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kv.Commit(t.Context(), storage.Tx{Writes: []storage.Write{{Key: "x/one", Value: []byte("1")}}}); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(dir, dir+".moved"); err != nil {
		t.Skip("SKIPPED: this system does not move a directory that is open")
	}
	var gone *storage.GoneError
	if _, err := kv.Commit(t.Context(), storage.Tx{Writes: []storage.Write{{Key: "x/two", Value: []byte("2")}}}); !errors.As(err, &gone) {
		t.Errorf("a commit ends with %v", err)
	}
	other, err := storage.Open(dir, storage.Options{}) // somebody else, who may
	if err != nil {
		t.Fatal(err)
	}
	if err := kv.Close(); !errors.As(err, &gone) {
		t.Errorf("closing ends with %v", err)
	}
	if err := other.Close(); err != nil {
		t.Errorf("the store in its place was disturbed: %v", err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(dir+".moved", dir); err != nil {
		t.Fatal(err)
	}
	for {
		kv, err = storage.Open(dir, storage.Options{})
		if !errors.Is(err, storage.ErrLocked) || t.Context().Err() != nil {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = kv.Close() }()
	entries, _, err := kv.Get(t.Context(), "x/one", "x/two")
	if err != nil || string(entries[0].Value) != "1" || entries[1].Rev != 0 {
		t.Errorf("it holds %v, %v", entries, err)
	}
}

// TestExistingStore: nothing is put into a store that is empty.
func TestExistingStore(t *testing.T) {
	kv := storage.NewMemory(storage.LogSize{})
	defer func() { _ = kv.Close() }()
	if _, err := storage.ExistingStore(t.Context(), kv, "/data"); !errors.As(err, new(*storage.GoneError)) {
		t.Errorf("an empty one: %v", err)
	}
	if _, rev, err := kv.Get(t.Context(), "m/schema"); rev != 0 || err != nil {
		t.Errorf("something was written: %d, %v", rev, err)
	}
	if _, err := storage.NewStore(t.Context(), kv, time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := storage.ExistingStore(t.Context(), kv, "/data"); err != nil {
		t.Errorf("one that is there: %v", err)
	}
}

// TestRestoreKeepsTheIdentity: whoever takes part knows the store again after a
// restore.
func TestRestoreKeepsTheIdentity(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	lock, err := storage.TakeDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	id, err := lock.Identify()
	if err != nil {
		t.Fatal(err)
	}
	kv, err := storage.OpenLocked(lock, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := storage.NewStore(t.Context(), kv, time.Now()); err != nil {
		t.Fatal(err)
	}
	var backup bytes.Buffer
	if _, err := storage.WriteBackup(t.Context(), kv, &backup, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := kv.Close(); err != nil {
		t.Fatal(err)
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(backup.Bytes())), nil }
	if _, err := storage.Restore(t.Context(), open, dir, storage.RestoreOptions{AcceptRollback: true, Now: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if got := storage.Identity(dir); got != id {
		t.Errorf("the identity is %q, and was %q", got, id)
	}
}
