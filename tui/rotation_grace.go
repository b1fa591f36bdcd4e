package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"dev.keyward/keyward/model"
)

// byEnd are the replaced secrets of a slot that still work, the one first that is
// refused first.
func byEnd(slot model.SlotInfo) []model.RetiringInfo {
	return slices.SortedFunc(slices.Values(slot.Retiring), func(a, b model.RetiringInfo) int { return cmp.Compare(a.Until, b.Until) })
}

// endsText says when each replaced secret of a slot is refused.
func endsText(slot model.SlotInfo, now time.Time) string {
	list := byEnd(slot)
	if len(list) == 1 {
		return fmt.Sprintf("The old one, %s, is refused from %s on, in %s.", list[0].Hint, list[0].Until.Text(), timeLeft(list[0].Until, now))
	}
	parts := make([]string, len(list))
	for i, r := range list {
		parts[i] = fmt.Sprintf("%s from %s on, in %s", r.Hint, r.Until.Text(), timeLeft(r.Until, now))
	}
	return fmt.Sprintf("The %d old ones are refused: %s.", len(list), strings.Join(parts, "; "))
}

// worksToo says shortly that replaced secrets of a slot still work, and how long
// the first of them does; there are some.
func worksToo(slot model.SlotInfo, now time.Time) string {
	list := byEnd(slot)
	if len(list) == 1 {
		return fmt.Sprintf("! replaced %s of %s works too, %s left", list[0].Hint, slot.Slot, timeLeft(list[0].Until, now))
	}
	return fmt.Sprintf("! %d replaced ones of %s work too, %s for %s", len(list), slot.Slot, list[0].Hint, timeLeft(list[0].Until, now))
}

// left are the callers of the last 24 h whose newest call is older than what the
// slot that was made anew holds, and who have not called with the other one since:
// without a grace period they are refused until they have it.
func (t turnover) left() []model.CallerUse {
	day := model.At(t.at.Add(-quietAfter))
	callers := slices.Clone(t.old.Usage.CallersSince(day))
	return slices.DeleteFunc(callers, func(c model.CallerUse) bool {
		return c.Last >= t.old.Created || slices.ContainsFunc(t.next.Usage.CallersSince(day), func(now model.CallerUse) bool {
			return now.Remote == c.Remote && now.Last >= c.Last
		})
	})
}
