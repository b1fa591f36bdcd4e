package model

import (
	"math"
	"slices"
	"time"
)

// LastUses is when the slots of keys were last used, to the minute: 16 bytes a
// key that was, since every row of a list has it. The zero value knows of none.
type LastUses struct {
	keys  []ID // ascending, beside slots
	slots [][len(SlotNames)]minute
	later map[ID][len(SlotNames)]minute // of keys that came out of order
}

// minute is an instant in minutes since 1970; 0: never.
type minute uint32

func minuteOf(at Instant) minute {
	return minute(min(max(int64(at)/int64(time.Minute), 0), math.MaxUint32))
}

func (m minute) instant() Instant { return Instant(int64(m) * int64(time.Minute)) }

// Note notes that a slot was used then, where no later use is known. It takes
// least when keys come in ascending order.
func (l *LastUses) Note(key ID, slot SlotName, at Instant) {
	used := minuteOf(at)
	if slot != Primary && slot != Secondary || used == 0 {
		return
	}
	if n := len(l.keys); n == 0 || key > l.keys[n-1] {
		l.keys, l.slots = append(l.keys, key), append(l.slots, [len(SlotNames)]minute{})
	}
	if i, found := slices.BinarySearch(l.keys, key); found {
		known := &l.slots[i][slot-1]
		*known = max(*known, used)
		return
	}
	if l.later == nil {
		l.later = map[ID][len(SlotNames)]minute{}
	}
	known := l.later[key]
	known[slot-1] = max(known[slot-1], used)
	l.later[key] = known
}

// of returns when a slot was last used; NoSlot: the later of both.
func (l *LastUses) of(key ID, slot SlotName) Instant {
	known := l.later[key]
	if i, found := slices.BinarySearch(l.keys, key); found {
		known = l.slots[i]
	}
	if slot != NoSlot {
		return known[slot-1].instant()
	}
	return max(known[0], known[1]).instant()
}

// forget drops a key that there is no more.
func (l *LastUses) forget(key ID) {
	delete(l.later, key)
	if i, found := slices.BinarySearch(l.keys, key); found {
		l.slots[i] = [len(SlotNames)]minute{}
	}
}

// clip lets go of room that was made for more.
func (l *LastUses) clip() { l.keys, l.slots = slices.Clip(l.keys), slices.Clip(l.slots) }
