package model

import (
	"cmp"
	"slices"
)

// slabKeys is how many keys come into one piece of memory: they fill 64 KiB but
// for 88 bytes, and Go gives pieces of that size in steps of 8 KiB.
const slabKeys = 303

// nameRank is what a name is sorted by: its first bytes, folded, and where the
// key is. Most names are told apart by these without a look at the key.
type nameRank struct {
	first, second uint64
	at            int
}

// inNames returns the keys that are not deleted by name, and puts them into
// memory in that order, in keys as well: a filter walks them so, and of a million
// keys that lie in the order of their random ids it would wait for each. What it
// is given is the caller's no longer.
func inNames(keys []*Key) []*Key {
	ranks := make([]nameRank, 0, len(keys))
	for i, k := range keys {
		if k.State != Deleted {
			ranks = append(ranks, nameRank{foldedBytes(k.Name, 0), foldedBytes(k.Name, 8), i})
		}
	}
	slices.SortFunc(ranks, func(a, b nameRank) int {
		if c := cmp.Compare(a.first, b.first); c != 0 {
			return c
		}
		if c := cmp.Compare(a.second, b.second); c != 0 {
			return c
		}
		return compareFold(keys[a.at].Name, keys[b.at].Name)
	})
	names := make([]*Key, len(ranks))
	var slab []Key
	for i, r := range ranks {
		if len(slab) == 0 {
			slab = make([]Key, min(slabKeys, len(ranks)-i))
		}
		slab[0] = *keys[r.at]
		names[i], slab = &slab[0], slab[1:]
		keys[r.at] = names[i]
	}
	for from := 0; from < len(names); from += slabKeys {
		shareNames(names[from:min(from+slabKeys, len(names))])
	}
	return names
}

// foldedBytes returns eight bytes of a name from there on, as Fold has them, so
// that they compare as the names do; zeros follow its end.
func foldedBytes(name string, from int) (n uint64) {
	for i := from; i < from+8; i++ {
		n <<= 8
		if i < len(name) {
			n |= uint64(lower(name[i]))
		}
	}
	return n
}

// shareNames puts the names of keys into one piece of memory: a million small
// strings take twice as much as is in them, and the garbage collector looks at
// each.
func shareNames(keys []*Key) {
	bytes := 0
	for _, k := range keys {
		bytes += len(k.Name)
	}
	all := make([]byte, 0, bytes)
	for _, k := range keys {
		all = append(all, k.Name...)
	}
	rest := string(all)
	for _, k := range keys {
		k.Name, rest = rest[:len(k.Name)], rest[len(k.Name):]
	}
}
