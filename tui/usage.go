package tui

import (
	"fmt"
	"math"
	"time"

	"dev.keyward/keyward/model"
)

// ago is how long something is past, as lists show it, in at most 10 cells: "4
// min ago", "2 h ago", "3 d ago"; "never" for what has not happened. What the
// clock of another process puts into the future is "just now".
func ago(i model.Instant, now time.Time) string {
	if i == 0 {
		return "never"
	}
	const day = 24 * time.Hour
	switch past := now.Sub(i.Time()); {
	case past < time.Minute:
		return "just now"
	case past < time.Hour:
		return fmt.Sprintf("%d min ago", past/time.Minute)
	case past < 2*day:
		return fmt.Sprintf("%d h ago", past/time.Hour)
	case past < 2*365*day:
		return fmt.Sprintf("%d d ago", past/day)
	default:
		return fmt.Sprintf("%d y ago", past/(365*day))
	}
}

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
	text := "last used " + ago(u.LastUsed, now)
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
