package tui

import (
	"fmt"
	"time"

	"dev.keyward/keyward/model"
)

// useTime is when a slot was used last, beside when it got what it holds.
type useTime int

const (
	useNever  useTime = iota
	useBefore         // with what was there before
	useAround         // in the minute of the change: with the one or with the other
	useSince          // with what it holds
)

// lastUse tells when a slot of a key was used last. Uses are known to the minute,
// and when a slot was changed exactly: of a use in that minute it is not known
// with what it was, unless there was nothing before.
func lastUse(k model.KeyInfo, slot model.SlotInfo) useTime {
	u := slot.Usage
	switch {
	case u == nil || u.LastUsed == 0:
		return useNever
	case slot.Created == k.Created, u.LastUsed >= slot.Created:
		return useSince
	case u.LastUsed.Time().Before(slot.Created.Time().Truncate(time.Minute)):
		return useBefore
	}
	return useAround
}

// madeText is how the change is called that gave a slot what it holds.
func madeText(k model.KeyInfo) string {
	if k.Kind == model.CertificateKey {
		return "its certificate was put in"
	}
	return "it was made anew"
}

// useText says of the last use of a slot when that was, beside the change that
// gave it what it holds; "" where there is nothing to be told apart.
func useText(k model.KeyInfo, slot model.SlotInfo) string {
	switch lastUse(k, slot) {
	case useBefore:
		return ", before " + madeText(k)
	case useAround:
		return ", in the minute in which " + madeText(k)
	}
	return ""
}

// usedNow is stillUsed where it is known with what a slot was used. Of a slot that
// was used last in the minute in which it was changed it says just that: nobody
// may have what it holds.
func usedNow(k model.KeyInfo, slot model.SlotInfo, now time.Time) string {
	text := stillUsed(slot, now)
	if text == "" || len(slot.Retiring) > 0 || lastUse(k, slot) != useAround {
		return text
	}
	what := "secret"
	if k.Kind == model.CertificateKey {
		what = "certificate"
	}
	return fmt.Sprintf("%s used %s in the minute in which %s, with the old %s or with the new one.",
		callerCount(callersNow(slot, now)), slot.Slot, madeText(k), what)
}
