package storage

import (
	"bytes"
	"errors"
	"math"

	"github.com/dgraph-io/badger/v4/table"
	"github.com/dgraph-io/badger/v4/y"
)

// iterator walks all versions of all keys, newest version of a key first.
func (s *survey) iterator() y.Iterator {
	var all []y.Iterator
	for i := range s.logs {
		all = append(all, &memIterator{log: &s.logs[i]})
	}
	for level, tables := range s.tables {
		if level > 0 {
			all = append(all, table.NewConcatIterator(tables, table.NOCACHE))
			continue
		}
		for _, t := range tables {
			all = append(all, t.NewIterator(table.NOCACHE))
		}
	}
	if len(all) == 0 {
		all = append(all, &memIterator{log: &memLog{}})
	}
	return table.NewMergeIterator(all, false)
}

const (
	deletedMeta  = 1 << 0 // of Badger: the key was deleted
	valueLogMeta = 1 << 1 // the value is in the value log, where keyward puts none
)

// walk calls fn with the newest version of every key of Badger's with prefix
// that is not deleted; what it gives is good until fn returns.
func (s *survey) walk(prefix string, fn func(key, value []byte) error) error {
	return protect(func() (err error) {
		it := s.iterator()
		defer func() { err = errors.Join(err, it.Close()) }()
		var last []byte
		for it.Seek(y.KeyWithTs([]byte(prefix), math.MaxUint64)); it.Valid(); it.Next() {
			key := y.ParseKey(it.Key())
			if !bytes.HasPrefix(key, []byte(prefix)) {
				return nil
			}
			if last != nil && bytes.Equal(key, last) {
				continue
			}
			last = append(last[:0], key...)
			if err := visit(key, it.Value(), fn); err != nil {
				return err
			}
		}
		return nil
	})
}

func visit(key []byte, v y.ValueStruct, fn func(key, value []byte) error) error {
	switch {
	case v.Meta&deletedMeta != 0:
		return nil
	case v.Meta&valueLogMeta != 0:
		return damaged(string(key))
	}
	return fn(key, v.Value)
}

// errFound ends a walk.
var errFound = errors.New("found")

// get returns the value of one key of Badger's; nil when it is absent.
func (s *survey) get(key string) (value []byte, err error) {
	err = s.walk(key, func(k, v []byte) error {
		if string(k) == key {
			value = append([]byte{}, v...)
		}
		return errFound
	})
	if errors.Is(err, errFound) {
		err = nil
	}
	return value, err
}

// record returns the value of a key of the KV; nil when it is absent.
func (s *survey) record(key string) ([]byte, error) {
	stored, err := s.get(dataPrefix + key)
	if err != nil || stored == nil {
		return nil, err
	}
	if len(stored) < revBytes {
		return nil, damaged(key)
	}
	return stored[revBytes:], nil
}

// forgottenEvery is how many records are read before the pages that they were
// read from are forgotten: some 30 MB of them.
const forgottenEvery = 1 << 15

// enforcement counts and sums up the records that decide, of which there are to be
// total, and shows each to loaded, which may be nil.
func (s *survey) enforcement(loaded *Loaded, total uint64, check checking) (count uint64, digest stateDigest, err error) {
	for _, prefix := range enforcementPrefixes {
		err := s.walk(dataPrefix+prefix, func(key, stored []byte) error {
			if len(stored) < revBytes {
				return damaged(string(key))
			}
			name := string(key[len(dataPrefix):])
			count++
			digest.add(name, stored[revBytes:])
			loaded.take(name, stored)
			if count%forgottenEvery == 0 {
				s.forget()
			}
			return check.record(count, total)
		})
		if err != nil {
			return 0, digest, err
		}
	}
	return count, digest, nil
}
