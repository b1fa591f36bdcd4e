package tui

import (
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// used has some keys of variety used.
func used(w *world) {
	w.t.Helper()
	at := func(d time.Duration) model.Instant { return model.At(w.now.Add(-d).Truncate(time.Minute)) }
	list := func(name string, slot model.SlotName, u model.Usage) model.Usage {
		u.Key, u.Slot = w.key(name).ID, slot
		return u
	}
	w.service.AddUsage([]model.Usage{
		list("crm sync", model.Primary, model.Usage{Last: at(4 * time.Minute), Remote: "10.0.0.7", Allowed: 1204, Denied: 3}),
		list("crm sync", model.Secondary, model.Usage{Denied: 12}),
		list("kiosk", model.Primary, model.Usage{Last: at(2 * time.Hour), Remote: "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff", Allowed: 1}),
		list("warehouse", model.Secondary, model.Usage{Last: at(80 * time.Hour), Remote: "10.0.0.8", Allowed: 12_345_678, Denied: 1}),
		list("old", model.Primary, model.Usage{Last: at(0), Remote: "10.0.0.9", Allowed: 1}),
	})
}

func TestUsageViews(t *testing.T) {
	everySize(t, "list", func(w *world) { variety(w); used(w); w.start() })
	everySize(t, "token", func(w *world) {
		variety(w)
		used(w)
		w.opens("crm sync")
		w.press("down", "down", "down", "down", "down", "down")
	})
	everySize(t, "certificates", func(w *world) { variety(w); used(w); w.opens("warehouse"); w.press("end") })
	everySize(t, "long address", func(w *world) { variety(w); used(w); w.opens("kiosk"); w.press("down", "down", "down", "down", "down") })
}

func TestAgo(t *testing.T) {
	for _, test := range []struct {
		past time.Duration
		want string
	}{
		{-time.Hour, "just now"}, {0, "just now"}, {59 * time.Second, "just now"}, {time.Minute, "1 min ago"}, {59*time.Minute + 59*time.Second, "59 min ago"},
		{time.Hour, "1 h ago"}, {47 * time.Hour, "47 h ago"}, {48 * time.Hour, "2 d ago"}, {729 * 24 * time.Hour, "729 d ago"},
		{730 * 24 * time.Hour, "2 y ago"}, {99 * 365 * 24 * time.Hour, "99 y ago"},
	} {
		got := model.At(testNow.Add(-test.past)).Ago(testNow)
		if got != test.want {
			t.Errorf("%v past is %q, want %q", test.past, got, test.want)
		}
		if cells(got) > 10 {
			t.Errorf("%q has no room in the list", got)
		}
	}
	if got := model.Instant(0).Ago(testNow); got != "never" {
		t.Errorf("what never was is %q", got)
	}
}

// Where the address came from is not the console's to trust.
func TestHostileUsage(t *testing.T) {
	for _, text := range hostile {
		w := newWorld(t)
		variety(w)
		w.service.AddUsage([]model.Usage{{Key: w.key("kiosk").ID, Slot: model.Primary, Last: model.At(w.now), Remote: text, Allowed: 1 << 63}})
		w.opens("kiosk")
		w.shown("an address")
	}
}
