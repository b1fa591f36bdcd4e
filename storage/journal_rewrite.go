package storage

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
)

// journalRewrite is the making of a new journal beside the one in force. Commits go on
// meanwhile, and their frames are copied after it.
type journalRewrite struct {
	scan   *scan
	out    *baseWriter
	from   int64         // where the frames after the base begin in the journal in force
	index  uint64        // of the first of these
	ready  chan struct{} // closed when all but the last frames are in out
	cancel atomic.Bool
	err    error
}

// done is closed when the rewriting is ready to be ended; nil, which blocks, for
// none.
func (r *journalRewrite) done() <-chan struct{} {
	if r == nil {
		return nil
	}
	return r.ready
}

var errCancelled = errors.New("the store is being closed")

// beginRewrite begins to rewrite the journal when it has grown enough.
func (b *Badger) beginRewrite() {
	if b.rewriting != nil || b.journal.size.Load() <= b.rewriteAt {
		return
	}
	r, err := b.newRewrite(b.journal.state)
	if err != nil {
		b.rewriteFailed(err)
		return
	}
	b.rewriting = r
	file := b.journal.file // stays open until endRewrite
	go func() {
		defer close(r.ready)
		r.err = protect(func() error { return r.run(b, file) })
	}()
}

// newRewrite begins a new journal with the state as of now.
func (b *Badger) newRewrite(state storeState) (*journalRewrite, error) {
	if err := checkSpace(b.dir, b.minFree.Load()+b.journal.size.Load()); err != nil {
		return nil, err
	}
	r := &journalRewrite{
		scan:  &scan{db: b.db, prefixes: slices.Clone(enforcementPrefixes)},
		from:  b.journal.size.Load(),
		index: b.journal.next,
		ready: make(chan struct{}),
	}
	if err := protect(r.scan.open); err != nil {
		return nil, errors.Join(err, r.scan.close())
	}
	out, err := newBase(b.dir, b.codec, state)
	if err != nil {
		return nil, errors.Join(err, r.scan.close())
	}
	r.out = out
	return r, nil
}

// run writes the base, and what was added to the journal meanwhile.
func (r *journalRewrite) run(b *Badger, journal io.ReaderAt) error {
	b.step(stepBegun)
	err := r.base()
	if err = errors.Join(err, r.scan.close()); err != nil {
		return err
	}
	if err := r.out.settle(); err != nil {
		return err
	}
	if journal == nil {
		return nil
	}
	if err := r.copyUntil(journal, b.journal.size.Load()); err != nil {
		return err
	}
	return r.out.settle()
}

// base writes the records, a piece at a time.
func (r *journalRewrite) base() error {
	for {
		if r.cancel.Load() {
			return errCancelled
		}
		if err := r.scan.next(); err != nil {
			return err
		}
		entries := r.scan.entries()
		if len(entries) == 0 {
			return r.out.end()
		}
		if err := r.out.records(entries); err != nil {
			return err
		}
	}
}

// copyUntil copies the frames that end at most at to.
func (r *journalRewrite) copyUntil(journal io.ReaderAt, to int64) error {
	next, err := r.out.follow(journal, r.from, to, r.index)
	r.from, r.index = to, next
	return err
}

// endRewrite puts the new journal in force. Its error means that the engine
// must stop; a rewriting that failed before is tried again later.
func (b *Badger) endRewrite(sound bool) error {
	r := b.rewriting
	b.rewriting = nil
	err := r.err
	if err == nil && !sound {
		err = errCancelled
	}
	if err == nil {
		err = r.copyUntil(b.journal.file, b.journal.size.Load())
	}
	if err == nil {
		err = r.out.settle()
	}
	if err != nil {
		b.rewriteFailed(errors.Join(err, r.out.giveUp()))
		return nil
	}
	return b.putInForce(r.out)
}

func (b *Badger) putInForce(out *baseWriter) error {
	b.step(stepSettled)
	kept, err := b.journal.replace(out)
	switch {
	case err != nil && kept:
		b.rewriteFailed(err)
		return nil
	case err != nil:
		return unknown(fmt.Errorf("replacing the journal: %w", err))
	}
	b.step(stepRenamed)
	b.rewriteAt = max(b.rewriteBy, 2*b.journal.base)
	return nil
}

// rewriteFailed says why the journal stays long, and when that is tried again.
func (b *Badger) rewriteFailed(err error) {
	b.rewriteAt = b.journal.size.Load() + b.rewriteBy
	if !errors.Is(err, errCancelled) {
		b.log.Warn("the journal could not be rewritten and goes on growing", "reason", firstLine(strings.TrimSpace(err.Error())))
	}
}

// dropRewrite ends a rewriting that is under way.
func (b *Badger) dropRewrite() {
	if b.rewriting == nil {
		return
	}
	b.rewriting.cancel.Store(true)
	<-b.rewriting.ready
	_ = b.endRewrite(false)
}

// rewriteNow makes a new journal for the store as it is, where the one there is
// cannot be added to.
func (b *Badger) rewriteNow(state storeState) error {
	r, err := b.newRewrite(state)
	if err != nil {
		return unavailable(err)
	}
	if err := protect(func() error { return r.run(b, nil) }); err != nil {
		return errors.Join(unavailable(err), r.out.giveUp())
	}
	return b.putInForce(r.out)
}
