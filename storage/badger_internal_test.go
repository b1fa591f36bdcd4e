package storage

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dgraph-io/badger/v4"
)

func openTestBadger(t *testing.T, dir string) *Badger {
	t.Helper()
	b, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestBadgerOptions: no test short of a power cut would miss synced writes.
func TestBadgerOptions(t *testing.T) {
	t.Parallel()
	if o := badgerOptions("x", nil); !o.SyncWrites || o.ValueThreshold <= int64(2*defaultLimits().Bytes*3/4) {
		t.Errorf("got SyncWrites %v, ValueThreshold %d", o.SyncWrites, o.ValueThreshold)
	}
}

// TestBadgerFailingCommit: when Badger fails to write, the outcome is unknown,
// the engine stops, and what really happened shows after opening again.
func TestBadgerFailingCommit(t *testing.T) {
	t.Parallel()
	noSpace := fmt.Errorf("writeRequests err: write /x/00001.mem: %s", syscall.ENOSPC.Error())
	dump := errors.New("Value with size 3 exceeded 2 limit. Value:\n00000000  73 65 63 |sec|")
	for _, c := range []struct {
		name    string
		fail    func(*badger.Txn) error
		want    []error // besides ErrUnknown
		written bool
	}{
		{"error", func(*badger.Txn) error { return dump }, nil, false},
		{"full disk", func(*badger.Txn) error { return noSpace }, []error{ErrNoSpace}, false},
		{"full disk, typed", func(*badger.Txn) error { return syscall.ENOSPC }, []error{ErrNoSpace, syscall.ENOSPC}, false},
		{"panic", func(*badger.Txn) error { panic("no idea\nsecret") }, nil, false},
		{"fault", func(*badger.Txn) error { readCutFile(t); return nil }, nil, false},
		{"written after all", func(txn *badger.Txn) error { return errors.Join(txn.Commit(), dump) }, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "data")
			b := openTestBadger(t, dir)
			if _, err := b.Commit(t.Context(), Tx{ID: "good", Writes: []Write{{Key: "a"}}}); err != nil {
				t.Fatal(err)
			}
			watch := make(chan error)
			go func() { watch <- b.Watch(t.Context(), nil, 1, func(Batch) error { return nil }) }()

			b.commitTxn = c.fail
			_, err := b.Commit(t.Context(), Tx{ID: "bad", Writes: []Write{{Key: "b", Value: []byte("secret")}}})
			for _, want := range append(c.want, ErrUnknown) {
				if !errors.Is(err, want) {
					t.Errorf("got error %v, want %v", err, want)
				}
			}
			if errors.Is(err, ErrUnavailable) {
				t.Errorf("got error %v, which is %v too", err, ErrUnavailable)
			}
			wantStopped(t, b, <-watch)
			if strings.ContainsAny(err.Error(), "|\n") || strings.Contains(err.Error(), "secret") {
				t.Errorf("the error says too much: %q", err)
			}
			if err := b.Close(); err != nil {
				t.Fatal(err)
			}

			b = openTestBadger(t, dir)
			found, rev, err := b.Get(t.Context(), RequestKey("good"), RequestKey("bad"), "b")
			if err != nil {
				t.Fatal(err)
			}
			if wrote := found[1].Rev != 0; wrote != c.written || found[1].Rev != found[2].Rev || found[0].Rev != 1 {
				t.Errorf("found %v at %d", found, rev)
			}
			if next, err := b.Commit(t.Context(), Tx{ID: "next"}); err != nil || next != rev+1 {
				t.Errorf("the next commit: got %d, %v, want %d", next, err, rev+1)
			}
			if err := b.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// wantStopped checks that b serves nobody any more, a Watch that ended with
// watched included.
func wantStopped(t *testing.T, b *Badger, watched error) {
	t.Helper()
	_, err := b.Commit(t.Context(), Tx{ID: "later"})
	_, _, getErr := b.Get(t.Context(), "a")
	_, snapErr := b.Snapshot(t.Context(), nil, func([]Entry) error { return nil })
	for _, err := range []error{watched, err, getErr, snapErr} {
		if !errors.Is(err, ErrUnavailable) || errors.Is(err, ErrUnknown) {
			t.Errorf("got error %v, want %v", err, ErrUnavailable)
		}
	}
}

// readCutFile reads from a mapping of which the file was cut away.
func readCutFile(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "cut"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if err := f.Truncate(4096); err != nil {
		t.Fatal(err)
	}
	mapped := mapFile(t, f)
	if err := f.Truncate(0); err != nil {
		t.Fatal(err)
	}
	t.Logf("read %d", mapped[17])
}

// TestBadgerHangingCommit: a caller that gives up gets a clear answer as long
// as Badger was not asked to write, and is not kept waiting without end after
// that.
func TestBadgerHangingCommit(t *testing.T) {
	for _, c := range []struct {
		name    string
		take    bool // the committing goroutine gets the request
		claim   bool // and asks Badger to write it
		unknown bool
		took    time.Duration
	}{
		{"not taken", false, false, false, time.Second},
		{"taken", true, false, false, time.Second},
		{"writing", true, true, true, time.Second + outcomePatience},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &Badger{limits: defaultLimits(), feed: newFeed(0), requests: make(chan *commitRequest)}
				taken := make(chan *commitRequest, 1)
				go func() {
					if !c.take {
						return
					}
					r := <-b.requests
					if c.claim {
						r.claim()
					}
					taken <- r
				}()
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				start := time.Now()
				_, err := b.Commit(ctx, Tx{ID: "x"})
				if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrUnknown) != c.unknown {
					t.Errorf("got error %v", err)
				}
				if took := time.Since(start); took != c.took {
					t.Errorf("it took %v, want %v", took, c.took)
				}
				if c.take && (<-taken).claim() {
					t.Error("the request may still be written")
				}
			})
		})
	}
}

