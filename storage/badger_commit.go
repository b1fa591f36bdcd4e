package storage

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/badger/v4"
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

// commit is one commit while it is put together.
type commit struct {
	*Badger
	request  *commitRequest
	rev      Rev
	txn      *badger.Txn
	empty    bool // there is nothing to do
	oldest   Rev  // of the change log, after this commit
	logBytes int

	// What the journal is told, if it is.
	journaled bool
	state     storeState // after this commit
	decisive  []journalRecord
}

// prepare checks the guards and puts all that the commit writes in c.txn.
func (c *commit) prepare() error {
	c.txn = c.db.NewTransaction(true)
	for _, g := range c.request.guards {
		rev, err := readRev(c.txn, g.Key)
		if err != nil {
			return err
		}
		if rev != g.Rev {
			return &ConflictError{Key: g.Key}
		}
	}
	changes, err := c.effective()
	if err != nil {
		return err
	}
	if len(changes) == 0 {
		c.empty = true
		return nil
	}
	if err := c.advance(changes); err != nil {
		return err
	}
	if err := c.write(changes); err != nil {
		return err
	}
	if err := c.appendLog(changes); err != nil {
		return err
	}
	return c.txn.Set([]byte(headKey), binary.BigEndian.AppendUint64(nil, uint64(c.rev)))
}

// effective leaves out the deletes of absent keys.
func (c *commit) effective() ([]change, error) {
	kept := c.request.changes[:0]
	for _, ch := range c.request.changes {
		if ch.stored == nil {
			rev, err := readRev(c.txn, ch.key)
			if err != nil {
				return nil, err
			}
			if rev == 0 {
				continue
			}
		}
		kept = append(kept, ch)
	}
	return kept, nil
}

func (c *commit) write(changes []change) error {
	for _, ch := range changes {
		var err error
		if ch.stored == nil {
			err = c.txn.Delete([]byte(dataPrefix + ch.key))
		} else {
			binary.BigEndian.PutUint64(ch.stored, uint64(c.rev))
			err = c.txn.Set([]byte(dataPrefix+ch.key), ch.stored)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// appendLog adds the commit to the change log and drops what no longer fits,
// with the request ids of the commits dropped.
func (c *commit) appendLog(changes []change) error {
	const mostAtOnce = 64 // keeps the transaction bounded; the next ones go on
	logged := encodeLog(c.request.id, changes)
	c.logBytes += len(logged)
	for n := 0; n < mostAtOnce && c.oldest < c.rev && c.logTooLong(); n++ {
		if err := c.dropOldest(); err != nil {
			return err
		}
	}
	return c.txn.Set(logKey(c.rev), logged)
}

func (c *commit) logTooLong() bool {
	return c.rev-c.oldest+1 > Rev(c.size.Commits) || c.logBytes > c.size.Bytes
}

func (c *commit) dropOldest() error {
	key := logKey(c.oldest)
	c.oldest++
	item, err := c.txn.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var id string
	err = item.Value(func(logged []byte) error {
		c.logBytes -= len(logged)
		id, err = decodeLogID(logged)
		return err
	})
	if err != nil {
		return err
	}
	if id != "" {
		if err := c.txn.Delete([]byte(dataPrefix + RequestKey(id))); err != nil {
			return err
		}
	}
	return c.txn.Delete(key)
}
