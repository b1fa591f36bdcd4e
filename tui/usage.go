package tui

import (
	"math"
	"time"

	"dev.keyward/keyward/model"
)

// lastUsed says when a key was last used. How keys are used is kept in the store
// alone: what decides in its place knows nothing of it.
func (rt *runtime) lastUsed(i model.Instant, now time.Time) string {
	if i == 0 && rt.degraded != "" {
		return "unknown"
	}
	return i.Ago(now)
}

// usageText says how a slot was used: "last used 4 min ago from 10.0.0.7 · 1,204
// allowed, 3 denied".
func (rt *runtime) usageText(u *model.SlotUsage, now time.Time) string {
	if u == nil {
		return rt.lastUsed(0, now)
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
func (rt *runtime) neverUsed(u *model.SlotUsage) string {
	switch {
	case u != nil:
		return ""
	case rt.degraded != "":
		return ", use unknown"
	}
	return ", never used"
}

func quantity(n uint64) string { return thousands(int(min(n, math.MaxInt))) }
