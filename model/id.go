package model

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"time"
)

// ID names a key, a workflow or an environment for good: names change, ids do
// not. It is random, 64 bits, shown as 16 hexadecimal digits; zero is no id.
// The store refuses an id that is taken, so a clash is an error, never a mix-up.
type ID uint64

// NewID draws an id from random.
func NewID(random io.Reader) (ID, error) {
	var b [8]byte
	for {
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return 0, fmt.Errorf("drawing an id: %w", err)
		}
		if id := ID(binary.BigEndian.Uint64(b[:])); id != 0 {
			return id, nil
		}
	}
}

// ParseID reads what String wrote.
func ParseID(s string) (ID, bool) {
	if len(s) != 16 {
		return 0, false
	}
	n, err := strconv.ParseUint(s, 16, 64)
	return ID(n), err == nil && n != 0
}

// String returns 16 lower-case hexadecimal digits, or "" for no id.
func (id ID) String() string {
	if id == 0 {
		return ""
	}
	return fmt.Sprintf("%016x", uint64(id))
}

// MarshalText writes what String returns.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (id *ID) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*id = 0
		return nil
	}
	v, ok := ParseID(string(b))
	if !ok {
		return fmt.Errorf("parsing an id: %q is not 16 hexadecimal digits", b)
	}
	*id = v
	return nil
}

// sortIDs orders ids and drops repeats, so that a set has one form and can be
// searched.
func sortIDs(ids []ID) []ID {
	slices.SortFunc(ids, func(a, b ID) int { return cmp.Compare(a, b) })
	return slices.Compact(ids)
}

// Instant is a point in time as it is kept: Unix nanoseconds, zero for none.
// A third of time.Time's size, of which a million keys hold four each.
type Instant int64

// endless is the last instant there is. Certificates that RFC 5280 §4.1.2.5
// gives no end, by the year 9999, have it.
const endless Instant = math.MaxInt64

// At returns the instant of t; the zero time gives none. What lies outside the
// years 1678 to 2261 becomes the first or last instant: certificates without an
// end say 9999.
func At(t time.Time) Instant {
	switch year := t.Year(); {
	case t.IsZero():
		return 0
	case year < 1678:
		return math.MinInt64
	case year > 2261:
		return endless
	}
	return Instant(t.UnixNano())
}

// Time returns the instant as UTC, or the zero time for none.
func (i Instant) Time() time.Time {
	if i == 0 {
		return time.Time{}
	}
	return time.Unix(0, int64(i)).UTC()
}

// MarshalText writes RFC 3339 with nanoseconds, or nothing for none.
func (i Instant) MarshalText() ([]byte, error) {
	if i == 0 {
		return nil, nil
	}
	return i.Time().AppendFormat(nil, time.RFC3339Nano), nil
}

// UnmarshalText reads what MarshalText wrote.
func (i *Instant) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*i = 0
		return nil
	}
	t, err := time.Parse(time.RFC3339Nano, string(b))
	if err != nil {
		return fmt.Errorf("parsing a time: %w", err)
	}
	*i = At(t)
	return nil
}
