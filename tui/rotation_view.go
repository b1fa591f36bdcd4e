package tui

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"dev.keyward/keyward/model"
)

// sideBySide is the width from which the slots stand beside each other.
const sideBySide = 76

// View renders both slots and the advice.
func (r *rotation) View() string {
	s := r.rt.styles
	switch {
	case errors.Is(r.err, model.ErrNotFound):
		return "\n" + indent(s.warning.Render("! There is no such key any more.")+"\n\n"+
			wrap(fmt.Sprintf("It was deleted: nobody gets in with it. %s shows the bin, whether it can be restored. %s goes back.",
				placeKeys.Bin.Help().Key, globalKeys.Back.Help().Key), max(min(r.width-4, 76), 10)), 2)
	case r.err != nil && !r.loaded:
		return failureView(s, "The key could not be loaded", r.err, r.width, r.height)
	case !r.loaded:
		return "\n  " + s.faint.Render("Loading the key …")
	}
	now, order := r.now(), r.safeOrder()
	slots := r.slotsIn(r.height - len(now) - len(order) - 2)
	r.ends = len(slots)
	room := r.height - len(slots) - len(now) - len(order)
	if room < 0 { // what is to be done stays
		now = r.nowIn(len(now) + room)
		room = r.height - len(slots) - len(now) - len(order)
	}
	lines := slots
	if room >= 1 {
		lines = append(lines, "")
	}
	lines = append(lines, now...)
	if room >= 2 {
		lines = append(lines, "")
	}
	lines = append(lines, order...)
	return strings.Join(lines[:min(len(lines), r.height)], "\n")
}

// mark says that the key may invoke production, "" where it may not.
func (r *rotation) mark() string {
	switch {
	case !r.key.Production:
		return ""
	case r.key.Environment == "":
		return "◆ any environment"
	}
	return clip(productionName(r.key.Environment), 32)
}

// now says how it stands with the slot under the cursor.
func (r *rotation) now() []string { return r.nowIn(mostNow) }

// mostNow is more than the lines of now ever are.
const mostNow = 100

// nowIn is now in so many lines at most: the last sentences go first.
func (r *rotation) nowIn(room int) []string {
	s, slot := r.rt.styles, r.slot()
	other := r.key.Slot(slot.Slot.Other())
	style, text := s.warning.Render, ""
	refused := refusedAlready(r.key, slot, r.at)
	switch used := usedNow(r.key, slot, r.at); {
	case r.rt.degraded != "":
		text = "! How the slots are used is not known now: change nothing that may cut callers off."
	case refused != "" && !slot.Empty:
		style, text = s.text.Render, "· "+r.refusedText(slot, refused)
	case !r.moved && r.key.Kind == model.TokenKey && slot.Slot != model.SlotNames[r.on] && usedNow(r.key, other, r.at) != "" && used == "":
		text = fmt.Sprintf("! %s Begin with %s, which is quiet: nobody is cut off.", usedNow(r.key, other, r.at), slot.Slot)
	case slot.Empty:
		style, text = s.text.Render, fmt.Sprintf("The %s slot is empty: %s puts the next certificate into it.", slot.Slot, certificateKeys.New.Help().Key)
	case len(slot.Retiring) > 0:
		text = "! " + graceText(r.key, slot, used, r.at)
	case used != "" && lastUse(r.key, slot) == useAround:
		text = "! " + used + " Whoever has the new one is cut off by the next change."
	case used != "":
		text = "! " + used + " Regenerated now without a grace period, it is refused."
		if r.key.Kind == model.CertificateKey {
			text = "! " + used + " Taken out now, it is refused."
		}
	case cutOff(r.key, other, r.at) != "" && lastUse(r.key, other) == useSince:
		style, text = s.ok.Render, fmt.Sprintf("✓ The %s slot is quiet, and %s is in use: it can be renewed now.", slot.Slot, other.Slot)
	default:
		style, text = s.ok.Render, fmt.Sprintf("✓ Nobody used %s in the last 24 h. Callers that come less often are not seen.", slot.Slot)
	}
	wrapped := func() []string { return strings.Split(wrap(text, max(min(r.width-4, 96), 10)), "\n") }
	lines := wrapped()
	for end := strings.LastIndex(text, ". "); len(lines) > room && end > 0; end = strings.LastIndex(text, ". ") {
		text = text[:end]
		lines = wrapped()
		lines[len(lines)-1] += "."
	}
	lines = lines[:min(len(lines), max(room, 0))]
	for i, line := range lines {
		lines[i] = gutter + style(line)
	}
	return lines
}

// graceText is what is known of who still uses the replaced secret: calls are
// counted for the slot, so that those since it was made anew may be with either.
func graceText(k model.KeyInfo, slot model.SlotInfo, used string, now time.Time) string {
	if len(slot.Retiring) > 1 {
		if used == "" {
			return fmt.Sprintf("Nobody used %s in the last 24 h. %s", slot.Slot, endsText(slot, now))
		}
		return fmt.Sprintf("%s With which of the old secrets, or with the new one, is not told apart. %s", used, endsText(slot, now))
	}
	old := slot.Retiring[0]
	end := fmt.Sprintf("is refused from %s on.", old.Until.Text())
	switch {
	case used == "":
		return fmt.Sprintf("Nobody used %s in the last 24 h. The old secret, %s, %s", slot.Slot, old.Hint, end)
	case lastUse(k, slot) == useBefore:
		return fmt.Sprintf("%s That was the old secret, %s, which %s", used, old.Hint, end)
	}
	return fmt.Sprintf("%s With the old secret, %s, or the new one: that is not told apart until the old one %s", used, old.Hint, end)
}
