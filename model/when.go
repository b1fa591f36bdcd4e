package model

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// maxSpan is the longest time from now that can be written, a hundred years:
// far below where durations and instants end.
const maxSpan = 36525 * day

// ParseSpan reads a length of time: numbers with a unit each, such as "90d",
// "12h", "4w" or "1h30m". The longest is a hundred years.
func ParseSpan(text string) (time.Duration, error) {
	bad := Invalid("time", "%q is not a length of time: write 90d, 12h, 4w or 30m", Clean(text))
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
			return 0, Invalid("time", "%s is longer than 100 years: write less", Clean(text))
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

// ParseExpiry reads when a key is to expire: a day, through whose end in UTC
// the key works; a moment of RFC 3339; or a length of time from now. It is
// after now, and within a hundred years. The error is an *InputError about
// "expires".
func ParseExpiry(text string, now time.Time) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err == nil {
		t = EndOfDay(t)
	} else if t, err = time.Parse(time.RFC3339, text); err != nil {
		span, err := ParseSpan(text)
		if err != nil {
			return time.Time{}, Invalid("expires", "%q is no time that can be read: write a day (2027-01-31, through its end in UTC), "+
				"a moment (2027-01-31T18:00:00Z) or a time from now (90d, 12h, 4w)", Clean(text))
		}
		t = now.Add(span).Truncate(time.Second)
	}
	if t.Sub(now) > maxSpan {
		return time.Time{}, Invalid("expires", "the expiry is more than 100 years away: leave it out for a key that never expires")
	}
	if !t.After(now) {
		return time.Time{}, pastExpiry(t)
	}
	return t, nil
}

func pastExpiry(t time.Time) error {
	return Invalid("expires", "the expiry %s is past: name a time to come", At(t).Text())
}

// EndOfDay returns the last second of t's day, in UTC.
func EndOfDay(t time.Time) time.Time {
	year, month, day := t.UTC().Date()
	return time.Date(year, month, day, 23, 59, 59, 0, time.UTC)
}

// daysBetween returns how many midnights in UTC lie between from and to,
// negative where to is the earlier. A Duration would end at 292 years.
func daysBetween(from, to time.Time) int {
	return unixDay(to) - unixDay(from)
}

func unixDay(t time.Time) int {
	const seconds = int64(day / time.Second)
	since := t.Unix()
	if since < 0 {
		since -= seconds - 1 // division rounds towards zero
	}
	return int(since / seconds)
}

// ParseGrace reads how long a replaced secret goes on working: a length of
// time, or "0" or "now" for not at all. The session bounds it.
func ParseGrace(text string) (time.Duration, error) {
	if text == "0" || text == "now" {
		return 0, nil
	}
	return ParseSpan(text)
}

// Text writes the moment for people, to the minute; "never" for none.
func (i Instant) Text() string {
	switch i {
	case 0:
		return "never"
	case endless:
		return "no end"
	}
	return i.Time().Format("2006-01-02 15:04 UTC")
}

// DayText writes the moment's day in UTC, or "never" for none.
func (i Instant) DayText() string {
	switch i {
	case 0:
		return "never"
	case endless:
		return "no end"
	}
	return i.Time().Format(time.DateOnly)
}

// Ago says how long the moment is past, in at most 10 characters: "4 min ago",
// "2 h ago", "3 d ago"; "never" for none. What the clock of another process puts
// into the future is "just now".
func (i Instant) Ago(now time.Time) string {
	if i == 0 {
		return "never"
	}
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
