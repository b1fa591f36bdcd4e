package storage

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"strings"

	"dev.keyward/keyward/model"
)

// enforcementPrefixes are where the records lie that decisions are made from:
// environments, keys and workflows.
var enforcementPrefixes = []string{environmentPrefix, keyPrefix, workflowPrefix}

// isEnforcement reports whether the record at key has a say in decisions.
func isEnforcement(key string) bool {
	return strings.HasPrefix(key, keyPrefix) || strings.HasPrefix(key, workflowPrefix) || strings.HasPrefix(key, environmentPrefix)
}

// stateDigest stands for a set of records, in whatever order they came and
// went: it is the sum, modulo 2^256, of the SHA-256 of each. It is there to
// notice damage; somebody who can write to the store could forge it.
type stateDigest [sha256.Size]byte

// add puts a record into the set.
func (d *stateDigest) add(key string, value []byte) { d.sum(recordDigest(key, value), bits.Add64) }

// remove takes a record out of the set, with the value that it had.
func (d *stateDigest) remove(key string, value []byte) { d.sum(recordDigest(key, value), bits.Sub64) }

// sum adds or subtracts, from the last eight bytes to the first.
func (d *stateDigest) sum(other stateDigest, op func(x, y, carry uint64) (uint64, uint64)) {
	var carry uint64
	for at := len(d) - 8; at >= 0; at -= 8 {
		var n uint64
		n, carry = op(binary.BigEndian.Uint64(d[at:]), binary.BigEndian.Uint64(other[at:]), carry)
		binary.BigEndian.PutUint64(d[at:], n)
	}
}

// recordDigest is the SHA-256 of one record: the key with its length before it,
// and the value.
func recordDigest(key string, value []byte) stateDigest {
	buf := make([]byte, 0, 1<<10)
	buf = append(appendString(buf, key), value...)
	return sha256.Sum256(buf)
}

// storeState says where a store is: after which commit, and what decides then.
// The store keeps its own, written with each commit that the journal is told
// of, and the journal keeps one for each of its records.
type storeState struct {
	_      struct{}     `cbor:",toarray"`
	Rev    Rev          // of the newest commit that changed an enforcement record or the head
	Seq    uint64       // of the newest audit entry
	Hash   model.Digest // of the newest audit entry
	Count  uint64       // of the enforcement records
	Digest stateDigest  // of the enforcement records
}
