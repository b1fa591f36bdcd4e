package model_test

import (
	"errors"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

const (
	day     = 24 * time.Hour
	maxSpan = 36525 * day
)

func TestParseSpan(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		want time.Duration
	}{
		{"90d", 90 * day},
		{"12h", 12 * time.Hour},
		{"4w", 28 * day},
		{"30m", 30 * time.Minute},
		{"1h30m", 90 * time.Minute},
		{"0d", 0},
		{"36525d", maxSpan},
	} {
		if got, err := model.ParseSpan(test.text); err != nil || got != test.want {
			t.Errorf("ParseSpan(%q) = %v, %v; want %v", test.text, got, err, test.want)
		}
	}
	for _, text := range []string{"", "d", "90", "90 d", "-1d", "+1d", "1.5h", "1y", "1D", "d1", "1d2", "36526d", "99999999999999999999d", "9223372036854775807w", "１d"} {
		if got, err := model.ParseSpan(text); !errors.Is(err, model.ErrInvalid) {
			t.Errorf("ParseSpan(%q) = %v, %v; want a refusal", text, got, err)
		}
	}
}

func TestParseExpiry(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.November, 21, 9, 30, 0, 0, time.UTC)
	for _, test := range []struct{ text, want string }{
		{"2027-01-31", "2027-01-31T23:59:59Z"},
		{"2026-11-21", "2026-11-21T23:59:59Z"},
		{"2027-01-31T18:00:00Z", "2027-01-31T18:00:00Z"},
		{"2027-01-31T18:00:00+02:00", "2027-01-31T16:00:00Z"},
		{"90d", "2027-02-19T09:30:00Z"},
		{"12h", "2026-11-21T21:30:00Z"},
		{"1s", "2026-11-21T09:30:01Z"},
		{"2126-10-28", "2126-10-28T23:59:59Z"},
	} {
		got, err := model.ParseExpiry(test.text, now)
		if err != nil || got.UTC().Format(time.RFC3339) != test.want {
			t.Errorf("ParseExpiry(%q) = %v, %v; want %s", test.text, got, err, test.want)
		}
	}
	for _, text := range []string{"", "soon", "2027-13-01", "2027-02-30", "31.01.2027", "2127-01-31", "9999-12-31", "2027-01-31 18:00",
		"2001-01-01", "2026-11-20", "2026-11-21T09:30:00Z", "0001-01-01T00:00:00Z", "0d", "-1d", "90", "36526d"} {
		if got, err := model.ParseExpiry(text, now); !errors.Is(err, model.ErrInvalid) {
			t.Errorf("ParseExpiry(%q) = %v, %v; want a refusal", text, got, err)
		}
	}
}

func TestParseExpiryIsInWholeSeconds(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.November, 21, 9, 30, 0, 900, time.UTC)
	if got, err := model.ParseExpiry("12h", now); err != nil || got.Nanosecond() != 0 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestInstantTexts(t *testing.T) {
	t.Parallel()
	i := model.At(time.Date(2027, time.January, 31, 23, 59, 59, 0, time.FixedZone("far", -3600)))
	for _, test := range []struct{ got, want string }{
		{i.Text(), "2027-02-01 00:59 UTC"}, {i.DayText(), "2027-02-01"},
		{model.Instant(0).Text(), "never"}, {model.Instant(0).DayText(), "never"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}

func TestParseGrace(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{"0": 0, "now": 0, "1h": time.Hour, "7d": 7 * day} {
		if got, err := model.ParseGrace(text); err != nil || got != want {
			t.Errorf("ParseGrace(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	if _, err := model.ParseGrace("later"); err == nil {
		t.Error("ParseGrace took \"later\"")
	}
}

func FuzzParseSpan(f *testing.F) {
	f.Add("90d")
	f.Add("1h30m")
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := model.ParseSpan(text); err == nil && (got < 0 || got > maxSpan) {
			t.Errorf("ParseSpan(%q) = %v", text, got)
		}
	})
}
