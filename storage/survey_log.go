package storage

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"sort"
	"strconv"

	"github.com/dgraph-io/badger/v4/y"
)

// How Badger writes ahead, in its .mem files (memtable.go, value.go and
// structs.go of v4.9.6): 20 bytes of the number of a key and of a random
// start, both for encryption, then entries: a byte of what kind it is, a byte
// for users, the lengths of key and value and the time of expiry as varints,
// key and value, and the CRC-32C of all that. Entries of a transaction end
// with one that holds its version. Zeros follow the last.
const (
	logHeadBytes  = 20
	logKeyIDBytes = 8
	logInTxn      = 1 << 6
	logEndOfTxn   = 1 << 7
	mostLogKey    = 1 << 16
)

// logEntry is one entry that Badger would take from a log.
type logEntry struct {
	key   []byte // with the version at its end
	value y.ValueStruct
}

// memLog is what Badger would take from a .mem file.
type memLog struct {
	entries     []logEntry // in the order of keys, once sorted
	first, last uint64     // versions; 0 when there are no entries
}

// readMemLog reads a log as Badger does: up to the first thing that is not
// whole, which is what a cut-off process leaves. Its entries point into data.
func readMemLog(data []byte) (log memLog, err error) {
	if err := checkLogHead(data); err != nil {
		return log, err
	}
	var pending []logEntry
	var version uint64 // of the transaction that pending belongs to
	for rest := data[logHeadBytes:]; ; {
		e, size, err := cutLogEntry(rest)
		if err != nil {
			return log, err
		}
		if size == 0 {
			break
		}
		rest = rest[size:]
		if e.value.Meta&logInTxn != 0 {
			ts := y.ParseTs(e.key)
			if version == 0 {
				version = ts
			}
			if version != ts {
				break
			}
			pending = append(pending, e)
			continue
		}
		if e.value.Meta&logEndOfTxn == 0 { // keyward writes in transactions only
			break
		}
		if ended, err := strconv.ParseUint(string(e.value.Value), 10, 64); err != nil || ended != version {
			break
		}
		log.add(pending, version)
		pending, version = pending[:0], 0
	}
	return log, nil
}

func (l *memLog) add(entries []logEntry, version uint64) {
	l.entries = append(l.entries, entries...)
	if l.first == 0 {
		l.first = version
	}
	l.last = max(l.last, version)
}

// checkLogHead looks at what Badger needs to open a .mem or .vlog file at all.
func checkLogHead(data []byte) error {
	if len(data) < logHeadBytes {
		return fmt.Errorf("it is cut short")
	}
	if binary.BigEndian.Uint64(data[:logKeyIDBytes]) != 0 { // nothing is encrypted
		return fmt.Errorf("it is not what was written")
	}
	return nil
}

// cutLogEntry reads the first entry; size 0 is the end of the log. An error is
// what no cut-off process leaves, and what Badger would take much memory for.
func cutLogEntry(data []byte) (e logEntry, size int, err error) {
	if len(data) < 2 {
		return e, 0, nil
	}
	at := 2
	var numbers [3]uint64
	for i := range numbers {
		n, used := binary.Uvarint(data[at:])
		if used <= 0 {
			return e, 0, nil
		}
		numbers[i] = n
		at += used
	}
	keyLength, valueLength, expires := uint32(numbers[0]), uint32(numbers[1]), numbers[2]
	if keyLength > mostLogKey {
		return e, 0, nil
	}
	if int64(valueLength) > int64(len(data)) {
		return e, 0, fmt.Errorf("it is not what was written")
	}
	end := at + int(keyLength) + int(valueLength)
	if end+crc32.Size > len(data) || keyLength == 0 {
		return e, 0, nil
	}
	if crc32.Checksum(data[:end], castagnoli) != binary.BigEndian.Uint32(data[end:]) {
		return e, 0, nil
	}
	e.key = data[at : at+int(keyLength) : at+int(keyLength)]
	e.value = y.ValueStruct{Meta: data[0], UserMeta: data[1], ExpiresAt: expires, Value: data[at+int(keyLength) : end : end]}
	if data[0]&logInTxn != 0 && keyLength < revBytes {
		return e, 0, fmt.Errorf("it is not what was written")
	}
	return e, end + crc32.Size, nil
}

// sort brings the entries into the order of keys; of two with the same key and
// version the later one counts.
func (l *memLog) sort() {
	slices.Reverse(l.entries)
	slices.SortStableFunc(l.entries, func(a, b logEntry) int { return y.CompareKeys(a.key, b.key) })
	l.entries = slices.CompactFunc(l.entries, func(a, b logEntry) bool { return bytes.Equal(a.key, b.key) })
}

// memIterator walks a sorted memLog. It is a y.Iterator.
type memIterator struct {
	log *memLog
	at  int
}

func (i *memIterator) Next()                { i.at++ }
func (i *memIterator) Rewind()              { i.at = 0 }
func (i *memIterator) Valid() bool          { return i.at < len(i.log.entries) }
func (i *memIterator) Key() []byte          { return i.log.entries[i.at].key }
func (i *memIterator) Value() y.ValueStruct { return i.log.entries[i.at].value }
func (i *memIterator) Close() error         { return nil }

// Seek goes to the first entry at or after key.
func (i *memIterator) Seek(key []byte) {
	i.at = sort.Search(len(i.log.entries), func(n int) bool {
		return cmp.Compare(y.CompareKeys(i.log.entries[n].key, key), 0) >= 0
	})
}
