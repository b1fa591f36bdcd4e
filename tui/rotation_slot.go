package tui

import (
	"time"

	"dev.keyward/keyward/model"
)

// held is what the slot holds, in so many cells: of a certificate the subject is
// cut, and never how long it is good for.
func (r *rotation) held(slot model.SlotInfo, room int) (string, func(...string) string) {
	s := r.rt.styles
	switch c := slot.Certificate; {
	case slot.Empty:
		return "nothing: no caller matches it", s.faint.Render
	case c == nil:
		return slot.Hint.String(), s.text.Render
	case c.Expired(r.at):
		return "✗ " + leftAndSubject(*c, r.at, room-2), s.danger.Render
	case c.EndsSoon(r.at), c.NotYetValid(r.at):
		return "! " + leftAndSubject(*c, r.at, room-2), s.warning.Render
	default:
		return leftAndSubject(*c, r.at, room), s.text.Render
	}
}

// leftAndSubject is how long a certificate is good for, and whose it is.
func leftAndSubject(c model.Certificate, at time.Time, room int) string {
	left := c.LeftText(at) + "  "
	return left + clip(subjectText(c, room-cells(left)), max(room-cells(left), 8))
}

// ageText is how old a slot's secret is, in days.
func ageText(made model.Instant, now time.Time) string {
	if made == 0 {
		return "unknown"
	}
	return count(max(int(now.Sub(made.Time())/(24*time.Hour)), 0), "day")
}

func (r *rotation) usedText(slot model.SlotInfo) string {
	u := slot.Usage
	if u == nil {
		return r.rt.lastUsed(0, r.at)
	}
	if u.LastUsed == 0 {
		return "never allowed"
	}
	text := u.LastUsed.Ago(r.at)
	if u.Remote != "" {
		text += " from " + clean(u.Remote)
	}
	return text + useText(r.key, slot)
}

// perDay draws the calls of the last two weeks, and says how many those of today
// and of a week are.
func (r *rotation) perDay(u *model.SlotUsage) (line string, sums []string) {
	var values []uint64
	var week uint64
	days := u.Fortnight(r.at)
	for i, d := range days {
		values = append(values, d.Allowed+d.Denied)
		if i >= len(days)-7 {
			week += d.Allowed + d.Denied
		}
	}
	today, seven := quantity(values[len(values)-1]), quantity(week)
	return sparkline(values), []string{today + " today, " + seven + " in 7 days", today + " today, " + seven + " a week", seven + " a week", seven + "/week"}
}
