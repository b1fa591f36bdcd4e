package model

import "time"

// Due is something of a key that ends soon or has ended: the key itself, whose
// secrets or certificates then stop working, or the certificate in one slot.
type Due struct {
	Slot SlotName `json:"slot"` // NoSlot: the key's own expiry
	Ends Instant  `json:"ends"`
}

// dueWithin returns what of the key ends within the span or has ended: its own
// expiry, then the certificate of each slot, whether or not the other slot's
// lasts longer. A replaced secret in its grace period is meant to end and never
// due.
func (k *Key) dueWithin(within time.Duration, now time.Time) []Due {
	limit := At(now.Add(within))
	var out []Due
	if past(k.Expires, limit) {
		out = append(out, Due{NoSlot, k.Expires})
	}
	for _, n := range SlotNames {
		if c := k.Slot(n).Certificate; c != nil && past(At(c.NotAfter), limit) {
			out = append(out, Due{n, At(c.NotAfter)})
		}
	}
	return out
}

// dueKeys returns those keys of the list of which something is due; all of them
// where within is zero.
func dueKeys(list []*Key, within time.Duration, now time.Time) []*Key {
	if within == 0 {
		return list
	}
	var out []*Key
	for _, k := range list {
		if len(k.dueWithin(within, now)) > 0 {
			out = append(out, k)
		}
	}
	return out
}
