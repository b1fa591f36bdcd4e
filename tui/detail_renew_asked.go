package tui

import (
	"fmt"

	"dev.keyward/keyward/model"
)

// asked is what the question says: what becomes of the old secret, and who has to
// be given the new one. The form said it before, in its own words.
func (r *renewal) asked() []string {
	n := model.SlotNames[r.slot]
	slot, g := r.key.Slot(n), graces[r.grace]
	old := fmt.Sprintf("%s stops working at once", slot.Hint)
	switch {
	case g.time > 0:
		old = fmt.Sprintf("%s stops working in %s", slot.Hint, g.text)
	case len(slot.Retiring) > 0:
		old += ", and so does what it replaced"
	}
	lines := []string{old + fmt.Sprintf("; the %s secret stays. There is no way back.", n.Other())}
	if refusedAlready(r.key, slot, r.at) != "" {
		if used := cutOffLine(r.key, slot, r.at); used != "" {
			lines = append(lines, "", used)
		}
		return lines
	}
	if callers := callersNow(slot, r.at); len(callers) > 0 {
		last := slot.Usage.LastUsed.Ago(r.at)
		lines = append(lines, "", fmt.Sprintf("! %s of the last 24 h %s refused until %s; the last called %s.",
			upperFirst(callerCount(callers)), isAre(len(callers)), haveNew(len(callers)), last))
		if g.time > 0 {
			lines[2] = fmt.Sprintf("! %s of the last 24 h must get the new one by then; the last called %s.", callerCount(callers), last)
			if len(slot.Retiring) > 0 {
				lines = append(lines, fmt.Sprintf("! One that still has an earlier secret is refused sooner: %s ends in %s.",
					byEnd(slot)[0].Hint, timeLeft(byEnd(slot)[0].Until, r.at)))
			}
		}
	}
	return lines
}

// haveNew says what callers wait for.
func haveNew(n int) string {
	if n == 1 {
		return "it has the new one"
	}
	return "they have the new one"
}

// stake is what a key that may invoke production may lose by it.
func (r *renewal) stake() []string {
	lines := []string{reach(r.key.KeyRow)}
	if used := cutOffLine(r.key, r.key.Slot(model.SlotNames[r.slot]), r.at); used != "" {
		lines = append([]string{used}, lines...)
	}
	return lines
}
