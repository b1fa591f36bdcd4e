package model

import "encoding/binary"

// table finds the slot that holds a digest. It is persistent: with and without
// return a new table that shares all but one shard with the old one, so that a
// reader of the old one is never disturbed and a change among a million keys
// copies some tens of kilobytes.
//
// Digests are uniform, so their first twelve bits spread them over the shards.
// A shard is a hash table with linear probing in one piece of memory: a lookup
// among a million keys waits for memory about twice, once for the shard and
// once for the key.
type table struct {
	shards *[shardCount]*shard
	size   int
	edit   edit
}

// edit is whether with and without may write to the shards array: several
// changes in a row copy it once, where nobody else has seen it yet.
type edit uint8

const (
	noEdit edit = iota
	editBegun
	editOwned // the array was copied since
)

const shardCount = 1 << 12

// shard holds entries at tag modulo its length, or behind it. Its length is a
// power of two, and an eighth at least is empty.
type shard struct {
	entries []tableEntry
	used    int
}

const smallestShard = 8

// tableEntry is 16 bytes: the digest itself stays in the key.
type tableEntry struct {
	key  *Key   // nil: empty
	tag  uint32 // bytes 2 to 5 of the digest
	slot SlotName
	nth  uint8 // 0: what the slot holds; n: its n-th retiring secret
}

func shardOf(d *Digest) uint16 { return binary.BigEndian.Uint16(d[:2]) >> 4 }

func tagOf(d *Digest) uint32 { return binary.BigEndian.Uint32(d[2:6]) }

// digest returns the digest that the entry stands for.
func (e *tableEntry) digest() *Digest {
	slot := e.key.Slot(e.slot)
	if e.nth == 0 {
		return &slot.Digest
	}
	return &slot.Grace()[e.nth-1].Digest
}

// until returns when the entry stops counting; zero is never.
func (e *tableEntry) until() Instant {
	if e.nth == 0 {
		return 0
	}
	return e.key.Slot(e.slot).Grace()[e.nth-1].Until
}

// find returns the entry of d.
func (t *table) find(d *Digest) (tableEntry, bool) {
	if t.shards == nil {
		return tableEntry{}, false
	}
	if e := t.shards[shardOf(d)].find(d); e != nil {
		return *e, true
	}
	return tableEntry{}, false
}

func (s *shard) find(d *Digest) *tableEntry {
	if s == nil {
		return nil
	}
	tag, mask := tagOf(d), uint32(len(s.entries)-1) // a shard is small
	for i := tag & mask; ; i = (i + 1) & mask {
		e := &s.entries[i]
		if e.key == nil {
			return nil
		}
		if e.tag == tag && *e.digest() == *d {
			return e
		}
	}
}

// with returns t with e in it, in place of an entry of the same digest.
func (t table) with(e tableEntry) table {
	d := e.digest()
	e.tag = tagOf(d)
	fresh := t.shard(d).copied(nil)
	if old := fresh.find(d); old != nil {
		*old = e
	} else {
		fresh.add(e)
		t.size++
	}
	return t.replace(d, fresh)
}

// without returns t without the entry of d, provided that it belongs to the
// key with that id.
func (t table) without(d *Digest, owner ID) table {
	s := t.shard(d)
	e := s.find(d)
	if e == nil || e.key.ID != owner {
		return t
	}
	t.size--
	return t.replace(d, s.copied(e))
}

func (t *table) shard(d *Digest) *shard {
	if t.shards == nil {
		return nil
	}
	return t.shards[shardOf(d)]
}

func (t table) replace(d *Digest, s *shard) table {
	if t.edit != editOwned {
		shards := new([shardCount]*shard)
		if t.shards != nil {
			*shards = *t.shards
		}
		t.shards = shards
		if t.edit == editBegun {
			t.edit = editOwned
		}
	}
	t.shards[shardOf(d)] = s
	return t
}

// copied returns a shard with the entries of s but leave, which may be nil.
func (s *shard) copied(leave *tableEntry) *shard {
	if s == nil {
		return &shard{entries: make([]tableEntry, smallestShard)}
	}
	fresh := &shard{entries: make([]tableEntry, len(s.entries))}
	for i := range s.entries {
		if e := &s.entries[i]; e.key != nil && e != leave {
			fresh.place(*e)
		}
	}
	return fresh
}

// add puts in an entry whose digest is not there yet, making room first.
func (s *shard) add(e tableEntry) {
	if (s.used+1)*8 > len(s.entries)*7 {
		grown := &shard{entries: make([]tableEntry, 2*len(s.entries))}
		for _, old := range s.entries {
			if old.key != nil {
				grown.place(old)
			}
		}
		*s = *grown
	}
	s.place(e)
}

func (s *shard) place(e tableEntry) {
	mask := uint32(len(s.entries) - 1) // a shard is small
	i := e.tag & mask
	for s.entries[i].key != nil {
		i = (i + 1) & mask
	}
	s.entries[i] = e
	s.used++
}

// put adds e in place: only for a table that nobody else has seen yet.
func (t *table) put(e tableEntry) {
	d := e.digest()
	e.tag = tagOf(d)
	if t.shards == nil {
		t.shards = new([shardCount]*shard)
	}
	at := &t.shards[shardOf(d)]
	if *at == nil {
		*at = &shard{entries: make([]tableEntry, smallestShard)}
	}
	(*at).add(e)
	t.size++
}

// entries calls fn with each entry that the key contributes: what its slots
// hold and, of a token key, the secrets in their grace period. An empty slot
// contributes none, so that nothing matches it.
func (k *Key) entries(fn func(tableEntry)) {
	for _, n := range SlotNames {
		slot := k.Slot(n)
		if !slot.Digest.IsZero() {
			fn(tableEntry{key: k, slot: n})
		}
		grace := slot.Grace()
		for i := range min(len(grace), maxRetiring) {
			if !grace[i].Digest.IsZero() {
				fn(tableEntry{key: k, slot: n, nth: uint8(i + 1)}) // maxRetiring is small
			}
		}
	}
}
