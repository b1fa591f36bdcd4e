package model

import "time"

// Due is something of a key that ends soon or has ended: the key itself, whose
// secrets or certificates then stop working, the certificate in one slot, or the
// secret that one slot's took the place of.
type Due struct {
	Slot   SlotName `json:"slot"`            // NoSlot: the key's own expiry
	Ends   Instant  `json:"ends"`            // of a replaced secret its grace period
	Secret Hint     `json:"secret,omitzero"` // of a replaced secret; none: it is a certificate that ends
	Renew  SlotName `json:"renew,omitempty"` // where the next certificate goes so that it overlaps
}

// dueWithin returns what of the key ends within the span or has ended: its own
// expiry, then of each slot the certificate, unless the other slot has renewed it
// beyond the span, and the replaced secrets that still work, whose callers are
// refused when their grace period ends.
func (k *Key) dueWithin(within time.Duration, now time.Time) []Due {
	limit := At(now.Add(within))
	var out []Due
	if past(k.Expires, limit) {
		out = append(out, Due{Ends: k.Expires})
	}
	for _, n := range SlotNames {
		c, other := k.Slot(n).Certificate, k.Slot(n.Other()).Certificate
		if c != nil && past(At(c.NotAfter), limit) && !(renews(other, c, now) && !past(At(other.NotAfter), limit)) {
			out = append(out, Due{Slot: n, Ends: At(c.NotAfter), Renew: k.renewIn(n)})
		}
		for _, old := range k.Slot(n).Grace() {
			if !past(old.Until, At(now)) && past(old.Until, limit) {
				out = append(out, Due{Slot: n, Ends: old.Until, Secret: old.Hint})
			}
		}
	}
	return out
}

// renews reports whether the next certificate takes over from c without a gap to
// come: it ends later, and begins before c has ended, or has begun by now.
func renews(next, c *Certificate, now time.Time) bool {
	return next != nil && next.NotAfter.After(c.NotAfter) && !(next.NotBefore.After(c.NotAfter) && next.NotYetValid(now))
}

// renewIn returns the slot for a certificate that is to come after the one in
// slot n: the other one, so that both work for a while, unless that has one that
// works longer.
func (k *Key) renewIn(n SlotName) SlotName {
	if other := k.Slot(n.Other()).Certificate; other != nil && other.NotAfter.After(k.Slot(n).Certificate.NotAfter) {
		return n
	}
	return n.Other()
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
