package tui

import (
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// certificateChosenMsg is what the picker brought for a slot, to the screen
// that asked for it.
type certificateChosenMsg struct {
	owner       screen
	slot        model.SlotName
	certificate model.Certificate
	key         model.KeyInfo // as the owner gave it, where it has none itself
}

// pickCertificate lets the user find a certificate for a slot of a key.
func pickCertificate(rt *runtime, owner screen, k model.KeyRow, slot model.SlotName) tea.Cmd {
	return push(newSlotPicker(rt, slot, k, func(p picked) tea.Cmd {
		return send(certificateChosenMsg{owner: owner, slot: slot, certificate: p.certificate})
	}))
}

// pickForKey lets the user find a certificate for the empty slot of a key, so
// that it overlaps with the other. Where there is none it says what can be done.
func pickForKey(rt *runtime, owner screen, m newForKeyMsg) tea.Cmd {
	for _, n := range model.SlotNames {
		if m.key.Slot(n).Empty {
			return push(newSlotPicker(rt, n, m.key.KeyRow, func(p picked) tea.Cmd {
				return send(certificateChosenMsg{owner, n, p.certificate, m.key})
			}))
		}
	}
	return ask(noSlot(rt, m.key, m.at))
}

// askPutCertificate puts a certificate into an empty slot; it asks before one
// is replaced.
func askPutCertificate(rt *runtime, k model.KeyInfo, slot model.SlotName, c model.Certificate) tea.Cmd {
	old := k.Slot(slot).Certificate
	if old == nil {
		return live("put it in", rt.putCertificate(k, slot, &c), k.KeyRow)
	}
	return rt.askOfKey(k.ID, func(now model.KeyInfo, at time.Time) tea.Msg {
		return askMsg{replacePrompt(rt, k, now, slot, c, at)}
	})
}

// replacePrompt is the question before a certificate takes the place of another:
// k is the key as it was seen, now as it is used.
func replacePrompt(rt *runtime, k, now model.KeyInfo, slot model.SlotName, c model.Certificate, at time.Time) prompt {
	old := k.Slot(slot).Certificate
	lines := []string{
		"Old: " + clip(clean(old.SubjectText()), 50) + ", " + old.Thumbprint(),
		"New: " + clip(clean(c.SubjectText()), 50) + ", " + c.Thumbprint(), "",
	}
	switch {
	case old.Expired(at):
		lines = append(lines, fmt.Sprintf("The old one %s: nobody is cut off.", old.LeftText(at)))
	default:
		lines = append(lines, "The old one is refused from its next call on.")
		if k.Slot(slot.Other()).Empty {
			lines = append(lines, fmt.Sprintf("For an overlap put the new one into the %s slot, which is empty.", slot.Other()))
		}
	}
	if text := cutOffLine(now, now.Slot(slot), at); text != "" {
		lines = append([]string{text, ""}, lines...)
	}
	return prompt{
		Title: fmt.Sprintf("Replace the %s certificate of %q?", slot, k.Name), Lines: lines,
		Confirm: "replace", Danger: true,
	}.twice("replace it", rt.putCertificate(k, slot, &c), []string{reach(k.KeyRow), "Calls with the old one are refused."}, k.KeyRow)
}

// askRemoveCertificate asks before a slot is emptied.
func askRemoveCertificate(rt *runtime, k model.KeyInfo, slot model.SlotName) tea.Cmd {
	old := k.Slot(slot).Certificate
	if old == nil {
		return nil
	}
	return rt.askOfKey(k.ID, func(now model.KeyInfo, at time.Time) tea.Msg {
		if c := now.Slot(slot).Certificate; c == nil || c.SHA256 != old.SHA256 {
			return notHeld(k.Name, slot)
		}
		return askMsg{removePrompt(rt, now, slot, at)}
	})
}

// removePrompt is the question before a slot that holds a certificate is
// emptied.
func removePrompt(rt *runtime, k model.KeyInfo, slot model.SlotName, at time.Time) prompt {
	old := k.Slot(slot).Certificate
	p := prompt{
		Title: fmt.Sprintf("Remove the %s certificate of %q?", slot, k.Name),
		Lines: []string{clip(clean(old.SubjectText()), 50) + ", " + old.Thumbprint(), "",
			removedText(k, k.Slot(slot), at)},
		Confirm: "remove", Danger: true,
	}.twice("remove it", rt.putCertificate(k, slot, nil), []string{reach(k.KeyRow), "Calls with this certificate are refused."}, k.KeyRow)
	if text := cutOffLine(k, k.Slot(slot), at); text != "" {
		p.Lines = append([]string{text, ""}, p.Lines...)
	}
	return p
}
