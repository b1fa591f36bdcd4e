package tui

import (
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// calledBy has a slot called from an address in the minute of a time.
func (w *world) calledBy(name string, slot model.SlotName, remote string, at time.Time) {
	w.t.Helper()
	minute := model.At(at.Truncate(time.Minute))
	w.service.AddUsage([]model.Usage{{Key: w.key(name).ID, Slot: slot, Allowed: 1, Last: minute, Remote: remote,
		Callers: []model.CallerUse{{Remote: remote, Last: minute}}}})
}

// says fails the test where the screen, as one line, does not hold the texts.
func (w *world) says(texts ...string) {
	w.t.Helper()
	words := strings.Join(strings.Fields(w.screen()), " ")
	for _, text := range texts {
		if !strings.Contains(words, text) {
			w.t.Errorf("no %q in:\n%s", text, w.screen())
		}
	}
}

// Whoever used a slot that was made anew without a grace period is refused: that
// others use the other slot does not help them.
func TestRotationLeftBehind(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.resize(120, 40)
	w.calledBy("crm sync", model.Primary, "10.0.0.2", w.now)
	w.calledBy("crm sync", model.Secondary, "10.0.0.3", w.now.Add(-2*time.Hour))
	w.now = w.now.Add(5 * time.Minute)
	w.remake("crm sync", model.Secondary, 0)
	w.calledBy("crm sync", model.Primary, "10.0.0.2", w.now.Add(time.Minute))
	w.now = w.now.Add(2 * time.Minute)
	w.rotates("crm sync")
	if !strings.Contains(w.screen(), "Secondary was made anew") {
		w.press("tab")
	}
	w.says("Give every caller the new secondary secret; nobody has used it yet. 1 caller of the last 24 h is refused until then.")
	w.seesNot("Nothing for callers")
	w.calledBy("crm sync", model.Primary, "10.0.0.3", w.now)
	w.now = w.now.Add(time.Minute)
	w.press("ctrl+r")
	w.says("Nothing for callers: they use primary.")
	w.seesNot("is refused until then")
}

// A slot that nobody uses has nothing for its callers, with a grace period as
// without one.
func TestRotationOfAQuietSlot(t *testing.T) {
	for _, grace := range []time.Duration{0, 24 * time.Hour} {
		w := newWorld(t)
		variety(w)
		w.resize(120, 40)
		w.now = w.now.Add(5 * time.Minute)
		w.remake("crm sync", model.Secondary, grace)
		w.calledBy("crm sync", model.Primary, "10.0.0.2", w.now)
		w.now = w.now.Add(2 * time.Minute)
		w.rotates("crm sync")
		if !strings.Contains(w.screen(), "Secondary was made anew") {
			w.press("tab")
		}
		w.says("Nothing for callers: they use primary.")
	}
}

// Of two replaced secrets that still work each has its end told, and the one that
// ends first comes first.
func TestRotationOfTwoReplaced(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.resize(120, 45)
	w.calledBy("crm sync", model.Primary, "10.0.0.2", w.now)
	w.now = w.now.Add(5 * time.Minute)
	first, second := w.remakeWith("crm sync", time.Hour), w.remakeWith("crm sync", 24*time.Hour)
	w.calledBy("crm sync", model.Primary, "10.0.0.2", w.now.Add(time.Minute))
	w.now = w.now.Add(2 * time.Minute)
	w.rotates("crm sync")
	if !strings.Contains(w.screen(), "Primary was made anew") {
		w.press("tab")
	}
	w.says("With which of the old secrets, or with the new one, is not told apart. The 2 old ones are refused: "+first+" from ",
		"in 58 min; "+second+" from ", "in 23 h.")
	w.press("r", "enter")
	w.says("One that still has an earlier secret is refused sooner:", first+" ends in 58 min.")
	w.press("esc", "esc", "esc")
	w.finds("crm sync")
	w.send(peekMsg{})
	w.send(peekMsg{})
	w.says("! 2 replaced ones of primary work too, " + first + " for 58 min")
}

// remakeWith makes the primary secret anew, and returns the hint of the one before.
func (w *world) remakeWith(name string, grace time.Duration) string {
	w.t.Helper()
	k, err := w.session.Key(w.t.Context(), name)
	if err != nil {
		w.t.Fatal(err)
	}
	w.remake(name, model.Primary, grace)
	return k.Slot(model.Primary).Hint.String()
}
