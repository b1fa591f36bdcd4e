package storage

import (
	"context"
	"encoding/binary"
	"errors"

	"github.com/dgraph-io/badger/v4"
)

// Get implements KV.
func (b *Badger) Get(ctx context.Context, keys ...string) ([]Entry, Rev, error) {
	if err := b.enter(ctx); err != nil {
		return nil, 0, err
	}
	defer b.calls.leave()
	if err := b.limits.checkKeys(keys); err != nil {
		return nil, 0, err
	}
	var head uint64
	found := make([]Entry, len(keys))
	err := b.read(func() (err error) {
		txn := b.db.NewTransaction(false)
		defer txn.Discard()
		if head, err = readUint(txn, headKey); err != nil {
			return err
		}
		for i, key := range keys {
			if found[i], err = readEntry(txn, key); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = b.durable(ctx, Rev(head))
	}
	if err != nil {
		return nil, 0, err
	}
	return found, Rev(head), nil
}

// durable waits until the commit rev, which Badger has, is in the journal too:
// before that nobody may act on it.
func (b *Badger) durable(ctx context.Context, rev Rev) error {
	if rev == 0 {
		return nil
	}
	_, err := b.feed.await(ctx, rev-1)
	return err
}

// read runs fn, which reads from Badger. A panic in it stops the engine, since
// Badger may hold its locks then.
func (b *Badger) read(fn func() error) error {
	err := protect(fn)
	if err == nil || errors.Is(err, ErrCompacted) {
		return err
	}
	err = unavailable(err)
	if mustStop(err) {
		b.feed.stop(err)
	}
	return err
}

// Snapshot implements KV. Badger keeps its point as long as it takes, so it is
// never ErrCompacted.
func (b *Badger) Snapshot(ctx context.Context, prefixes []string, fn func([]Entry) error) (Rev, error) {
	if err := b.enter(ctx); err != nil {
		return 0, err
	}
	defer b.calls.leave()
	s := &scan{db: b.db, prefixes: normalPrefixes(prefixes)}
	defer func() { _ = b.read(s.close) }()
	if err := b.read(s.open); err != nil {
		return 0, err
	}
	if err := b.durable(ctx, s.rev); err != nil {
		return 0, err
	}
	for {
		if err := b.mayGoOn(ctx); err != nil {
			return 0, err
		}
		if err := b.read(s.next); err != nil {
			return 0, err
		}
		entries := s.entries()
		if len(entries) == 0 {
			return s.rev, nil
		}
		if err := fn(entries); err != nil {
			return 0, err
		}
	}
}

func (b *Badger) mayGoOn(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return b.feed.failure()
}

// scan walks the entries below prefixes in one read transaction, a piece at a
// time.
type scan struct {
	db       *badger.DB
	prefixes []string // those that are still to be walked, the current one first
	rev      Rev
	txn      *badger.Txn
	it       *badger.Iterator // over prefixes[0]; nil before it is begun

	// The piece that next read: all its keys and values in a row.
	keys, values []byte
	ends         []pieceEnd
}

// pieceEnd is where an entry of a piece ends in keys and values.
type pieceEnd struct {
	key, value int
	rev        Rev
}

func (s *scan) open() error {
	s.txn = s.db.NewTransaction(false)
	head, err := readUint(s.txn, headKey)
	s.rev = Rev(head)
	return err
}

func (s *scan) close() error {
	if s.it != nil {
		s.it.Close()
		s.it = nil
	}
	if s.txn != nil {
		s.txn.Discard()
	}
	return nil
}

// next reads the next piece; an empty one is the end.
func (s *scan) next() error {
	const mostBytes = 1 << 20
	s.values = make([]byte, 0, len(s.values)) // the last ones were handed out
	s.keys, s.ends = s.keys[:0], s.ends[:0]
	for len(s.prefixes) > 0 {
		if s.it == nil {
			s.begin()
		}
		for ; s.it.Valid(); s.it.Next() {
			if len(s.ends) == snapshotPiece || len(s.values) >= mostBytes {
				return nil
			}
			if err := s.add(s.it.Item()); err != nil {
				return err
			}
		}
		s.it.Close()
		s.it = nil
		s.prefixes = s.prefixes[1:]
	}
	return nil
}

// begin starts to walk the first of prefixes. Values are not prefetched: Badger
// would start a goroutine for each, and none of them lies in its value log.
func (s *scan) begin() {
	opts := badger.DefaultIteratorOptions
	opts.PrefetchValues = false
	opts.Prefix = []byte(dataPrefix + s.prefixes[0])
	s.it = s.txn.NewIterator(opts)
	s.it.Rewind()
}

func (s *scan) add(item *badger.Item) error {
	key := item.Key()[len(dataPrefix):]
	return item.Value(func(stored []byte) error {
		if len(stored) < revBytes {
			return damaged(string(key))
		}
		s.keys = append(s.keys, key...)
		s.values = append(s.values, stored[revBytes:]...)
		s.ends = append(s.ends, pieceEnd{
			key:   len(s.keys),
			value: len(s.values),
			rev:   Rev(binary.BigEndian.Uint64(stored)),
		})
		return nil
	})
}

// entries returns the piece that next read, for the receiver to keep.
func (s *scan) entries() []Entry {
	keys := string(s.keys)
	entries := make([]Entry, len(s.ends))
	var from pieceEnd
	for i, end := range s.ends {
		entries[i] = Entry{
			Key:   keys[from.key:end.key],
			Value: s.values[from.value:end.value:end.value],
			Rev:   end.rev,
		}
		from = end
	}
	return entries
}

// Watch implements KV.
func (b *Badger) Watch(ctx context.Context, prefixes []string, after Rev, fn func(Batch) error) error {
	prefixes = normalPrefixes(prefixes)
	read := func(rev Rev) (Batch, error) { return b.readLog(ctx, rev, prefixes) }
	return b.feed.follow(ctx, after, read, fn)
}

// readLog returns what the commit rev did below prefixes. It is not called for
// a commit yet to come, so one that is not there was dropped.
func (b *Badger) readLog(ctx context.Context, rev Rev, prefixes []string) (batch Batch, err error) {
	if err := b.enter(ctx); err != nil {
		return Batch{}, err
	}
	defer b.calls.leave()
	err = b.read(func() error {
		txn := b.db.NewTransaction(false)
		defer txn.Discard()
		item, err := txn.Get(logKey(rev))
		if errors.Is(err, badger.ErrKeyNotFound) {
			return ErrCompacted
		}
		if err != nil {
			return err
		}
		return item.Value(func(logged []byte) error {
			batch, err = decodeLog(logged, rev, prefixes)
			return err
		})
	})
	return batch, err
}

// readEntry reads key with its value, or Rev 0.
func readEntry(txn *badger.Txn, key string) (Entry, error) {
	e := Entry{Key: key}
	err := readStored(txn, key, func(rev Rev, value []byte) {
		e.Rev = rev
		e.Value = append([]byte{}, value...)
	})
	return e, err
}

// readRev reads the commit that last wrote key, or 0.
func readRev(txn *badger.Txn, key string) (Rev, error) {
	var found Rev
	err := readStored(txn, key, func(rev Rev, _ []byte) { found = rev })
	return found, err
}

// readStored calls fn with what is kept for key, and not at all when key is
// absent.
func readStored(txn *badger.Txn, key string, fn func(Rev, []byte)) error {
	item, err := txn.Get([]byte(dataPrefix + key))
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return item.Value(func(stored []byte) error {
		if len(stored) < revBytes {
			return damaged(key)
		}
		fn(Rev(binary.BigEndian.Uint64(stored)), stored[revBytes:])
		return nil
	})
}

// readUint reads a number of the engine's own, or 0.
func readUint(txn *badger.Txn, key string) (uint64, error) {
	item, err := txn.Get([]byte(key))
	if errors.Is(err, badger.ErrKeyNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	var n uint64
	err = item.Value(func(stored []byte) error {
		if len(stored) != 8 {
			return damaged(key)
		}
		n = binary.BigEndian.Uint64(stored)
		return nil
	})
	return n, err
}
