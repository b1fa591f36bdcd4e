package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dev.keyward/keyward/model"
)

// called has a slot called so long before the world's time, each caller at its
// own.
func (w *world) calledSince(name string, slot model.SlotName, ago map[string]time.Duration) {
	w.t.Helper()
	u := model.Usage{Key: w.key(name).ID, Slot: slot, Allowed: 1}
	for remote, d := range ago {
		at := model.At(w.now.Add(-d).Truncate(time.Minute))
		u.Callers = append(u.Callers, model.CallerUse{Remote: remote, Last: at})
		if at > u.Last {
			u.Last, u.Remote = at, remote
		}
	}
	w.service.AddUsage([]model.Usage{u})
}

// The step that is to be done now follows from what is known, at every size.
func TestStepsOfARotation(t *testing.T) {
	const primary, secondary = model.Primary, model.Secondary
	type ago = map[string]time.Duration
	hour, day := time.Hour, 24*time.Hour
	for _, test := range []struct {
		name string
		set  func(w *world)
		tab  bool
		want string // the step with the mark
		head string
	}{
		{"primary in use alone", func(w *world) { w.calledSince("crm sync", primary, ago{"10.0.0.7": hour}) }, false,
			"1. Regenerate secondary, unless its secret is stored", "The safe order to renew primary"},
		{"secondary regenerated", func(w *world) {
			w.calledSince("crm sync", primary, ago{"10.0.0.7": hour})
			w.remake("crm sync", secondary, 0)
		}, false, "2. Give every caller the secondary secret. Nobody has used it yet.", "1. Regenerate secondary, and store it: done just now."},
		{"secondary regenerated, with a grace period", func(w *world) {
			w.calledSince("crm sync", primary, ago{"10.0.0.7": hour})
			w.remake("crm sync", secondary, day)
			w.calledSince("crm sync", secondary, ago{"10.0.0.9": 0})
		}, false, "2. Give every caller the secondary secret. Calls with the one before it", "The safe order to renew primary"},
		{"others use secondary", func(w *world) {
			w.calledSince("crm sync", primary, ago{"10.0.0.7": hour})
			w.calledSince("crm sync", secondary, ago{"10.0.0.9": hour})
		}, false, "2. Give every caller the secondary secret. 0 of 1 caller moved.", "✓ 1. Secondary is in use: take its secret"},
		{"two of three went over", func(w *world) {
			w.calledSince("crm sync", primary, ago{"10.0.0.7": 3 * hour, "10.0.0.8": 4 * hour, "10.0.0.9": 5 * hour})
			w.remake("crm sync", secondary, 0)
			w.calledSince("crm sync", secondary, ago{"10.0.0.8": 0, "10.0.0.9": 0})
		}, false, "3. Wait until primary is quiet: no call in 24 h. 2 of 3 callers moved.", "The safe order to renew primary"},
		{"all went over", func(w *world) {
			w.calledSince("crm sync", primary, ago{"10.0.0.7": 30 * hour})
			w.calledSince("crm sync", secondary, ago{"10.0.0.7": hour})
		}, false, "4. Regenerate primary: nobody is cut off.", "✓ 3. Wait until"},
		{"primary never used", func(*world) {}, false, "1. Regenerate primary: no call ever used it", "The safe order to renew primary"},
		{"primary regenerated at the end", func(w *world) {
			w.calledSince("crm sync", primary, ago{"10.0.0.7": 30 * hour})
			w.calledSince("crm sync", secondary, ago{"10.0.0.7": hour})
			w.remake("crm sync", primary, 0)
		}, false, "2. To renew secondary too, tab shows its steps.", "1. Nothing for callers: they use secondary."},
		{"the other slot after that", func(w *world) {
			w.calledSince("crm sync", primary, ago{"10.0.0.7": 30 * hour})
			w.calledSince("crm sync", secondary, ago{"10.0.0.7": hour})
			w.remake("crm sync", primary, 0)
		}, true, "2. Give every caller the primary secret. Nobody has used it yet.", "The safe order to renew secondary"},
		{"primary regenerated with a grace period", func(w *world) {
			w.calledSince("crm sync", primary, ago{"10.0.0.7": hour})
			w.remake("crm sync", primary, day)
		}, false, "1. Give every caller the new primary secret; nobody has used it yet.", "2. The old one, "},
		{"and used since", func(w *world) {
			w.remake("crm sync", primary, day)
			w.calledSince("crm sync", primary, ago{"10.0.0.7": 0})
		}, false, "1. Give every caller the new primary secret.", "2. The old one, "},
		{"primary regenerated without one", func(w *world) {
			w.calledSince("crm sync", primary, ago{"10.0.0.7": hour})
			w.remake("crm sync", primary, 0)
		}, false, "1. Give every caller the new primary secret; nobody has used it yet.", "Primary was made anew just now: what is left"},
		{"a month after", func(w *world) {
			w.remake("crm sync", primary, 0)
			w.now = w.now.Add(30 * day)
			w.calledSince("crm sync", primary, ago{"10.0.0.7": hour})
		}, false, "1. Regenerate secondary, unless its secret is stored", "The safe order to renew primary"},
	} {
		for _, size := range certificateSizes {
			t.Run(test.name, func(t *testing.T) {
				w := newWorld(t)
				w.resize(size.width, size.height)
				variety(w)
				w.now = w.now.Add(2 * day)
				w.start()
				test.set(w)
				w.show(newRotation(w.rt, w.key("crm sync").ID, "crm sync"))
				if test.tab {
					w.press("tab")
				}
				text := strings.Join(strings.Fields(w.screen()), " ")
				for _, want := range []string{"▸ " + test.want, test.head} {
					if !strings.Contains(text, want) {
						t.Errorf("at %dx%d there is no %q in:\n%s", size.width, size.height, want, w.screen())
					}
				}
				if n := strings.Count(text, "▸"); n != 1 {
					t.Errorf("%d steps are to be done now:\n%s", n, w.screen())
				}
			})
		}
	}
}

