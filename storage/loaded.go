package storage

import (
	"context"
	"encoding/binary"
	"sync/atomic"

	"dev.keyward/keyward/model"
)

// Loaded takes the records of a store while Open reads them, to compare them
// with the journal, so that they are not read twice. The second time would be
// through Badger's own maps of its files, which count as this process's memory
// from then on: half a gigabyte for a million keys.
//
// The zero value is for one Open; Store.From takes it on.
type Loaded struct {
	decoder *Store
	records model.Records
	head    model.Head // zero: nothing was taken
	failed  bool       // a record cannot be read: Load says which
	last    *model.LastUses
}

// begin prepares for about so many records.
func (l *Loaded) begin(c codec, count uint64) {
	if l == nil {
		return
	}
	const most = 1 << 22 // what a store says is not believed without bounds
	*l = Loaded{decoder: &Store{codec: c}, last: &model.LastUses{}}
	l.records.Keys = make([]*model.Key, 0, min(count, most))
}

// take takes a record as the engine keeps it, with its Rev before it.
func (l *Loaded) take(key string, stored []byte) {
	if l == nil || l.failed {
		return
	}
	e := Entry{Key: key, Value: stored[revBytes:], Rev: Rev(binary.BigEndian.Uint64(stored))}
	l.failed = l.decoder.decode(e, &l.records, &l.head) != nil
}

// takeUses takes when keys were last used. It may go on beside everything else,
// and stops once ended.
func (l *Loaded) takeUses(s *survey, ended *atomic.Bool) error {
	if l == nil {
		return nil
	}
	return s.walk(dataPrefix+usagePrefix, func(key, stored []byte) error {
		if ended.Load() {
			return errFound
		}
		if len(stored) >= revBytes { // or it cannot be read, and is written anew
			l.decoder.note(l.last, string(key[len(dataPrefix):]), stored[revBytes:])
		}
		return nil
	})
}

// end takes the head, which the records are as of.
func (l *Loaded) end(s *survey) error {
	if l == nil {
		return nil
	}
	stored, err := s.get(dataPrefix + headRecordKey)
	if err == nil && len(stored) >= revBytes {
		l.take(headRecordKey, stored)
	}
	return err
}

// From has the first Load hand out what was taken while the store was opened,
// where nothing was changed since, and so LastUses, which nobody else writes.
func (s *Store) From(l *Loaded) {
	s.loaded.Store(l)
	s.last.Store(l.last)
}

// loadTaken is Load from what was taken; done is false where there is nothing,
// or where a change came in between.
func (s *Store) loadTaken(ctx context.Context, fn func(model.Records) error) (head model.Head, done bool, err error) {
	l := s.loaded.Swap(nil)
	if l == nil || l.failed || l.head == (model.Head{}) {
		return head, false, nil
	}
	if head, err = s.Head(ctx); err != nil || head != l.head {
		return model.Head{}, false, err
	}
	return head, true, fn(l.records)
}
