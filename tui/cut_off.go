package tui

import (
	"fmt"
	"strings"
	"time"

	"dev.keyward/keyward/model"
)

// refusedAlready says why no call gets in with what a slot holds, whatever is done
// to it; "" where calls do.
func refusedAlready(k model.KeyInfo, slot model.SlotInfo, now time.Time) string {
	switch c := slot.Certificate; {
	case c != nil && c.Expired(now):
		return fmt.Sprintf("The %s certificate %s: nobody gets in with it.", slot.Slot, c.LeftText(now))
	case !k.Enabled:
		return "The key is disabled: nobody gets in with it."
	case keyExpired(k, now):
		return fmt.Sprintf("The key expired on %s: nobody gets in with it.", k.Expires.DayText())
	}
	return ""
}

// keyExpired reports whether a key is past its own expiry.
func keyExpired(k model.KeyInfo, now time.Time) bool {
	return k.Expires != 0 && model.At(now) >= k.Expires
}

// cutOff says who a change of a slot would cut off: stillUsed, and "" of a slot
// that nobody gets in with.
func cutOff(k model.KeyInfo, slot model.SlotInfo, now time.Time) string {
	if refusedAlready(k, slot, now) != "" {
		return ""
	}
	return usedNow(k, slot, now)
}

// cutOffLine is cutOff for a question, with the sign of a warning. Of a slot that
// was used until it was refused it says that, without one; it is "" where there is
// nothing to say.
func cutOffLine(k model.KeyInfo, slot model.SlotInfo, now time.Time) string {
	if text := cutOff(k, slot, now); text != "" {
		return "! " + text
	}
	callers := callersNow(slot, now)
	if len(callers) == 0 {
		return ""
	}
	why := "the key is disabled"
	switch {
	case slot.Certificate != nil && slot.Certificate.Expired(now):
		why = "its certificate " + slot.Certificate.LeftText(now)
	case keyExpired(k, now) && k.Enabled:
		why = "the key expired"
	}
	return fmt.Sprintf("· %s used %s, the last %s: nobody gets in now, for %s.", callerCount(callers), slot.Slot, slot.Usage.LastUsed.Ago(now), why)
}

// removedText says what taking a certificate out of a slot does.
func removedText(k model.KeyInfo, slot model.SlotInfo, now time.Time) string {
	text := "It is refused from its next call on."
	if why := refusedAlready(k, slot, now); why != "" {
		text = strings.TrimSuffix(why, ".") + ", and nobody is cut off."
	}
	other := k.Slot(slot.Slot.Other())
	if refusedAlready(k, other, now) != "" || other.Certificate == nil || other.Certificate.NotYetValid(now) {
		return text + fmt.Sprintf(" The %s slot stays as it is.", other.Slot)
	}
	return text + fmt.Sprintf(" The %s one goes on working.", other.Slot)
}
