package storage

import (
	"encoding/binary"
	"errors"

	"github.com/dgraph-io/badger/v4"
)

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
