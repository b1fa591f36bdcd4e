package model

import "encoding/binary"

// table finds the slot that holds a digest. It is persistent: with and without
// return a new table that shares all but one path with the old one, so that a
// reader of the old one is never disturbed and a change among a million keys
// copies some kilobytes. Digests are uniform, so the first two bytes spread
// them over 65,536 buckets: about 30 entries each for a million keys with two
// slots.
type table struct {
	root *[256]*tableNode
	size int
}

type tableNode [256][]tableEntry

// tableEntry is 16 bytes: the digest itself stays in the key.
type tableEntry struct {
	key  *Key
	tag  uint32 // bytes 2 to 5 of the digest
	slot SlotName
	nth  uint8 // 0: what the slot holds; n: its n-th retiring secret
}

func tagOf(d *Digest) uint32 { return binary.BigEndian.Uint32(d[2:6]) }

// digest returns the digest that the entry stands for.
func (e *tableEntry) digest() *Digest {
	slot := e.key.Slot(e.slot)
	if e.nth == 0 {
		return &slot.Digest
	}
	return &slot.Retiring[e.nth-1].Digest
}

// until returns when the entry stops counting; zero is never.
func (e *tableEntry) until() Instant {
	if e.nth == 0 {
		return 0
	}
	return e.key.Slot(e.slot).Retiring[e.nth-1].Until
}

// find returns the entry of d.
func (t *table) find(d *Digest) (tableEntry, bool) {
	if t.root == nil || t.root[d[0]] == nil {
		return tableEntry{}, false
	}
	bucket := t.root[d[0]][d[1]]
	tag := tagOf(d)
	for i := range bucket {
		if e := &bucket[i]; e.tag == tag && *e.digest() == *d {
			return *e, true
		}
	}
	return tableEntry{}, false
}

// with returns t with e in it, in place of an entry of the same digest.
func (t table) with(e tableEntry) table {
	d := e.digest()
	e.tag = tagOf(d)
	bucket, node := t.path(d)
	fresh := make([]tableEntry, 0, len(bucket)+1)
	replaced := false
	for _, old := range bucket {
		if old.tag == e.tag && *old.digest() == *d {
			old, replaced = e, true
		}
		fresh = append(fresh, old)
	}
	if !replaced {
		fresh = append(fresh, e)
		t.size++
	}
	return t.replace(d, node, fresh)
}

// without returns t without the entry of d, provided that it belongs to the
// key with that id.
func (t table) without(d *Digest, owner ID) table {
	bucket, node := t.path(d)
	tag := tagOf(d)
	for i := range bucket {
		if e := &bucket[i]; e.tag == tag && *e.digest() == *d && e.key.ID == owner {
			fresh := make([]tableEntry, 0, len(bucket)-1)
			fresh = append(append(fresh, bucket[:i]...), bucket[i+1:]...)
			t.size--
			return t.replace(d, node, fresh)
		}
	}
	return t
}

func (t *table) path(d *Digest) ([]tableEntry, *tableNode) {
	if t.root == nil || t.root[d[0]] == nil {
		return nil, nil
	}
	node := t.root[d[0]]
	return node[d[1]], node
}

func (t table) replace(d *Digest, node *tableNode, bucket []tableEntry) table {
	root, copied := new([256]*tableNode), new(tableNode)
	if t.root != nil {
		*root = *t.root
	}
	if node != nil {
		*copied = *node
	}
	copied[d[1]] = bucket
	root[d[0]] = copied
	t.root = root
	return t
}

// put adds e in place: only for a table that nobody else has seen yet.
func (t *table) put(e tableEntry) {
	d := e.digest()
	e.tag = tagOf(d)
	if t.root == nil {
		t.root = new([256]*tableNode)
	}
	node := t.root[d[0]]
	if node == nil {
		node = new(tableNode)
		t.root[d[0]] = node
	}
	node[d[1]] = append(node[d[1]], e)
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
		for i := range slot.Retiring {
			if i < 255 && !slot.Retiring[i].Digest.IsZero() {
				fn(tableEntry{key: k, slot: n, nth: uint8(i + 1)}) //nolint:gosec // bounded above
			}
		}
	}
}
