package storage

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"
)

// How a store lies in Badger. Each key of the KV is kept below dataPrefix, with
// the Rev of its last write before its value; each commit of the change log at
// logPrefix and its Rev; the newest Rev and the version of this layout at the
// meta keys.
const (
	dataPrefix = "d"
	logPrefix  = "l"
	headKey    = "mhead"
	formatKey  = "mformat"
	stateKey   = "mstate" // storeState, as of the newest commit that the journal was told of

	format   = 1
	revBytes = 8
)

// mostTables is how many tables of level 0 Open finds before Close merges them.
// Each process that changes something leaves one, and Badger's own compaction
// begins later than a command ends. It is below the number at which Badger
// would stall (see badgerOptions).
const mostTables = 7

// Options are what Open leaves to its caller. The zero value is fit for use.
type Options struct {
	// Log bounds the change log.
	Log LogSize
	// Logger gets what Badger says: its errors and warnings as they are, the
	// rest at debug level. Nil drops it all.
	Logger *slog.Logger
	// MinFree is the free space, in bytes, below which nothing is opened and
	// nothing changed; 0: DefaultMinFree.
	MinFree int64
	// Loaded takes the records while they are checked; nil: nobody does.
	Loaded *Loaded
	// Checking is told how far checking the store is, which takes seconds where it
	// is large. Its error ends that, and is that of Open; nil: nobody is told.
	Checking func(Checked) error

	// For tests.
	step         func(step) // see step
	smallJournal int64      // in the place of the constant, when it is not 0
}

// Badger is the engine for a data directory that one process owns. Commits are
// synced to disk before they are confirmed. Use Open.
//
// Beside Badger's store lies a journal of what decides (see OpenJournal). A
// commit that changes an enforcement record or the head of the audit trail is
// confirmed when it is durable in both. The store is opened only when it is
// what the journal says that it must be.
//
// One goroutine commits, so that commits have numbers without gaps. When Badger
// or the journal cannot be written, or Badger panics, the engine stops: whether
// that write is on disk shows only when the directory is opened again, so every
// later call is ErrUnavailable until then.
type Badger struct {
	dir    string
	db     *badger.DB
	lock   *Lock
	codec  codec
	log    *slog.Logger
	size   LogSize
	limits Limits
	loaded *Loaded // until the store is open
	check  checking

	feed      *feed
	calls     calls
	requests  chan *commitRequest
	committed chan struct{} // closed when the committing goroutine has ended
	closing   sync.Once
	minFree   atomic.Int64 // bytes

	// The committing goroutine owns these.
	oldest    Rev // of the commits in the change log
	logBytes  int
	commitTxn func(*badger.Txn) error // replaced in tests
	journal   *journal
	rewriting *journalRewrite // nil when the journal is not being rewritten
	rewriteAt int64           // size of the journal at which that begins
	rewriteBy int64           // least growth, in bytes, for which that is done
	step      func(step)
}

var _ KV = (*Badger)(nil)

// Open opens the store in the directory dir, which it makes when it is not
// there (see Prepare), and takes the directory for this process until Close or
// the death of the process. It is TakeDir and OpenLocked.
//
// Errors: those of TakeDir and OpenLocked.
func Open(dir string, opts Options) (*Badger, error) {
	lock, err := TakeDir(dir)
	if err != nil {
		return nil, err
	}
	b, err := OpenLocked(lock, opts)
	if err != nil {
		return nil, errors.Join(err, lock.Release())
	}
	return b, nil
}

