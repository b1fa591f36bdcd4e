package tui

import (
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// usedAt has a slot called by one caller in the minute of a time, as endpoints
// tell: to the minute.
func (w *world) usedAt(name string, slot model.SlotName, at time.Time) {
	w.t.Helper()
	minute := model.At(at.Truncate(time.Minute))
	w.service.AddUsage([]model.Usage{{Key: w.key(name).ID, Slot: slot, Allowed: 1, Last: minute, Remote: "10.0.0.7",
		Callers: []model.CallerUse{{Remote: "10.0.0.7", Last: minute}}}})
}

// The three lines about a slot that was used in the minute in which it was made
// say the same, whatever of it can be known.
func TestRotationUsedInTheMinuteOfItsMaking(t *testing.T) {
	for name, tt := range map[string]struct {
		regenerated bool
		after       time.Duration // of the making to the use
		want, not   []string
	}{
		"never made anew": {false, 5 * time.Second,
			[]string{"1 caller still uses primary"}, []string{"anew", "Nobody", "not known yet"}},
		"made anew, in that minute": {true, 5 * time.Second,
			[]string{"in the minute in which it was made anew", "with the old secret or with the new one", "whether one has it is not known yet"},
			[]string{"before it was made anew", "Nothing: callers use the new one", "still uses", "nobody has used it"}},
		"made anew, and used before": {true, -time.Hour,
			[]string{"before it was made anew", "nobody has used it yet", "Nobody used primary"}, []string{"still uses", "in the minute", "callers use the new one"}},
		"made anew, and used later": {true, 2 * time.Minute,
			[]string{"1 caller still uses primary", "Nothing: callers use the new one"}, []string{"anew,", "before it", "in the minute", "not known"}},
	} {
		for _, size := range []struct{ width, height int }{{80, 24}, {160, 50}} {
			w := newWorld(t)
			w.resize(size.width, size.height)
			w.now = testNow.Add(-48*time.Hour + 30*time.Second)
			variety(w)
			made := w.now
			if tt.regenerated {
				made = testNow.Add(30 * time.Second)
				w.now = made
				w.remake("crm sync", model.Primary, 0)
			}
			w.usedAt("crm sync", model.Primary, made.Add(tt.after))
			w.now = made.Add(max(tt.after, 0) + 5*time.Second)
			w.rotates("crm sync")
			if !tt.regenerated {
				w.press("tab") // to primary, which is in use
			}
			text := strings.Join(strings.Fields(w.screen()), " ")
			for _, want := range tt.want {
				if !strings.Contains(text, want) {
					t.Errorf("%s: no %q in:\n%s", name, want, w.screen())
				}
			}
			for _, not := range tt.not {
				if strings.Contains(text, not) {
					t.Errorf("%s: %q in:\n%s", name, not, w.screen())
				}
			}
		}
	}
}

// What replaced a secret in the minute of its last use is not taken for one that
// callers have: the old slot is not said to be free to go.
func TestRotationTakesNoDoubtfulUseForGoingOver(t *testing.T) {
	w := newWorld(t)
	w.resize(120, 40)
	variety(w)
	w.now = testNow.Add(30 * time.Second)
	w.usedAt("crm sync", model.Primary, w.now.Add(-30*time.Hour))
	w.usedAt("crm sync", model.Secondary, w.now.Add(-20*time.Second))
	w.remake("crm sync", model.Secondary, 0)
	w.now = w.now.Add(10 * time.Second)
	w.rotates("crm sync")
	w.sees("▸ 2. Give every caller the secondary secret. Whether one has it is not known yet.")
	w.seesNot("▸ 4.")
}

// Of a key, or a certificate, that nobody gets in with no change cuts anybody off,
// and the key's state is told.
func TestRotationOfWhatIsRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		set       func(w *world)
		key       string
		want, not []string
	}{
		"disabled": {func(w *world) { w.disable("crm sync") }, "crm sync",
			[]string{"crm sync ○ disabled", "The key is disabled: nobody gets in with it", "▸ 1. Regenerate primary, and store it: nobody gets in now", "then enable the key"},
			[]string{"still uses", "Wait until"}},
		"expired": {func(w *world) {
			at := w.now.Add(time.Minute)
			if _, err := w.session.EditKey(w.t.Context(), "crm sync", model.KeyEdit{Expires: &at}); err != nil {
				w.t.Fatal(err)
			}
			w.now = w.now.Add(2 * time.Minute)
		}, "crm sync",
			[]string{"crm sync ✗ expired 2026-11-23", "The key expired on 2026-11-23: nobody gets in with it", "a later expiry"}, []string{"still uses", "Wait until"}},
		"expired certificate": {func(w *world) {
			w.now = testNow.AddDate(0, 0, 13)
			w.usedAt("full", model.Primary, w.now.Add(-12*time.Hour-time.Hour))
		}, "full",
			[]string{"The primary certificate expired", "taking it out cuts nobody off", "▸ 1. Take the primary one out: it has expired, nobody is cut off.", "› Primary"},
			[]string{"still uses", "Wait until", "is refused"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			renewals(w)
			w.usedAt(tt.key, model.Primary, w.now.Add(-time.Hour))
			tt.set(w)
			w.rotates(tt.key)
			text := strings.Join(strings.Fields(w.screen()), " ")
			for _, want := range tt.want {
				if !strings.Contains(text, want) {
					t.Errorf("no %q in:\n%s", want, w.screen())
				}
			}
			for _, not := range tt.not {
				if strings.Contains(text, not) {
					t.Errorf("%q in:\n%s", not, w.screen())
				}
			}
		})
	}
}

// Of a deleted key that is told, and where it is.
func TestRotationOfADeletedKey(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	id := w.key("crm sync").ID
	if err := w.session.DeleteKey(t.Context(), "crm sync"); err != nil {
		t.Fatal(err)
	}
	for _, width := range []int{60, 80} {
		w.resize(width, 24)
		w.show(newRotation(w.rt, id, "crm sync"))
		w.sees("It was deleted: nobody gets in with it. B shows the bin", "esc goes back")
		w.press("esc")
	}
}

// The questions before a certificate or a key goes warn of nobody who is refused
// already.
func TestQuestionsOfWhatIsRefused(t *testing.T) {
	w := newWorld(t)
	renewals(w)
	w.now = testNow.AddDate(0, 0, 13) // "full primary" ended yesterday
	w.usedAt("full", model.Primary, w.now.Add(-13*time.Hour))
	w.rotates("full")
	w.press("x")
	w.sees("Remove the primary certificate", "expired", "nobody is cut off", "The secondary one goes on working.", "· 1 caller used primary, the last 13 h ago")
	w.seesNot("still uses", "refused from its next call")
	w.press("esc", "esc", "C", "/")
	w.write("full primary")
	w.press("enter", "x")
	w.sees("Remove the primary certificate", "nobody is cut off")
	w.seesNot("still uses", "refused from its next call")

	w = newWorld(t)
	variety(w)
	w.usedAt("crm sync", model.Primary, w.now.Add(-time.Hour))
	w.disable("crm sync")
	w.resize(120, 40)
	w.start()
	w.opens("crm sync")
	w.press("r")
	w.seesNot("still uses")
	w.press("enter")
	w.sees("· 1 caller used primary, the last 1 h ago: nobody gets in now, for")
}
