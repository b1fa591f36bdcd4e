package storage

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dev.keyward/keyward/model"
)

// keySum stands for an index key, which is up to a kilobyte long.
type keySum [16]byte

// indexState is what records want at an index key and what is there, as sums; 0
// is nothing.
type indexState struct{ want, have uint64 }

func sumKey(key string) keySum {
	sum := sha256.Sum256([]byte(key))
	return keySum(sum[:])
}

func sumValue(value []byte) uint64 {
	sum := sha256.Sum256(value)
	return binary.BigEndian.Uint64(sum[:]) | 1 // never 0
}

// want notes the index keys of a record.
func (c *recordCheck) want(index map[string][]byte, noun, name string) error {
	if !c.whole {
		return nil
	}
	for key, value := range index {
		sum := sumKey(key)
		state := c.indexed[sum]
		if state.want != 0 {
			return c.bad(checkRecords, "the %s %q has a name, secret or certificate of another", noun, model.Clean(name))
		}
		state.want = sumValue(value)
		c.indexed[sum] = state
	}
	return nil
}

// have notes an index key.
func (c *recordCheck) have(e Entry) {
	sum := sumKey(e.Key)
	state := c.indexed[sum]
	state.have = sumValue(e.Value)
	c.indexed[sum] = state
}

// forget lets go of what comparing records needed.
func (c *recordCheck) forget() { c.indexed, c.ders, c.permitted = nil, nil, nil }

// badIndexes returns the index keys that are missing, wrong or nobody's.
func (c *recordCheck) badIndexes() map[keySum]indexState {
	bad := map[keySum]indexState{}
	for sum, state := range c.indexed {
		if state.want != state.have {
			bad[sum] = state
		}
	}
	return bad
}

// nameIndexes reads the store once more to say which index keys are bad.
// Between the two readings they may have changed; they are counted all the same.
func nameIndexes(ctx context.Context, kv KV, c codec, bad map[keySum]indexState, found problems) error {
	if len(bad) == 0 {
		return nil
	}
	list := &problemList{count: len(bad)}
	found[checkIndexes] = list
	left := maps.Clone(bad)
	_, err := kv.Snapshot(ctx, nil, func(entries []Entry) error {
		for _, e := range entries {
			for _, key := range c.indexKeys(e) {
				state, is := left[sumKey(key)]
				if is && len(list.named) < mostNamed {
					list.named = append(list.named, indexProblem(key, state))
				}
				delete(left, sumKey(key))
			}
		}
		return nil
	})
	return err
}

// indexKeys returns the index key that e is, or those that its record has.
func (c codec) indexKeys(e Entry) []string {
	var index map[string][]byte
	switch prefix, _, _ := strings.Cut(e.Key, "/"); prefix + "/" {
	case keyNamePrefix, workflowNamePrefix, environmentNamePrefix, secretPrefix, certificatePrefix:
		return []string{e.Key}
	case keyPrefix:
		index = indexOf(c, e, c.keyIndex)
	case workflowPrefix:
		index = indexOf(c, e, c.workflowIndex)
	case environmentPrefix:
		index = indexOf(c, e, c.environmentIndex)
	}
	return slices.Sorted(maps.Keys(index))
}

// indexOf returns the index keys of a record; none where it cannot be read.
func indexOf[T any](c codec, e Entry, index func(*T) map[string][]byte) map[string][]byte {
	record := new(T)
	if c.dec.Unmarshal(e.Value, record) != nil {
		return nil
	}
	return index(record)
}

func indexProblem(key string, s indexState) string {
	switch {
	case s.have == 0:
		return fmt.Sprintf("the index key %s is missing", quoteKey(key))
	case s.want == 0:
		return fmt.Sprintf("the index key %s points to nothing", quoteKey(key))
	}
	return fmt.Sprintf("the index key %s points to another record", quoteKey(key))
}
