package storage

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// openBadger opens Badger, which has a lock of its own. Whoever holds that is
// no keyward, for this one has the directory: another tool, or a child process
// that the last owner was just starting and that lets go in a moment.
func (b *Badger) openBadger(opts badger.Options) error {
	const tries, pause = 20, 25 * time.Millisecond
	for n := 1; ; n++ {
		err := protect(func() (err error) {
			b.db, err = badger.Open(opts)
			return err
		})
		if err == nil || !isBadgerLocked(err) || n == tries {
			return err
		}
		time.Sleep(pause)
	}
}

// isBadgerLocked recognizes that somebody has Badger's own lock, which it tells
// by text only.
func isBadgerLocked(err error) bool {
	return strings.Contains(err.Error(), "Cannot acquire directory lock")
}

// cannotOpen explains an error of start.
func (b *Badger) cannotOpen(store string, err error) error {
	var unfit *DirError
	var damage *DamageError
	var ended *endedError
	switch {
	case errors.As(err, &ended):
		return ended.err
	case errors.As(err, &unfit), errors.As(err, &damage):
		return err
	}
	if !isBadgerLocked(err) {
		return fmt.Errorf("opening the store in %s: %w", b.dir, unavailable(err))
	}
	locked := &LockedError{Dir: b.dir}
	if file, err := os.Open(filepath.Join(store, "LOCK")); err == nil {
		locked.PID = readPID(file)
		_ = file.Close()
	}
	return locked
}

// badgerOptions are sized for a store of small records: an empty one takes next
// to nothing, and every value is far below the value threshold of 1 MiB, so the
// value log stays empty and needs no collection. Without compression a damaged
// block is an error of VerifyChecksum, not a panic, and blocks need no cache.
func badgerOptions(dir string, logger *slog.Logger) badger.Options {
	return badger.DefaultOptions(dir).
		WithLogger(newBadgerLogger(logger)).
		WithSyncWrites(true).
		WithDetectConflicts(false). // one goroutine commits and checks guards itself
		WithCompression(options.None).
		WithBlockCacheSize(0).
		WithIndexCacheSize(0).
		WithMemTableSize(8 << 20).
		WithNumMemtables(2).
		WithValueLogFileSize(16 << 20).
		WithNumCompactors(2).
		WithNumLevelZeroTables(3).
		WithNumLevelZeroTablesStall(8).
		WithMetricsEnabled(false)
}
