package tui

import (
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// called puts calls of a key on record: the last one so long ago, and so many that
// day.
func (w *world) called(name string, slot model.SlotName, ago time.Duration, calls uint32) {
	w.t.Helper()
	at := w.now.Add(-ago)
	w.service.AddUsage([]model.Usage{{Key: w.key(name).ID, Slot: slot, Last: model.At(at), Allowed: uint64(calls),
		Days: []model.DayUse{{Day: int32(at.Unix() / 86400), Allowed: calls}}}})
}

// Bulk work that stops keys says how many of them are in use, and names the
// busiest.
func TestBulkSaysWhatIsUsed(t *testing.T) {
	for name, test := range map[string]struct {
		use  func(w *world)
		keys []string
		want string
		not  string
	}{
		"none":     {func(*world) {}, []string{"*"}, "", "24 h"},
		"long ago": {func(w *world) { w.called("a", model.Primary, 25*time.Hour, 1000) }, []string{"*"}, "", "24 h"},
		"one": {func(w *world) { w.called("b", model.Secondary, 2*time.Minute, 1) }, []string{"*"},
			"! 1 of 4 was used in the last 24 h: b 2 min ago", "…,"},
		"the busiest first": {func(w *world) {
			w.called("a", model.Primary, time.Minute, 3)
			w.called("b", model.Primary, 3*time.Hour, 40)
			w.called("b", model.Secondary, 4*time.Hour, 40)
			w.called("c", model.Primary, 2*time.Minute, 50)
			w.called("d", model.Primary, 30*time.Hour, 5000)
		}, []string{"*"}, "! 3 of 4 were used in the last 24 h: b 3 h ago, c 2 min ago, …", "d 1"},
		"a single one": {func(w *world) { w.called("a", model.Primary, 2*time.Minute, 1) }, []string{"space"},
			"! It was used in the last 24 h: 2 min ago.", ""},
	} {
		for _, key := range []string{"e", "d"} {
			t.Run(name+" "+key, func(t *testing.T) {
				w := newWorld(t)
				w.resize(120, 40)
				few(w)
				test.use(w)
				w.start()
				w.press(test.keys...)
				w.press(key)
				if w.app.prompt == nil {
					t.Fatal("nothing is asked")
				}
				w.sees(test.want)
				if test.not != "" {
					w.seesNot(test.not)
				}
			})
		}
	}
}

// Enabling cuts nobody off: it warns of nothing.
func TestBulkEnableWarnsOfNoUse(t *testing.T) {
	w := newWorld(t)
	few(w)
	for _, name := range []string{"a", "b", "c", "d"} {
		w.called(name, model.Primary, time.Minute, 1)
		w.disable(name)
	}
	w.start()
	w.press("*", "e")
	w.sees("Enable 4 keys?")
	w.seesNot("24 h")
}

func TestBulkUsedViews(t *testing.T) {
	for _, key := range []string{"e", "d"} {
		everySize(t, "used "+key, func(w *world) {
			variety(w)
			w.called("billing-nightly", model.Primary, 2*time.Minute, 400)
			w.called("crm sync", model.Primary, 3*time.Hour, 7)
			w.called("warehouse", model.Primary, 20*time.Hour, 90)
			w.start()
			w.press("*", key)
		})
	}
}