// TestBadgerDamage: records that make no sense are errors, never answers.
func TestBadgerDamage(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	b := openTestBadger(t, dir)
	if _, err := b.Commit(t.Context(), Tx{ID: "x", Writes: []Write{{Key: "a", Value: []byte("1")}}}); err != nil {
		t.Fatal(err)
	}
	rewrite(t, b, dataPrefix+"a", []byte("short"))
	rewrite(t, b, string(logKey(1)), []byte{200, 1, 'x'})
	_, _, err := b.Get(t.Context(), "a")
	_, snapErr := b.Snapshot(t.Context(), nil, func([]Entry) error { return nil })
	_, guardErr := b.Commit(t.Context(), Tx{ID: "y", Guards: []Guard{{Key: "a"}}})
	watchErr := b.Watch(t.Context(), nil, 0, func(Batch) error { return nil })
	for what, err := range map[string]error{"Get": err, "Snapshot": snapErr, "Commit": guardErr, "Watch": watchErr} {
		if !errors.Is(err, ErrUnavailable) || errors.Is(err, ErrUnknown) {
			t.Errorf("%s: got error %v, want %v", what, err, ErrUnavailable)
		}
	}
	if _, err := b.Commit(t.Context(), Tx{ID: "z", Writes: []Write{{Key: "a", Value: []byte("2")}}}); err != nil {
		t.Errorf("writing over it: %v", err)
	}
	rewrite(t, b, formatKey, binary.BigEndian.AppendUint64(nil, format+1))
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = Open(dir, Options{})
	if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "written by a newer keyward (layout 2, this one knows 1)") {
		t.Errorf("a newer layout: got error %v", err)
	}
	if _, err := Open(dir, Options{}); errors.Is(err, ErrLocked) {
		t.Error("a failed Open kept the lock")
	}
}

