package storage_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/storage"
)

const restoreChildVar = "KEYWARD_TEST_RESTORE"

// TestRestoreChild is no test: it is the child process of TestRestoreKill. It
// restores the backup beside a directory over that.
func TestRestoreChild(t *testing.T) {
	dir := os.Getenv(restoreChildVar)
	if dir == "" {
		return
	}
	data, err := os.ReadFile(filepath.Join(filepath.Dir(dir), "backup"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := storage.Restore(t.Context(), opening(data), dir, accepting()); err != nil {
		t.Fatal(err)
	}
}

// TestRestoreKill kills a restore at moments spread over the time that one
// takes: what is at the directory is the old store or the new one, whole, and
// where it is the new one the old one is beside it.
func TestRestoreKill(t *testing.T) {
	const rounds = 8
	var whole time.Duration
	replaced := 0
	for round := range rounds + 1 {
		dir := filepath.Join(t.TempDir(), "data")
		data, info := older(t, dir)
		if err := os.WriteFile(filepath.Join(filepath.Dir(dir), "backup"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(os.Args[0], "-test.run=^TestRestoreChild$")
		cmd.Env = append(os.Environ(), restoreChildVar+"="+dir)
		begun := time.Now()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if round > 0 { // the first shows how long it takes
			time.Sleep(whole * time.Duration(round) / rounds)
			_ = cmd.Process.Kill() // SIGKILL; it may have ended
		}
		err := cmd.Wait()
		if round == 0 {
			if whole = time.Since(begun); err != nil {
				t.Fatal(err)
			}
		}
		if wantOldOrNew(t, dir, info) {
			replaced++
		}
	}
	t.Logf("of %d restores, %d had replaced the store", rounds+1, replaced)
}

// wantOldOrNew reports whether the store in dir is the restored one.
func wantOldOrNew(t *testing.T, dir string, info storage.BackupInfo) (restored bool) {
	t.Helper()
	storeAt(t, dir, func(kv *storage.Badger) {
		if found, err := storage.DiagnoseKV(t.Context(), kv); err != nil || !storage.Sound(found) {
			t.Errorf("%v, %+v", err, found)
		}
		_, s := session(t, kv)
		page, err := s.Audit(t.Context(), model.AuditQuery{Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		restored = page.Entries[0].Action == storage.StoreRestored
		if want := info.Seq + 4; !restored && page.Newest != want {
			t.Errorf("the old store has %d changes, want %d", page.Newest, want)
		}
	})
	beside, err := filepath.Glob(dir + ".*restore-*")
	if err != nil || restored && len(beside) != 1 {
		t.Errorf("beside the restored store: %v, %v", beside, err)
	}
	if restored {
		storeAt(t, beside[0], func(kv *storage.Badger) {
			_, s := session(t, kv)
			if page, err := s.Audit(t.Context(), model.AuditQuery{Limit: 1}); err != nil || page.Newest != info.Seq+4 {
				t.Errorf("the old store beside it has %d changes, %v", page.Newest, err)
			}
		})
	}
	return restored
}
