package storage_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"dev.keyward/keyward/storage"
)

// TestTakeDir: the directory is taken before the store is opened, and stays
// taken when it cannot be.
func TestTakeDir(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	if pid := storage.HolderPID(dir); pid != 0 {
		t.Errorf("no directory: it is held by %d", pid)
	}
	if uid, exists, err := storage.Owner(dir); exists || err != nil {
		t.Errorf("no directory: its owner is %d, %v, %v", uid, exists, err)
	}
	lock, err := storage.TakeDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	uid, exists, err := storage.Owner(dir)
	if want := os.Geteuid(); !exists || err != nil || uid != want && runtime.GOOS != "windows" {
		t.Errorf("its owner is %d, %v, %v, want %d", uid, exists, err, want)
	}
	wantLocked(t, lock.Dir(), os.Getpid())
	if pid := storage.HolderPID(dir); pid != os.Getpid() {
		t.Errorf("it is held by %d, want %d", pid, os.Getpid())
	}
	if _, err := storage.OpenLocked(lock, storage.Options{MinFree: 1 << 60}); !errors.Is(err, storage.ErrNoSpace) {
		t.Errorf("opening on a full disk: %v", err)
	}
	wantLocked(t, lock.Dir(), os.Getpid())
	if err := os.WriteFile(filepath.Join(dir, "admin.sock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	kv, err := storage.OpenLocked(lock, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	kvCommit(t, kv, kvPut("a", "b"))
	if err := kv.Close(); err != nil {
		t.Fatal(err)
	}
	if pid := storage.HolderPID(dir); pid != 0 {
		t.Errorf("closed: it is held by %d", pid)
	}
	again, err := storage.TakeDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Release(); err != nil {
		t.Error(err)
	}
}

// TestHolderPIDDisturbsNobody: asking who has a directory does not keep others
// from taking it.
func TestHolderPIDDisturbsNobody(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	done := make(chan struct{})
	var asking sync.WaitGroup
	asking.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				storage.HolderPID(dir)
				runtime.Gosched()
			}
		}
	})
	for range 200 {
		lock, err := storage.TakeDir(dir)
		if err != nil {
			t.Error(err)
			break
		}
		if err := lock.Release(); err != nil {
			t.Error(err)
		}
	}
	close(done)
	asking.Wait()
}