// What regenerating means is said whole on the smallest terminal, whoever calls.
func TestRenewalSaysAllAtTheSmallest(t *testing.T) {
	w := newWorld(t)
	w.resize(60, 16)
	variety(w)
	w.start()
	const name = "billing-nightly" // in production
	var remotes []string
	for i := range model.MaxCallers {
		remotes = append(remotes, "2001:db8:1234:5678:9abc:def0:1234:"+string(rune('1'+i)))
	}
	w.uses(name, model.Primary, 4*time.Minute, remotes...)
	w.show(newRenewal(w.rt, w.key(name).ID, name, model.Primary))
	for _, keys := range [][]string{{"tab"}, {"up"}, {"up"}, {"down", "down", "down"}} {
		w.press(keys...)
		text := strings.Join(strings.Fields(w.screen()), " ")
		if !strings.Contains(text, "shown once; the old one") || !strings.Contains(text, "8 or more callers used it") || !strings.Contains(text, "◆") {
			t.Errorf("it stops in the middle:\n%s", w.screen())
		}
	}
	if diff := cmp.Diff(16, strings.Count(w.screen(), "\n")+1); diff != "" {
		t.Error(diff)
	}
}

// The key that regenerates means the slot of the step that is to be done, until
// the cursor is moved.
func TestRotationActsOnTheMarkedStep(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.calledSince("crm sync", model.Primary, map[string]time.Duration{"10.0.0.7": time.Hour})
	w.rotates("crm sync")
	w.sees("› Secondary", "▸ 1. Regenerate secondary", "r regenerate secondary  tab other slot", "still uses primary", "Begin with")
	w.resize(60, 16)
	w.sees("r regenerate secondary  tab other slot")
	w.press("tab")
	w.sees("› Primary", "r regenerate primary", "renew primary")
	w.press("tab")
	w.sees("› Secondary", "r regenerate secondary", "renew secondary")
	w.press("up")
	w.sees("› Primary")
	w.remake("crm sync", model.Secondary, 0)
	w.send(changedMsg{})
	w.sees("› Primary", "▸ 2. Give every caller", "r regenerate primary")
	w.press("esc")
	w.rotates("crm sync")
	if w.press("r"); w.app.top().(*renewal).slot != 0 {
		t.Error("r is about the other slot")
	}
}
