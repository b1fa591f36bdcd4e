package model

import (
	"math"
	"net/netip"
	"slices"
	"time"
)

// UsageDays is how many days back calls are counted by the day: two weeks show
// the rhythm of a week, and whether the last one was like the one before.
const UsageDays = 14

// MaxCallers is how many of a slot's callers are known, the latest ones: enough
// to say who has to change, and a bound for what strangers can have us keep.
const MaxCallers = 8

// DayUse is the calls of one day, in UTC. A count stays at its greatest value
// rather than wrap.
type DayUse struct {
	Day     int32  `json:"day"` // since 1970-01-01
	Allowed uint32 `json:"allowed,omitempty"`
	Denied  uint32 `json:"denied,omitempty"`
}

// CallerUse is where allowed calls came from.
type CallerUse struct {
	Remote string  `json:"remote"` // an IP address
	Last   Instant `json:"last"`   // to the minute
}

const dayNanos = int64(24 * time.Hour)

// dayOf returns the day of an instant, in UTC, since 1970-01-01.
func dayOf(nanos int64) int32 {
	day := nanos / dayNanos
	if nanos < 0 && nanos%dayNanos != 0 {
		day--
	}
	return int32(day)
}

func saturated(n uint64) uint32 { return uint32(min(n, math.MaxUint32)) }

// addDays returns both lists in one, oldest first, of the UsageDays newest days.
// Neither list is changed.
func addDays(list, more []DayUse) []DayUse {
	if len(more) == 0 {
		return list
	}
	out := slices.Clone(list)
	for _, d := range more {
		i, found := slices.BinarySearchFunc(out, d, func(a, b DayUse) int { return int(a.Day) - int(b.Day) })
		if found {
			out[i].Allowed = saturated(uint64(out[i].Allowed) + uint64(d.Allowed))
			out[i].Denied = saturated(uint64(out[i].Denied) + uint64(d.Denied))
		} else {
			out = slices.Insert(out, i, d)
		}
	}
	if len(out) > 0 {
		oldest := out[len(out)-1].Day - UsageDays
		out = slices.DeleteFunc(out, func(d DayUse) bool { return d.Day <= oldest })
	}
	return out
}

// addCallers returns both lists in one: each caller once, the latest first, of
// the same minute by address, and no more than MaxCallers. Neither list is
// changed.
func addCallers(list, more []CallerUse) []CallerUse {
	if len(more) == 0 {
		return list
	}
	out := slices.Clone(list)
	for _, c := range more {
		if i := slices.IndexFunc(out, func(o CallerUse) bool { return o.Remote == c.Remote }); i >= 0 {
			out[i].Last = max(out[i].Last, c.Last)
		} else {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b CallerUse) int {
		switch {
		case a.Last != b.Last && a.Last > b.Last:
			return -1
		case a.Last != b.Last:
			return 1
		case a.Remote < b.Remote:
			return -1
		}
		return 1
	})
	return slices.Clip(out[:min(len(out), MaxCallers)])
}

// believable drops what an endpoint cannot have counted: callers that are no IP
// addresses, and days that are not now. A clock that was wrong for a moment must
// not push the true days out.
func (u *Usage) believable(now time.Time) {
	if _, err := netip.ParseAddr(u.Remote); err != nil {
		u.Remote = ""
	}
	today := dayOf(now.UnixNano())
	if len(u.Days) > 0 {
		u.Days = slices.DeleteFunc(slices.Clone(u.Days), func(d DayUse) bool {
			return d.Day > today+1 || d.Day <= today-UsageDays
		})
	}
	if len(u.Callers) > 0 {
		u.Callers = slices.DeleteFunc(slices.Clone(u.Callers), func(c CallerUse) bool {
			_, err := netip.ParseAddr(c.Remote)
			return err != nil
		})
	}
}

// DayCalls is the calls of one day as a view has them.
type DayCalls struct {
	Day     Instant `json:"day"` // its beginning, in UTC
	Allowed uint64  `json:"allowed"`
	Denied  uint64  `json:"denied"`
}

// view is u as a SlotInfo has it, nil where no call is on record.
func (u *Usage) view() *SlotUsage {
	if u.Allowed+u.Denied == 0 {
		return nil
	}
	v := &SlotUsage{LastUsed: u.Last, Remote: u.Remote, Allowed: u.Allowed, Denied: u.Denied, Callers: slices.Clone(u.Callers)}
	for _, d := range u.Days {
		v.Days = append(v.Days, DayCalls{Instant(int64(d.Day) * dayNanos), uint64(d.Allowed), uint64(d.Denied)})
	}
	return v
}

// Fortnight returns the calls of each of the UsageDays days up to now's, oldest
// first: zeros where none is on record.
func (u *SlotUsage) Fortnight(now time.Time) (days [UsageDays]DayCalls) {
	today := int64(dayOf(now.UnixNano()))
	for i := range days {
		days[i].Day = Instant((today - UsageDays + 1 + int64(i)) * dayNanos)
	}
	if u == nil {
		return days
	}
	for _, d := range u.Days {
		if i := int64(d.Day)/dayNanos - today + UsageDays - 1; i >= 0 && i < UsageDays {
			days[i] = d
		}
	}
	return days
}

// CallersSince returns the callers whose last allowed call came after the
// instant, the latest first. Those of MaxCallers may not be all there are.
func (u *SlotUsage) CallersSince(since Instant) []CallerUse {
	if u == nil {
		return nil
	}
	var out []CallerUse
	for _, c := range u.Callers {
		if c.Last >= since {
			out = append(out, c)
		}
	}
	if len(out) == 0 && u.LastUsed >= since && u.LastUsed != 0 {
		out = []CallerUse{{Remote: u.Remote, Last: u.LastUsed}} // counted before callers were
	}
	return out
}
