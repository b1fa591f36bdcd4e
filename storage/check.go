package storage

import (
	"fmt"
	"slices"
	"strings"
)

// writeOverhead is what a write counts for besides its key and value.
const writeOverhead = 64

// defaultLimits are those of both engines here, so that what works on one works
// on the other. A transaction of Badger with the memtable that we give it holds
// about 1.2 MB, in which each change is written twice (in place and in the
// log).
func defaultLimits() Limits {
	return Limits{
		KeyBytes:   1 << 10,
		ValueBytes: 128 << 10,
		Keys:       4096,
		Writes:     4096,
		Bytes:      512 << 10,
	}
}

// Size is what w adds to Tx.Size.
func (w Write) Size() int {
	if w.Delete {
		return writeOverhead + len(w.Key)
	}
	return writeOverhead + len(w.Key) + len(w.Value)
}

// Size is what Limits.Bytes bounds: keys, values and a fixed cost for each
// write, the one of ID included.
func (tx Tx) Size() int {
	n := 0
	if tx.ID != "" {
		n = writeOverhead + len(RequestPrefix) + len(tx.ID)
	}
	for _, w := range tx.Writes {
		n += w.Size()
	}
	return n
}

// Check says whether a KV with these limits may be given tx: ErrInvalid and
// ErrTooLarge are found here, before an engine does anything. Its errors name
// keys and sizes, never values.
func (l Limits) Check(tx Tx) error {
	if tx.ID == "" && len(tx.Writes) == 0 {
		return fmt.Errorf("%w: a transaction with nothing to write", ErrInvalid)
	}
	if len(tx.Guards) > l.Keys {
		return fmt.Errorf("%w: %d guards (at most %d)", ErrTooLarge, len(tx.Guards), l.Keys)
	}
	if len(tx.Writes) > l.Writes {
		return fmt.Errorf("%w: %d writes (at most %d)", ErrTooLarge, len(tx.Writes), l.Writes)
	}
	if tx.ID != "" {
		if err := l.checkKey(RequestKey(tx.ID)); err != nil {
			return err
		}
	}
	for _, g := range tx.Guards {
		if err := l.checkKey(g.Key); err != nil {
			return err
		}
	}
	if err := l.checkWrites(tx.Writes); err != nil {
		return err
	}
	if n := tx.Size(); n > l.Bytes {
		return fmt.Errorf("%w: a transaction of %d bytes (at most %d)", ErrTooLarge, n, l.Bytes)
	}
	return nil
}

// checkWrites looks at each write by itself and for keys written twice.
func (l Limits) checkWrites(writes []Write) error {
	seen := make(map[string]struct{}, len(writes))
	for _, w := range writes {
		if err := l.checkKey(w.Key); err != nil {
			return err
		}
		if strings.HasPrefix(w.Key, RequestPrefix) {
			return fmt.Errorf("%w: %s belongs to the engine", ErrInvalid, quoteKey(w.Key))
		}
		if _, twice := seen[w.Key]; twice {
			return fmt.Errorf("%w: %s is written twice", ErrInvalid, quoteKey(w.Key))
		}
		seen[w.Key] = struct{}{}
		if !w.Delete && len(w.Value) > l.ValueBytes {
			return fmt.Errorf("%w: the value of %s has %d bytes (at most %d)",
				ErrTooLarge, quoteKey(w.Key), len(w.Value), l.ValueBytes)
		}
	}
	return nil
}

// checkKeys looks at the keys of a Get.
func (l Limits) checkKeys(keys []string) error {
	if len(keys) > l.Keys {
		return fmt.Errorf("%w: %d keys (at most %d)", ErrTooLarge, len(keys), l.Keys)
	}
	for _, k := range keys {
		if err := l.checkKey(k); err != nil {
			return err
		}
	}
	return nil
}

func (l Limits) checkKey(key string) error {
	if key == "" {
		return fmt.Errorf("%w: an empty key", ErrInvalid)
	}
	if len(key) > l.KeyBytes {
		return fmt.Errorf("%w: the key %s has %d bytes (at most %d)",
			ErrTooLarge, quoteKey(key), len(key), l.KeyBytes)
	}
	return nil
}

// normalPrefixes sorts prefixes and drops those that another one covers, so
// that walking them in turn meets each key once and in order. None becomes the
// empty prefix, which covers all.
func normalPrefixes(prefixes []string) []string {
	if len(prefixes) == 0 {
		return []string{""}
	}
	sorted := slices.Clone(prefixes)
	slices.Sort(sorted)
	kept := sorted[:0]
	for _, p := range sorted {
		if len(kept) == 0 || !strings.HasPrefix(p, kept[len(kept)-1]) {
			kept = append(kept, p)
		}
	}
	return kept
}

// covers reports whether key starts with one of prefixes.
func covers(prefixes []string, key string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(key, p) {
			return true
		}
	}
	return false
}
