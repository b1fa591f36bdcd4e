package tui

import (
	"fmt"
	"strings"

	"dev.keyward/keyward/model"
)

// notYet says that nobody has what the other slot holds, as far as that is known:
// a use in the minute in which it was made may have been with what was there before.
func (t turnover) notYet(nobody string) string {
	switch lastUse(t.key, t.next) {
	case useNever, useBefore:
		return nobody
	case useAround:
		return " Whether one has it is not known yet."
	}
	return ""
}

// outNow reports whether the old slot holds a certificate that nobody gets in
// with any more, and that may be taken out: it is not the only one.
func (t turnover) outNow() bool {
	return t.old.Certificate != nil && t.old.Certificate.Expired(t.at) && !t.next.Empty
}

// expiredSteps are those of a certificate that has expired: nobody is waited for.
func (t turnover) expiredSteps() []string {
	old, next := t.old.Slot, t.next.Slot
	out := fmt.Sprintf("Take the %s one out: it has expired, nobody is cut off.", old)
	switch {
	case t.next.Empty:
		return []string{
			fmt.Sprintf("Put the next certificate into %s.", next),
			fmt.Sprintf("Have every caller use it: the one in %s has expired.", old),
			out,
		}
	case t.next.Certificate != nil && t.next.Certificate.Expired(t.at):
		return []string{out, fmt.Sprintf("Put the next certificate into %s, and have every caller use it: that in %s has expired too.", old, next)}
	}
	return []string{out, fmt.Sprintf("Have every caller use the one in %s.", next)}
}

// refusedSteps are those of a key that is disabled or has expired: nobody is
// waited for.
func (t turnover) refusedSteps() []string {
	then := fmt.Sprintf("then enable the key: %s on the list.", actionKeys.Enable.Help().Key)
	if t.key.Enabled {
		then = "then give the key a later expiry."
	}
	return []string{
		fmt.Sprintf("Regenerate %s, and store it: nobody gets in now, so nobody is cut off.", t.old.Slot),
		fmt.Sprintf("Give every caller the %s secret, %s", t.old.Slot, then),
	}
}

// refusedText says of a slot that nobody gets in with what a change of it means.
func (r *rotation) refusedText(slot model.SlotInfo, why string) string {
	if slot.Certificate != nil && slot.Certificate.Expired(r.at) {
		return strings.TrimSuffix(why, ".") + ", and taking it out cuts nobody off."
	}
	until := "until it is enabled"
	if r.key.Enabled {
		until = "until it has a later expiry"
	}
	return strings.TrimSuffix(why, ".") + ", and changing it cuts nobody off " + until + "."
}

// headLine is the key, how it stands, and that it may invoke production.
func (r *rotation) headLine() string {
	s := r.rt.styles
	sign, colour := keySign(r.key.Status)
	state := sign + " " + r.key.Status.String()
	if r.key.Status == model.StatusExpired {
		state += " " + r.key.Ends.DayText()
	}
	mark := r.mark()
	room := r.width - 2*len(gutter) - cells(state) - 2
	if mark != "" {
		room -= cells(mark) + len(gutter)
	}
	line := gutter + s.strong.Render(clip(clean(r.name), max(room, 8))) + gutter + s.palettes()[0][colour].on(state)
	if mark == "" {
		return clip(line, r.width)
	}
	return pad(line, r.width-cells(mark)-len(gutter)) + s.production.Render(mark)
}