// OpenLocked opens the store in a directory that the caller has taken. Close
// releases the lock; on an error it stays with the caller.
//
// Errors: *DamageError when the store or its journal is not what keyward left
// (nothing is changed then), *LockedError when another program has Badger's own
// lock, ErrNoSpace, ErrUnavailable when Badger cannot open what is there, the one
// of Options.Checking as it is.
func OpenLocked(lock *Lock, opts Options) (*Badger, error) {
	if opts.MinFree == 0 {
		opts.MinFree = DefaultMinFree
	}
	if err := checkSpace(lock.dir, opts.MinFree); err != nil {
		return nil, err
	}
	codec, err := newCodec()
	if err != nil {
		return nil, fmt.Errorf("preparing the form of the journal: %w", err)
	}
	b := &Badger{
		dir:       lock.dir,
		lock:      lock,
		codec:     codec,
		log:       opts.Logger,
		size:      opts.Log.orDefault(),
		limits:    defaultLimits(),
		requests:  make(chan *commitRequest),
		committed: make(chan struct{}),
		commitTxn: (*badger.Txn).Commit,
		rewriteBy: cmp.Or(opts.smallJournal, smallJournal),
		step:      opts.step,
		loaded:    opts.Loaded,
		check:     opts.Checking,
	}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	if b.step == nil {
		b.step = func(step) {}
	}
	b.minFree.Store(opts.MinFree)
	if err := b.start(opts); err != nil {
		return nil, err
	}
	b.loaded = nil
	go b.commitAll()
	return b, nil
}

// start finds out whether the store may be used, opens Badger and finds where
// the last process stopped.
func (b *Badger) start(opts Options) error {
	store := filepath.Join(b.dir, storeName)
	o := badgerOptions(store, opts.Logger)
	v, err := b.judge()
	if err == nil && !v.facts.whole {
		b.log.Warn("the journal is damaged, or was cut off by a crash: it is mended from the store, which is whole", "dir", b.dir)
	}
	if err == nil {
		err = removeLeftover(b.dir)
	}
	if err == nil {
		err = removeEmptyLogs(store)
	}
	if err == nil {
		err = b.openBadger(o.WithCompactL0OnClose(v.level0 >= mostTables))
	}
	if err != nil {
		return b.cannotOpen(store, err)
	}
	err = b.resume()
	if err == nil {
		err = tightenFiles(store)
	}
	if err == nil {
		err = b.openJournal(v)
	}
	if err != nil {
		return errors.Join(b.cannotOpen(store, err), b.closeBadger())
	}
	return nil
}

// resume reads the layout's version, the newest Rev and the extent of the
// change log; a new store gets its version.
func (b *Badger) resume() error {
	return protect(func() error {
		txn := b.db.NewTransaction(true)
		defer txn.Discard()
		head, err := readUint(txn, headKey)
		if err != nil {
			return err
		}
		version, err := readUint(txn, formatKey)
		switch {
		case err != nil:
			return err
		case version > format:
			return fmt.Errorf("%w: it was written by a newer keyward (layout %d, this one knows %d)",
				ErrUnavailable, version, format)
		case version == 0 && head != 0:
			return damaged(formatKey)
		}
		b.feed = newFeed(Rev(head))
		b.oldest, b.logBytes = logExtent(txn, Rev(head))
		if version == format {
			return nil
		}
		if err := txn.Set([]byte(formatKey), binary.BigEndian.AppendUint64(nil, format)); err != nil {
			return err
		}
		return txn.Commit()
	})
}

// Dir returns the data directory, absolute and without symbolic links. Other
// files of keyward may lie in it beside the store.
func (b *Badger) Dir() string { return b.dir }

// Stopped returns a channel that is closed when the engine has stopped after an
// error: every call is ErrUnavailable from then on, and the directory is to be
// closed and opened again.
func (b *Badger) Stopped() <-chan struct{} { return b.feed.stopped }

// Limits implements KV.
func (b *Badger) Limits() Limits { return b.limits }

// enter begins a call that touches Badger; when it returns no error, the caller
// must call b.calls.leave in the end.
func (b *Badger) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !b.calls.enter() {
		return ErrClosed
	}
	if err := b.feed.failure(); err != nil {
		b.calls.leave()
		return err
	}
	return nil
}
