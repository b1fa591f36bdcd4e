package storage

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"
)

// step is a moment at which tests look at what a crash would leave.
type step string

const (
	stepStored    step = "stored in Badger, not in the journal"
	stepJournaled step = "durable in both, not confirmed"
	stepBegun     step = "new journal begun"
	stepSettled   step = "new journal durable, not renamed"
	stepRenamed   step = "new journal renamed"
)

// advance computes the state after the commit, for the journal and for the
// store itself, when the commit changes what the journal is about.
func (c *commit) advance(changes []change) error {
	c.state = c.journal.state
	for _, ch := range changes {
		if ch.key == headRecordKey {
			c.journaled = true
			c.readHead(ch)
		}
		if !isEnforcement(ch.key) {
			continue
		}
		c.journaled = true
		if err := c.replaceRecord(ch); err != nil {
			return err
		}
	}
	if !c.journaled {
		return nil
	}
	c.state.Rev = c.rev
	return c.txn.Set([]byte(stateKey), c.codec.encode(c.state))
}

// readHead takes the end of the audit trail from the head. What is none was not
// written by a Store, and leaves the state as it is.
func (c *commit) readHead(ch change) {
	var head headRecord
	if ch.stored != nil && c.codec.dec.Unmarshal(ch.stored[revBytes:], &head) == nil {
		c.state.Seq, c.state.Hash = head.Seq, head.Hash
	}
}

// replaceRecord takes the old record out of the state and puts the new one in.
func (c *commit) replaceRecord(ch change) error {
	err := readStored(c.txn, ch.key, func(_ Rev, value []byte) {
		c.state.Digest.remove(ch.key, value)
		c.state.Count--
	})
	if err != nil {
		return err
	}
	record := journalRecord{Key: ch.key}
	if ch.stored != nil {
		record.Value = ch.stored[revBytes:]
		c.state.Digest.add(ch.key, record.Value)
		c.state.Count++
	}
	c.decisive = append(c.decisive, record)
	return nil
}

// openJournal opens the journal for adding to it, once Badger is open, and
// brings it up to the store where the last process was cut off between the two.
func (b *Badger) openJournal(v verdict) error {
	b.journal = newJournal(b.dir, b.codec)
	b.rewriteAt = smallJournal
	if v.facts.base != 0 {
		if err := b.journal.open(v.facts); err != nil {
			return pathError(b.dir, err)
		}
		b.rewriteAt = max(smallJournal, 2*v.facts.base)
	}
	if !v.stale {
		return nil
	}
	err := b.catchUp(v)
	if errors.Is(err, errNoCatchUp) {
		err = b.rewriteNow(v.state)
	}
	if err != nil {
		return errors.Join(err, b.journal.close())
	}
	return nil
}

// errNoCatchUp: the journal cannot be brought up to the store by adding to it.
var errNoCatchUp = errors.New("the commits are not kept")

// catchUp adds to the journal, as one commit, what it lacks, from the change
// log.
func (b *Badger) catchUp(v verdict) error {
	if b.journal.file == nil {
		return errNoCatchUp
	}
	if v.state == v.facts.state {
		return nil
	}
	changed := map[string]journalRecord{}
	bytes := 0
	err := protect(func() error {
		txn := b.db.NewTransaction(false)
		defer txn.Discard()
		for rev := v.facts.state.Rev + 1; rev <= v.state.Rev; rev++ {
			n, err := gather(txn, rev, changed)
			if bytes += n; err != nil || bytes > pieceBytes {
				return errors.Join(err, errNoCatchUp)
			}
		}
		return nil
	})
	if err != nil {
		return errNoCatchUp
	}
	commit := journalCommit{State: v.state}
	for _, key := range slices.Sorted(maps.Keys(changed)) {
		commit.Changes = append(commit.Changes, changed[key])
	}
	if err := b.journal.append(commit); err != nil {
		return unavailable(err)
	}
	return nil
}

// gather puts what the commit rev did to enforcement records in changed.
func gather(txn *badger.Txn, rev Rev, changed map[string]journalRecord) (bytes int, err error) {
	item, err := txn.Get(logKey(rev))
	if err != nil {
		return 0, err
	}
	err = item.Value(func(logged []byte) error {
		bytes = len(logged)
		batch, err := decodeLog(logged, rev, enforcementPrefixes)
		for _, e := range batch.Entries {
			changed[e.Key] = journalRecord{Key: e.Key, Value: present(e.Value)}
		}
		for _, key := range batch.Deletes {
			changed[key] = journalRecord{Key: key}
		}
		return err
	})
	return bytes, err
}

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
func (r *journalRewrite) run(b *Badger, journal frameSource) error {
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

// frameSource is a journal that is being added to.
type frameSource interface {
	ReadAt(p []byte, off int64) (int, error)
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
func (r *journalRewrite) copyUntil(journal frameSource, to int64) error {
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
	b.rewriteAt = max(smallJournal, 2*b.journal.base)
	return nil
}

// rewriteFailed says why the journal stays long, and when that is tried again.
func (b *Badger) rewriteFailed(err error) {
	b.rewriteAt = b.journal.size.Load() + smallJournal
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
