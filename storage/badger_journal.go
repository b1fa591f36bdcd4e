package storage

import (
	"errors"
	"maps"
	"slices"

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
	b.rewriteAt = b.rewriteBy
	if v.facts.base != 0 {
		if err := b.journal.open(v.facts); err != nil {
			return pathError(b.dir, err)
		}
		b.rewriteAt = max(b.rewriteBy, 2*v.facts.base)
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

// restoreJournal writes the journal anew where its file was removed under this
// process, or replaced: nobody would find what was added to it. A rewrite that
// is under way does that by itself.
func (b *Badger) restoreJournal(state storeState) error {
	if b.rewriting != nil || stillThere(b.journal.file) {
		return nil
	}
	b.log.Warn("the journal was removed while the store is open: it is written anew", "dir", b.dir)
	return b.rewriteNow(state)
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
