//go:build unix

package storage

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"dev.keyward/keyward/internal/race"
	"dev.keyward/keyward/model"
)

// TestEmptyLogs: a process that is killed while it opens the store leaves logs
// without a size. The store opens by itself, with all that it held; where such a
// log did hold something, that is noticed.
func TestEmptyLogs(t *testing.T) {
	for _, name := range []string{"00001.mem", "00099.mem", "000001.vlog", "000077.vlog"} {
		t.Run(name, func(t *testing.T) {
			k := newKeeper(t, Options{})
			k.change(1, 2, 3)
			head := k.head
			k.close()
			if err := os.WriteFile(filepath.Join(k.dir, storeName, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			k.open()
			if k.head.Seq != head.Seq || k.head.Hash != head.Hash {
				t.Errorf("the head is %v, and was %v", k.head, head)
			}
			k.change(4)
			k.close()
		})
	}
}

// TestKilledWhileOpening kills processes that open and change one store, at any
// moment of their short lives.
func TestKilledWhileOpening(t *testing.T) {
	if dir := os.Getenv("STORAGE_TEST_OPEN"); dir != "" {
		k := &keeper{t: t, dir: dir, keys: map[int]*model.Key{}}
		k.open()
		k.change(os.Getpid())
		k.close()
		return
	}
	rounds := race.Sample(60, 21)
	dir := filepath.Join(t.TempDir(), "data")
	for i := range rounds {
		if i%20 == 0 {
			dir = filepath.Join(t.TempDir(), fmt.Sprint("data", i)) // the first start is the longest
		}
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilledWhileOpening$")
		cmd.Env = append(os.Environ(), "STORAGE_TEST_OPEN="+dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(4+i*7%30) * time.Millisecond) // any moment will do
		_ = cmd.Process.Signal(syscall.SIGKILL)
		_ = cmd.Wait()
		b, err := Open(dir, Options{})
		if err != nil {
			t.Fatalf("round %d: %v", i, err)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestJournalRemoved: a journal that is removed while the store is open is there
// again with the next change.
func TestJournalRemoved(t *testing.T) {
	k := newKeeper(t, Options{})
	k.change(1)
	if err := os.Remove(filepath.Join(k.dir, journalName)); err != nil {
		t.Fatal(err)
	}
	k.change(2)
	head := k.head
	k.change(3)
	k.close()
	k.open()
	if k.head.Seq != head.Seq+1 {
		t.Errorf("the head is %v", k.head)
	}
	k.change(4)
	k.close()
	journal, err := OpenJournal(t.Context(), k.dir)
	if err != nil || journal.Head().Seq != head.Seq+2 {
		t.Errorf("the journal: %v", err)
	}
}
