package storage

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// outcomePatience is how long Commit waits for its outcome after ctx has ended,
// before it calls it unknown. A commit takes well under a millisecond unless
// the disk hangs.
const outcomePatience = 2 * time.Second

// commitRequest is a Tx on its way to the committing goroutine. Nothing in it
// is shared with the caller.
type commitRequest struct {
	id      string
	guards  []Guard // the one that id implies first
	changes []change
	outcome chan commitOutcome // buffered
	claimed atomic.Bool
}

// claim decides a race once: either the committing goroutine claims the request
// and writes it, or its caller gives up first and nothing is written.
func (r *commitRequest) claim() bool { return r.claimed.CompareAndSwap(false, true) }

type commitOutcome struct {
	rev Rev
	err error
}

// change is one write, ready for Badger.
type change struct {
	key    string
	stored []byte // room for a Rev, and the value; nil for a delete
}

// Commit implements KV.
func (b *Badger) Commit(ctx context.Context, tx Tx) (Rev, error) {
	if err := b.enter(ctx); err != nil {
		return 0, err
	}
	defer b.calls.leave()
	if err := b.limits.Check(tx); err != nil {
		return 0, err
	}
	r := newCommitRequest(tx)
	select {
	case b.requests <- r:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	select {
	case o := <-r.outcome:
		return o.rev, o.err
	case <-ctx.Done():
		if r.claim() {
			return 0, ctx.Err()
		}
	}
	select {
	case o := <-r.outcome:
		return o.rev, o.err
	case <-time.After(outcomePatience):
		return 0, fmt.Errorf("%w: %w", ErrUnknown, ctx.Err())
	}
}

func newCommitRequest(tx Tx) *commitRequest {
	r := &commitRequest{
		id:      tx.ID,
		guards:  make([]Guard, 0, len(tx.Guards)+1),
		changes: make([]change, 0, len(tx.Writes)+1),
		outcome: make(chan commitOutcome, 1),
	}
	if tx.ID != "" {
		key := RequestKey(tx.ID)
		r.guards = append(r.guards, Guard{Key: key})
		r.changes = append(r.changes, change{key: key, stored: make([]byte, revBytes)})
	}
	r.guards = append(r.guards, tx.Guards...)
	for _, w := range tx.Writes {
		c := change{key: w.Key}
		if !w.Delete {
			c.stored = make([]byte, revBytes, revBytes+len(w.Value))
			c.stored = append(c.stored, w.Value...)
		}
		r.changes = append(r.changes, c)
	}
	return r
}

// commitAll is the committing goroutine. It ends when requests is closed.
func (b *Badger) commitAll() {
	defer close(b.committed)
	defer b.dropRewrite()
	var broken error
	stopFor := func(err error) {
		if err != nil && mustStop(err) {
			broken = fmt.Errorf("%w: it stopped after an error: %v", ErrUnavailable, err)
			b.feed.stop(broken)
		}
	}
	for {
		select {
		case r, open := <-b.requests:
			if !open {
				return
			}
			o := commitOutcome{err: broken}
			if broken == nil {
				o.rev, o.err = b.commitGuarded(r)
				stopFor(o.err)
			}
			r.outcome <- o
		case <-b.rewriting.done():
			stopFor(b.endRewrite(broken == nil))
		}
		if broken == nil {
			b.beginRewrite()
		}
	}
}

// commitGuarded commits one request when there is room for it.
func (b *Badger) commitGuarded(r *commitRequest) (Rev, error) {
	if err := b.lock.Check(); err != nil {
		return 0, err
	}
	if err := checkSpace(b.dir, b.minFree.Load()); err != nil {
		return 0, err
	}
	return b.commitOne(r)
}

// commitOne commits one request, unless its caller gave up.
func (b *Badger) commitOne(r *commitRequest) (Rev, error) {
	newest, _, _ := b.feed.state()
	c := &commit{Badger: b, request: r, rev: newest + 1, oldest: b.oldest, logBytes: b.logBytes}
	if err := protect(c.prepare); err != nil {
		if c.txn != nil {
			c.txn.Discard()
		}
		if errors.Is(err, ErrConflict) {
			return 0, err
		}
		return 0, unavailable(err)
	}
	defer c.txn.Discard()
	if c.empty || !r.claim() {
		return newest, nil
	}
	if err := protect(func() error { return b.commitTxn(c.txn) }); err != nil {
		return 0, unknown(err)
	}
	b.oldest, b.logBytes = c.oldest, c.logBytes
	if c.journaled {
		b.step(stepStored)
		if err := b.journal.append(journalCommit{State: c.state, Changes: c.decisive}); err != nil {
			return 0, unknown(err)
		}
		if err := b.restoreJournal(c.state); err != nil {
			return 0, unknown(err)
		}
		b.step(stepJournaled)
	}
	b.feed.publish(c.rev)
	return c.rev, nil
}
