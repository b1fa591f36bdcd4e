package storage

import (
	"errors"
	"fmt"
	"strconv"
)

// What can go wrong, for errors.Is. KV says which method returns which, when.
var (
	// ErrConflict: a guard did not hold; nothing was written. The error is a
	// *ConflictError, which names the key.
	ErrConflict = errors.New("the data changed meanwhile")
	// ErrUnknown: the commit may have happened, or may yet. RequestKey says how
	// to settle it. Such an error is never ErrConflict or ErrUnavailable as
	// well.
	ErrUnknown = errors.New("it is not known whether the change was stored")
	// ErrCompacted: the engine no longer keeps the commits asked for. Take a
	// new Snapshot.
	ErrCompacted = errors.New("the changes asked for are no longer kept")
	// ErrUnavailable: the engine cannot do its work now: it is out of reach, or
	// it met damage and stopped. Nothing was written by this call.
	ErrUnavailable = errors.New("the store is not available")
	// ErrTooLarge: a size exceeds Limits; nothing was written.
	ErrTooLarge = errors.New("too large for the store")
	// ErrNoSpace: the disk or the quota is full; nothing was written, unless
	// the error is ErrUnknown too.
	ErrNoSpace = errors.New("no space left for the store")
	// ErrInvalid: the call breaks the contract (an empty key, a key written
	// twice in a Tx): a defect of the caller; nothing was written.
	ErrInvalid = errors.New("invalid use of the store")
	// ErrClosed: the KV was closed.
	ErrClosed = errors.New("the store is closed")
	// ErrReadOnly: nothing can be changed, because there is only a journal to
	// decide from (see OpenJournal).
	ErrReadOnly = errors.New("nothing can be changed now")
	// ErrLocked: another process (or this one) has the data directory open. The
	// error is a *LockedError.
	ErrLocked = errors.New("the data directory is in use")
)

// ConflictError says which guard of a Tx did not hold: the first in order, the
// guard implied by Tx.ID before all others. It is ErrConflict. A name index key
// means "taken", a record's key "somebody else changed it".
type ConflictError struct {
	Key string
}

// Error names the key, quoted and shortened.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("%v: %s", ErrConflict, quoteKey(e.Key))
}

// Is reports whether target is ErrConflict.
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

// quoteKey makes a key fit to be shown: it is quoted, so that it cannot steer a
// terminal, and cut when long.
func quoteKey(key string) string {
	const most = 80
	if len(key) > most {
		return strconv.QuoteToASCII(key[:most]) + "..."
	}
	return strconv.QuoteToASCII(key)
}

// sentence is an error whose text is one sentence, and which is others too that
// need not be read out.
type sentence struct {
	text string
	is   []error
}

func (e *sentence) Error() string { return e.text }

func (e *sentence) Unwrap() []error { return e.is }
