package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"dev.keyward/keyward/model"
)

// keyUse is how a key was used of late.
type keyUse struct {
	name  string
	last  model.Instant // of its last allowed call
	calls uint64        // that were allowed today and the day before, in UTC
}

// useOf is how a key was used until now. Days are all that is known of how much.
func useOf(k model.KeyInfo, now time.Time) keyUse {
	u := keyUse{name: k.Name, last: k.LastUsed}
	since := model.At(now.Add(-quietAfter).UTC().Truncate(24 * time.Hour))
	for _, slot := range k.Slots {
		if slot.Usage == nil {
			continue
		}
		for _, d := range slot.Usage.Days {
			if d.Day >= since {
				u.calls += d.Allowed
			}
		}
	}
	return u
}

// used are those of the keys that bulk work stops which were used within
// quietAfter, the busiest first.
func (msg lookedMsg) used(b bulk) (used []keyUse) {
	if b.change.Enable {
		return nil
	}
	for _, r := range b.rows {
		if u := msg.usage[r.ID]; u.last != 0 && u.last.Time().After(msg.at.Add(-quietAfter)) {
			used = append(used, u)
		}
	}
	slices.SortStableFunc(used, func(a, c keyUse) int {
		return cmp.Or(cmp.Compare(c.calls, a.calls), cmp.Compare(c.last, a.last))
	})
	return used
}

// busiestNamed is how many of the keys that were used are named: the question has
// to fit into the smallest terminal.
const busiestNamed = 2

// usedLines warn of keys that somebody used of late: "2 of 3 were used in the last
// 24 h: mobile-app 2 min ago, billing 3 h ago."
func (b bulk) usedLines() []string {
	n := len(b.used)
	if n == 0 {
		return nil
	}
	if len(b.rows) == 1 {
		return []string{fmt.Sprintf("! It was used in the last 24 h: %s.", b.used[0].last.Ago(b.at))}
	}
	var names []string
	for _, u := range b.used[:min(n, busiestNamed)] {
		names = append(names, clip(clean(u.name), 24)+" "+u.last.Ago(b.at))
	}
	if n > busiestNamed {
		names = append(names, "…")
	}
	return []string{fmt.Sprintf("! %s of %s %s used in the last 24 h: %s", thousands(n), thousands(len(b.rows)), wasWere(n), strings.Join(names, ", "))}
}
