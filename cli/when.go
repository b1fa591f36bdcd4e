package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"dev.keyward/keyward/model"
)

// maxSpan is the longest time from now that can be written, a hundred years:
// far below where durations and instants end.
const maxSpan = 36525 * 24 * time.Hour

const day = 24 * time.Hour

// parseSpan reads a length of time: numbers with a unit each, such as "90d",
// "12h", "4w" or "1h30m".
func parseSpan(text string) (time.Duration, error) {
	bad := model.Invalid("time", "%q is not a length of time: write 90d, 12h, 4w or 30m", model.Clean(text))
	var total time.Duration
	rest := text
	for first := true; first || rest != ""; first = false {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		n, err := strconv.ParseInt(rest[:digits], 10, 64)
		if err != nil || digits == len(rest) {
			return 0, bad
		}
		unit, ok := spanUnit(rest[digits])
		if !ok {
			return 0, bad
		}
		if n > int64((maxSpan-total)/unit) {
			return 0, model.Invalid("time", "%s is longer than 100 years: write less", text)
		}
		total += time.Duration(n) * unit
		rest = rest[digits+1:]
	}
	return total, nil
}

func spanUnit(c byte) (time.Duration, bool) {
	switch c {
	case 's':
		return time.Second, true
	case 'm':
		return time.Minute, true
	case 'h':
		return time.Hour, true
	case 'd':
		return day, true
	case 'w':
		return 7 * day, true
	}
	return 0, false
}

// parseExpiry reads when a key is to expire: a day, through whose end in UTC
// the key works; a moment of RFC 3339; or a length of time from now.
func parseExpiry(text string, now time.Time) (time.Time, error) {
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return nearby(t.Add(day-time.Second), now)
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return nearby(t, now)
	}
	span, err := parseSpan(text)
	if err != nil {
		return time.Time{}, model.Invalid("expires", "%q is no time that can be read: write a day (2027-01-31, through its end in UTC), "+
			"a moment (2027-01-31T18:00:00Z) or a time from now (90d, 12h, 4w)", model.Clean(text))
	}
	return now.Add(span), nil
}

func nearby(t, now time.Time) (time.Time, error) {
	if t.Sub(now) > maxSpan {
		return time.Time{}, model.Invalid("expires", "the expiry is more than 100 years away: leave it out for a key that never expires")
	}
	return t, nil
}

// parseGrace reads how long a replaced secret goes on working.
func parseGrace(text string) (time.Duration, error) {
	if text == "0" || text == "now" {
		return 0, nil
	}
	return parseSpan(text)
}

// when writes a moment for people, "never" for none.
func when(i model.Instant) string {
	if i == 0 {
		return "never"
	}
	return i.Time().Format("2006-01-02 15:04 UTC")
}

// whenDay writes a moment's day, or "never".
func whenDay(i model.Instant) string {
	if i == 0 {
		return "never"
	}
	return i.Time().Format(time.DateOnly)
}

// daysLeft writes how long a certificate is still good for.
func daysLeft(c model.Certificate, now time.Time) string {
	switch n := c.DaysLeft(now); {
	case c.NotYetValid(now):
		return "not valid yet"
	case n < 0:
		return fmt.Sprintf("expired %s ago", plural(-n, "day"))
	case n == 0:
		return "expires today"
	default:
		return plural(n, "day") + " left"
	}
}