// TestBadgerGapInLog: a log that does not reach the newest commit is not used.
func TestBadgerGapInLog(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	b := openTestBadger(t, dir)
	commit := func(n int) {
		for range n {
			if _, err := b.Commit(t.Context(), Tx{Writes: []Write{{Key: "a"}}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	watch := func(after Rev) (revs []Rev, err error) {
		newest, _, _ := b.feed.state()
		enough := errors.New("enough")
		err = b.Watch(t.Context(), nil, after, func(batch Batch) error {
			if revs = append(revs, batch.Rev); batch.Rev == newest {
				return enough
			}
			return nil
		})
		if err == enough {
			err = nil
		}
		return revs, err
	}
	reopen := func() {
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		b = openTestBadger(t, dir)
	}
	commit(6)
	rewrite(t, b, string(logKey(3)), nil)
	reopen()
	if b.oldest != 4 {
		t.Errorf("the log begins at %d, want 4", b.oldest)
	}
	rewrite(t, b, string(logKey(6)), nil)
	reopen()
	commit(2)
	if got, err := watch(6); err != nil || !slices.Equal(got, []Rev{7, 8}) {
		t.Errorf("got %v, %v, want 7 and 8", got, err)
	}
	if _, err := watch(5); !errors.Is(err, ErrCompacted) {
		t.Errorf("got error %v, want %v", err, ErrCompacted)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}

// rewrite changes a record behind the engine's back; nil deletes it.
func rewrite(t *testing.T, b *Badger, key string, value []byte) {
	t.Helper()
	err := b.db.Update(func(txn *badger.Txn) error {
		if value == nil {
			return txn.Delete([]byte(key))
		}
		return txn.Set([]byte(key), value)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestBadgerForeignLock: another tool has Badger's own lock.
func TestBadgerForeignLock(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	if err := openTestBadger(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	db := openForeign(t, filepath.Join(dir, storeName))
	_, err := Open(dir, Options{})
	var locked *LockedError
	if !errors.As(err, &locked) || locked.PID != os.Getpid() {
		t.Errorf("got error %v, want a LockedError with pid %d", err, os.Getpid())
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// openForeign opens Badger as another tool would. A child process that another
// test is just starting may still hold the lock of the last owner for a moment.
func openForeign(t *testing.T, store string) *badger.DB {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		db, err := badger.Open(badgerOptions(store, nil))
		if err == nil {
			return db
		}
		if !isBadgerLocked(err) || time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

func TestPathError(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cause syscall.Errno
		want  string
	}{
		{syscall.EROFS, "is on a read-only file system, and keyward must write to it: name another directory with --data"},
		{syscall.EACCES, "cannot be used: this user has no permission there; name another directory with --data"},
		{syscall.ENOSPC, "has no space left: free some"},
		{syscall.ELOOP, "cannot be used: its path has symbolic links that lead in a circle; mend them, or name another directory with --data"},
		{syscall.EIO, "cannot be used (" + syscall.EIO.Error() + "): name another directory with --data"},
		{syscall.EMFILE, "cannot be used now: too many files are open: raise the limit (ulimit -n), or end programs that have many open"},
	} {
		err := pathError("/x", &fs.PathError{Op: "open", Path: "/x/lock", Err: c.cause})
		if want := "the data directory /x " + c.want; err.Error() != want || !errors.Is(err, c.cause) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
		if errors.Is(err, ErrNoSpace) != (c.cause == syscall.ENOSPC) {
			t.Errorf("%v: ErrNoSpace is %v", err, errors.Is(err, ErrNoSpace))
		}
	}
}

// FuzzDecodeLog: what is not a commit is an error, never a panic, and what is
// encoded comes back.
func FuzzDecodeLog(f *testing.F) {
	f.Add([]byte(nil), "id", "key", []byte("value"))
	f.Add([]byte{1, 'x', 0, 1, 'k', 200}, "", "t/\x00", []byte(nil))
	f.Fuzz(func(t *testing.T, raw []byte, id, key string, value []byte) {
		_, _ = decodeLog(raw, 1, []string{""})
		_, _ = decodeLogID(raw)

		stored := append(make([]byte, revBytes), value...)
		logged := encodeLog(id, []change{{key: key, stored: stored}, {key: key + "2"}})
		got, err := decodeLog(logged, 7, []string{key})
		if err != nil || len(got.Entries) != 1 || got.Entries[0].Key != key || got.Entries[0].Rev != 7 ||
			!bytes.Equal(got.Entries[0].Value, value) || !slices.Equal(got.Deletes, []string{key + "2"}) {
			t.Errorf("got %v, %v", got, err)
		}
		if gotID, err := decodeLogID(logged); err != nil || gotID != id {
			t.Errorf("got id %q, %v, want %q", gotID, err, id)
		}
		if _, err := decodeLog(logged[:len(logged)-1], 7, []string{""}); !errors.Is(err, ErrUnavailable) {
			t.Errorf("cut short: got error %v", err)
		}
	})
}
