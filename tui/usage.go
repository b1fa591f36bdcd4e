package tui

import (
	"math"
	"time"

	"dev.keyward/keyward/model"
)

// usageText says how a slot was used: "last used 4 min ago from 10.0.0.7 · 1,204
// allowed, 3 denied".
func usageText(u *model.SlotUsage, now time.Time) string {
	if u == nil {
		return "never"
	}
	counts := quantity(u.Allowed) + " allowed, " + quantity(u.Denied) + " denied"
	if u.LastUsed == 0 {
		return "never allowed · " + counts
	}
	text := "last used " + u.LastUsed.Ago(now)
	if u.Remote != "" {
		text += " from " + clean(u.Remote)
	}
	return text + " · " + counts
}

// neverUsed is what a note about a slot ends with that no call is on record of.
func neverUsed(u *model.SlotUsage) string {
	if u == nil {
		return ", never used"
	}
	return ""
}

func quantity(n uint64) string { return thousands(int(min(n, math.MaxInt))) }
