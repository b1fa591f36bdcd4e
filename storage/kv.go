// Package storage keeps what keyward must not forget. It has two layers: a
// store of typed records above, and below it a small key-value port, KV, that
// an engine implements. Two engines live here: Badger, for a data directory
// that one process owns, and Memory, for tests and throw-away consoles. KV is
// written so that a distributed engine (etcd) can honour it too; one
// conformance suite holds every engine to the comments in this file.
//
// The package imports no other room of keyward but model. Only cli constructs
// what is in here.
package storage

import (
	"context"
)

// Rev numbers the commits of a store in their one total order: a later commit
// has a greater Rev. Numbers may be skipped and are never used twice. Rev 0 is
// before every commit; as the revision of a key it means "absent".
type Rev uint64

// Entry is one key with its value and the commit that last wrote it. An Entry
// whose Rev is 0 says that the key is absent; its Value is then nil. Values
// have no other meaning to an engine; an empty value and a nil one are the same
// value, and which of the two comes back is not promised.
type Entry struct {
	Key   string
	Value []byte
	Rev   Rev
}

// Guard is a condition of a Tx: Key was last written by commit Rev. Rev 0
// demands that the key is absent.
type Guard struct {
	Key string
	Rev Rev
}

// Write is one change of a Tx: put Value at Key, or remove Key when Delete is
// set (Value is then ignored). Deleting an absent key changes nothing, is no
// error, and is not seen by Watch.
type Write struct {
	Key    string
	Value  []byte
	Delete bool
}

// Tx is one atomic change: when all Guards hold, all Writes happen, in one
// commit.
//
// Guards are checked against the state just before the commit, in order, after
// the guard that ID implies. A guarded key need not be written. A key may be
// guarded twice; guards that contradict each other fail like any other.
//
// A key may be written once only in a Tx, and no Tx may write below
// RequestPrefix: both are ErrInvalid, and so are an empty key and a Tx that has
// neither Writes nor ID.
//
// ID, when not empty, is a random name of this very attempt to change. The
// commit puts an empty value at RequestPrefix+ID, guarded absent, so that an
// outcome that was unknown can be settled (see RequestKey) and a Tx committed
// twice is ErrConflict naming that key, before any other guard is looked at. An
// engine forgets a request id by itself, not before the commit that brought it
// has left the change log; forgetting is not a commit, and Watch does not see
// it. A Tx without ID cannot be settled: leave it out only where losing or
// repeating the change is harmless.
type Tx struct {
	ID     string
	Guards []Guard
	Writes []Write
}

// RequestPrefix is where a commit keeps its Tx.ID. Engines write there, callers
// only read.
const RequestPrefix = "t/"

// RequestKey names the entry that proves that the Tx with this id was
// committed: a Rev above 0 is the Rev of that commit. Its absence proves
// nothing for good, for a commit whose outcome was unknown may still be under
// way.
//
// To settle an ErrUnknown, commit the very same Tx again: success means that it
// is committed now, and once; a conflict at RequestKey(id) means that it had
// been. To give it up for good, commit a Tx with that ID and nothing else:
// success means that the first one can no longer happen.
func RequestKey(id string) string { return RequestPrefix + id }

// Batch is what one commit did below the prefixes of a Watch: what it put, each
// with Rev of this commit, and which keys it removed. A key is in a Batch once.
// The order within a Batch means nothing: it all happened at once.
type Batch struct {
	Rev     Rev
	Entries []Entry
	Deletes []string
}

// Limits are the sizes that an engine accepts. They do not change while a KV is
// open. Whatever exceeds one is ErrTooLarge before anything is written. Bulk
// work goes in batches that stay below them and so is not atomic.
type Limits struct {
	KeyBytes   int // longest key, RequestPrefix+ID among them
	ValueBytes int // longest value
	Keys       int // most keys in a Get, and most guards in a Tx
	Writes     int // most writes in a Tx
	Bytes      int // greatest Tx.Size
}

