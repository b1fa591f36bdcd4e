package storage

import (
	"encoding/binary"

	"github.com/dgraph-io/badger/v4"
)

// A commit in the change log is the Tx.ID, then each change: a byte that tells
// a put from a delete, the key, and for a put the value. Strings have their
// length before them, as a varint.
const (
	loggedPut    = 0
	loggedDelete = 1
)

// logKey orders the change log by Rev.
func logKey(rev Rev) []byte {
	return binary.BigEndian.AppendUint64([]byte(logPrefix), uint64(rev))
}

func encodeLog(id string, changes []change) []byte {
	n := binary.MaxVarintLen16 + len(id)
	for _, c := range changes {
		n += 1 + 2*binary.MaxVarintLen32 + len(c.key) + len(c.stored)
	}
	buf := make([]byte, 0, n)
	buf = appendString(buf, id)
	for _, c := range changes {
		if c.stored == nil {
			buf = appendString(append(buf, loggedDelete), c.key)
			continue
		}
		buf = appendString(append(buf, loggedPut), c.key)
		buf = appendString(buf, c.stored[revBytes:])
	}
	return buf
}

func appendString[T string | []byte](buf []byte, s T) []byte {
	return append(binary.AppendUvarint(buf, uint64(len(s))), s...)
}

// decodeLog returns what the commit rev did below prefixes; it keeps nothing of
// logged.
func decodeLog(logged []byte, rev Rev, prefixes []string) (Batch, error) {
	batch := Batch{Rev: rev}
	_, rest, ok := cutString(logged)
	for ok && len(rest) > 0 {
		var key, value []byte
		kind := rest[0]
		if key, rest, ok = cutString(rest[1:]); !ok {
			break
		}
		if kind == loggedPut {
			if value, rest, ok = cutString(rest); !ok {
				break
			}
		}
		if k := string(key); !covers(prefixes, k) {
			continue
		} else if kind == loggedPut {
			batch.Entries = append(batch.Entries, Entry{Key: k, Value: append([]byte(nil), value...), Rev: rev})
		} else {
			batch.Deletes = append(batch.Deletes, k)
		}
	}
	if !ok {
		return Batch{}, damaged(string(logKey(rev)))
	}
	return batch, nil
}

// decodeLogID returns the Tx.ID of a commit in the log.
func decodeLogID(logged []byte) (string, error) {
	id, _, ok := cutString(logged)
	if !ok {
		return "", damaged(logPrefix)
	}
	return string(id), nil
}

// cutString cuts a string with its length off the front of buf.
func cutString(buf []byte) (s, rest []byte, ok bool) {
	n, used := binary.Uvarint(buf)
	if used <= 0 || n > uint64(len(buf)-used) {
		return nil, nil, false
	}
	end := used + int(n)
	return buf[used:end], buf[end:], true
}

// logExtent finds the oldest commit from which the log goes on without a gap up
// to newest, and the size of that stretch. When the newest commit itself is not
// there, nothing is kept, and the next commit begins the log.
//
// It goes backwards and stops at the first commit that was dropped: before that
// lies what Badger has not cleared away yet, which may be many times the log.
func logExtent(txn *badger.Txn, newest Rev) (oldest Rev, bytes int) {
	opts := badger.DefaultIteratorOptions
	opts.PrefetchValues = false
	opts.Prefix = []byte(logPrefix)
	opts.Reverse = true
	opts.AllVersions = true // else it would look for the next one behind all that were dropped
	it := txn.NewIterator(opts)
	defer it.Close()
	oldest = newest + 1
	size, there := 0, false // of the commit before oldest, which may be removed again in a newer version
	for it.Seek(logKey(newest)); it.Valid(); it.Next() {
		key := it.Item().Key()[len(logPrefix):]
		if len(key) != revBytes {
			continue
		}
		rev := Rev(binary.BigEndian.Uint64(key))
		if there && rev != oldest-1 {
			oldest, bytes, there = oldest-1, bytes+size, false
		}
		if rev != oldest-1 || it.Item().IsDeletedOrExpired() {
			return oldest, bytes
		}
		size, there = int(it.Item().ValueSize()), true
	}
	if there {
		oldest, bytes = oldest-1, bytes+size
	}
	return oldest, bytes
}
