package storage

import (
	"errors"
	"fmt"
	"time"
)

// Close implements KV. It releases the directory even when it returns an error,
// but for a *GoneError: that directory is held until it is back or the process
// ends.
func (b *Badger) Close() error { return b.end(b.lock.Release) }

// CloseKeepingLock closes the store and leaves the directory taken: the lock
// stays the caller's.
func (b *Badger) CloseKeepingLock() error { return b.end(func() error { return nil }) }

func (b *Badger) end(release func() error) error {
	var err error
	b.closing.Do(func() {
		b.feed.stop(ErrClosed)
		b.calls.endAndWait()
		close(b.requests)
		<-b.committed
		if b.lock.InPlace() {
			err = errors.Join(b.journal.close(), b.closeBadger(), release())
			return
		}
		go b.endLater(release)
		err = &GoneError{b.dir, leftProblem}
	})
	return err
}

// endLater closes a store whose directory was moved or removed once that is back.
// Badger writes by name when it closes: where nothing is, it would try for ever,
// and where another store is, it would write into that. What was confirmed is in
// the directory already, so that the end of the process loses nothing.
func (b *Badger) endLater(release func() error) {
	for !b.lock.InPlace() {
		time.Sleep(endLaterEvery)
	}
	if err := errors.Join(b.journal.close(), b.closeBadger(), release()); err != nil {
		b.log.Warn("closing the store of a directory that is back", "error", err)
	}
}

// How often a store that could not be closed is looked at, and what is said of it.
const (
	endLaterEvery = 100 * time.Millisecond
	leftProblem   = "was moved or removed while its store was open: what was confirmed is in it, so put it back where it was"
)

func (b *Badger) closeBadger() error {
	if err := protect(b.db.Close); err != nil {
		return fmt.Errorf("closing the store in %s: %w", b.dir, unavailable(err))
	}
	return nil
}
