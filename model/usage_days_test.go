package model_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dev.keyward/keyward/model"
)

const aDay = 24 * time.Hour

// midnight is the beginning of the day of the tests' clock.
var midnight = now.Truncate(aDay)

func dayNumber(n int) int32 { return int32(midnight.Unix()/(24*60*60)) + int32(n) }

// Calls count for the day in UTC on which they came, also where that changes
// between two drains, and what nobody kept keeps its days.
func TestMeterCountsByTheDay(t *testing.T) {
	var m model.Meter
	yes, no := counted(1, model.Primary, model.Allowed), counted(1, model.Primary, model.KeyDisabled)
	m.Count(yes, here, midnight.Add(-time.Nanosecond))
	m.Count(no, here, midnight.Add(-time.Nanosecond))
	m.Count(no, here, midnight)
	m.Count(yes, here, midnight.Add(time.Hour))
	m.Count(yes, here, midnight.Add(-time.Second)) // another core, a little behind
	want := []model.Usage{{
		Key: 1, Slot: model.Primary, Allowed: 3, Denied: 2, Last: model.At(midnight.Add(time.Hour)), Remote: "10.0.0.7",
		Days:    []model.DayUse{{Day: dayNumber(-1), Allowed: 1, Denied: 1}, {Day: dayNumber(0), Allowed: 2, Denied: 1}},
		Callers: []model.CallerUse{{Remote: "10.0.0.7", Last: model.At(midnight.Add(time.Hour))}},
	}}
	list := drained(&m)
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	m.Return(list)
	m.Count(yes, there, midnight.Add(2*aDay))
	want[0].Allowed, want[0].Last, want[0].Remote = 4, model.At(midnight.Add(2*aDay)), "2001:db8::1"
	want[0].Days = append(want[0].Days, model.DayUse{Day: dayNumber(2), Allowed: 1})
	want[0].Callers = append([]model.CallerUse{{Remote: "2001:db8::1", Last: want[0].Last}}, want[0].Callers...)
	if diff := cmp.Diff(want, drained(&m)); diff != "" {
		t.Errorf("with what was returned (-want +got):\n%s", diff)
	}
}

// A caller is an address, whatever its ports; no more than MaxCallers are known.
func TestMeterTellsCallersApart(t *testing.T) {
	for _, test := range []struct{ addresses, want int }{{1, 1}, {2, 2}, {3, 3}, {7, 7}, {8, 8}, {9, 8}, {300, 8}} {
		var m model.Meter
		for round := range 3 {
			for i := range test.addresses {
				m.Count(counted(1, model.Primary, model.Allowed), fmt.Sprintf("10.0.%d.%d:%d", i/256, i%256, 4000+round), now)
			}
		}
		m.Count(counted(1, model.Primary, model.Allowed), "[::ffff:10.0.0.0]:1", now) // the first, in IPv6's clothes
		m.Count(counted(1, model.Primary, model.KeyDisabled), "10.9.9.9:1", now)      // no caller that a change could cut off
		m.Count(counted(1, model.Primary, model.Allowed), "@", now)
		if u := drained(&m)[0]; len(u.Callers) != test.want {
			t.Errorf("%d addresses: %d callers: %v", test.addresses, len(u.Callers), u.Callers)
		}
	}
}

// What a service keeps of days and callers is bounded, true and survives.
func TestUsageByTheDayIsKept(t *testing.T) {
	w, _, _ := fixture(t)
	id := must(t)(w.Key(t.Context(), "app")).ID
	add := func(u model.Usage) {
		u.Key, u.Slot = id, model.Primary
		w.service.AddUsage([]model.Usage{u})
	}
	w.clock.Advance(-30 * aDay)
	for i := -30; i <= 0; i++ {
		at := model.At(midnight.AddDate(0, 0, i))
		add(model.Usage{
			Allowed: 2, Denied: 1, Last: at, Remote: "10.0.0.7", Days: []model.DayUse{{Day: dayNumber(i), Allowed: 2, Denied: 1}},
			Callers: []model.CallerUse{{Remote: fmt.Sprintf("10.0.0.%d", 100+i%10), Last: at}, {Remote: "\x1b[31m", Last: at}},
		})
		if i < 0 {
			w.clock.Advance(aDay)
		}
	}
	add(model.Usage{Days: []model.DayUse{{Day: dayNumber(9000), Allowed: 1}, {Day: dayNumber(-14), Allowed: 1}, {Day: math.MinInt32, Allowed: 1}}})
	add(model.Usage{Days: []model.DayUse{{Day: dayNumber(0), Allowed: math.MaxUint32}}})
	check := func(what string) {
		t.Helper()
		u := must(t)(w.Key(t.Context(), "app")).Slots[0].Usage
		if u == nil || len(u.Days) != model.UsageDays || len(u.Callers) != model.MaxCallers || u.Allowed != 62 {
			t.Fatalf("%s: %+v", what, u)
		}
		days := u.Fortnight(now)
		for i, d := range days {
			want := model.DayCalls{Day: model.At(midnight.AddDate(0, 0, i-13)), Allowed: 2, Denied: 1}
			if i == 13 {
				want.Allowed = math.MaxUint32
			}
			if d != want {
				t.Errorf("%s: day %d is %+v, want %+v", what, i, d, want)
			}
		}
		if n := len(u.CallersSince(model.At(midnight.AddDate(0, 0, -2)))); n != 3 {
			t.Errorf("%s: %d callers in three days", what, n)
		}
	}
	check("in memory")
	if err := w.service.FlushUsage(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.reopen()
	check("after reopening")
}

// Days that are not on record are zeros, and a record from before callers were
// counted has one: the last.
func TestFortnightOfLittle(t *testing.T) {
	var none *model.SlotUsage
	if days := none.Fortnight(now); days[13] != (model.DayCalls{Day: model.At(midnight)}) || none.CallersSince(0) != nil {
		t.Errorf("%+v", days)
	}
	old := model.SlotUsage{LastUsed: model.At(now), Remote: "10.0.0.7", Allowed: 3,
		Days: []model.DayCalls{{Day: model.At(midnight.AddDate(0, 0, -20)), Allowed: 5}, {Day: model.At(midnight.AddDate(0, 0, -1)), Allowed: 4}}}
	days := old.Fortnight(now)
	for i, d := range days {
		if want := map[int]uint64{12: 4}[i]; d.Allowed != want {
			t.Errorf("day %d has %d calls, want %d", i, d.Allowed, want)
		}
	}
	if diff := cmp.Diff([]model.CallerUse{{Remote: "10.0.0.7", Last: model.At(now)}}, old.CallersSince(model.At(now.Add(-aDay)))); diff != "" {
		t.Error(diff)
	}
	if c := old.CallersSince(model.At(now.Add(time.Hour))); c != nil {
		t.Errorf("later: %v", c)
	}
}

// BenchmarkMeterCallers counts calls of one key from several addresses in turn.
func BenchmarkMeterCallers(b *testing.B) {
	for _, callers := range []int{1, 2, 8} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			var m model.Meter
			d := counted(1, model.Primary, model.Allowed)
			var from []string
			for i := range callers {
				from = append(from, fmt.Sprintf("10.0.0.%d:4242", i))
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				m.Count(d, from[i%callers], now)
			}
		})
	}
}