// KV is what an engine must do. All methods may be called from any number of
// goroutines at once.
//
// # Order
//
// Commits have one total order, in which Rev grows. Every call sees the store
// at one point of it, the state after some commit and all before that and none
// later: never half a commit. Get and Commit are linearizable: a Get that
// starts after a Commit has returned (in any process) sees it. A Snapshot is at
// or after the point at which it was called.
//
// # Uniqueness
//
// No engine detects that a range stayed empty. What must be unique has a key of
// its own that the Tx guards with Rev 0; nothing is decided from a scan.
//
// # Memory
//
// An engine copies what it is given before the call returns: the caller may
// change its slices afterwards, though not while the call runs. What an engine
// hands out belongs to whoever receives it, for good; values of one call may
// share one backing array, but appending to one never reaches another.
//
// # Cancellation
//
// When ctx ends, a call returns ctx.Err() (errors.Is finds it) as soon as it
// can. From Commit that means "nothing was written, nothing will be", unless
// the error is ErrUnknown too.
//
// # Callbacks
//
// fn runs on the caller's goroutine, one call at a time. It may call any method
// but Close. An error that it returns ends the call and is returned as it is.
//
// # Errors
//
// Besides those of ctx and fn, every error is one of the Err variables of this
// package for errors.Is, and none ever holds a value or a part of one. Only
// ErrUnknown leaves open whether a Commit happened; after every other error of
// Commit it did not.
type KV interface {
	// Get reads keys at one point of the order and returns that point. There is
	// one Entry for each key, in the order asked for, and an absent key has Rev
	// 0. Without keys it returns just the newest Rev.
	//
	// Errors: ErrTooLarge, ErrInvalid, ErrUnavailable, ErrClosed.
	Get(ctx context.Context, keys ...string) ([]Entry, Rev, error)

	// Commit applies tx whole or not at all, and returns the Rev of the commit
	// once it is durable. A Tx that has no ID and does nothing but delete
	// absent keys is no commit: its guards are checked and the newest Rev is
	// returned.
	//
	// A guard that does not hold gives a *ConflictError, which names the first
	// such key and is ErrConflict: read again, decide again, and commit with a
	// new ID. ErrUnknown: the outcome is not known, see RequestKey. ErrNoSpace:
	// there is no room to write. Further: ErrTooLarge, ErrInvalid,
	// ErrUnavailable, ErrClosed.
	Commit(ctx context.Context, tx Tx) (Rev, error)

	// Snapshot calls fn with every entry whose key starts with one of prefixes,
	// at one point of the order, and returns that point. No prefixes, or an
	// empty one, means every key. Entries come in pieces of the engine's
	// choosing, never empty, in the byte order of their keys, each once even
	// when prefixes overlap. Writers carry on meanwhile. What fn saw counts
	// only when Snapshot returned no error.
	//
	// A Watch after the returned Rev continues without gap or repetition.
	//
	// Errors: ErrCompacted when the snapshot took so long that the engine
	// dropped its point (start again), ErrUnavailable, ErrClosed.
	Snapshot(ctx context.Context, prefixes []string, fn func([]Entry) error) (Rev, error)

	// Watch calls fn with each commit after Rev after that changed a key below
	// one of prefixes (as in Snapshot), whole and in order, none twice and none
	// left out, first those that exist, then each as it comes. Commits that
	// changed nothing there are not delivered. It returns only with an error.
	//
	// An engine keeps the latest commits for this, across restarts too when it
	// is durable. ErrCompacted: commits after after are no longer kept, or fn
	// was so slow that they went while watching, or after is newer than the
	// newest commit (the store was put back from a backup): take a Snapshot and
	// watch after that. ErrUnavailable: the stream broke; what was delivered
	// stands, and a new Watch may resume after the last Rev delivered.
	// ErrClosed: the KV was closed.
	Watch(ctx context.Context, prefixes []string, after Rev, fn func(Batch) error) error

	// Limits returns the sizes that this engine accepts.
	Limits() Limits

	// Close ends every call in progress and every later one with ErrClosed,
	// waits for those that touch the store (fn of a Snapshot among them), and
	// lets go of the store. A commit under way is finished first. Closing again
	// does nothing and returns nil.
	Close() error
}
