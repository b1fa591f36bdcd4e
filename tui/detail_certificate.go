package tui

import (
	"fmt"

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

// pickCertificate lets the user find a certificate for a slot of the key of
// that name.
func pickCertificate(rt *runtime, owner screen, name string, slot model.SlotName) tea.Cmd {
	return push(newSlotPicker(rt, slot, name, func(p picked) tea.Cmd {
		return send(certificateChosenMsg{owner: owner, slot: slot, certificate: p.certificate})
	}))
}

// pickForKey lets the user find a certificate for the empty slot of a key, so
// that it overlaps with the other. Where there is none it says what can be done.
func pickForKey(rt *runtime, owner screen, m newForKeyMsg) tea.Cmd {
	for _, n := range model.SlotNames {
		if m.key.Slot(n).Empty {
			return push(newSlotPicker(rt, n, m.key.Name, func(p picked) tea.Cmd {
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
	lines := []string{
		"Old: " + clip(clean(old.SubjectText()), 50) + ", " + old.Thumbprint(),
		"New: " + clip(clean(c.SubjectText()), 50) + ", " + c.Thumbprint(), "",
		"The old one is refused from its next call on.",
	}
	if k.Slot(slot.Other()).Empty {
		lines = append(lines, fmt.Sprintf("For an overlap put the new one into the %s slot, which is empty.", slot.Other()))
	}
	return rt.askWithUse(k.ID, k.LastUsed != 0, prompt{
		Title: fmt.Sprintf("Replace the %s certificate of %q?", slot, k.Name), Lines: lines,
		Confirm: "replace", Danger: true,
	}.twice("replace it", rt.putCertificate(k, slot, &c), []string{reach(k.KeyRow), "Calls with the old one are refused."}, k.KeyRow), slot)
}

// askRemoveCertificate asks before a slot is emptied.
func askRemoveCertificate(rt *runtime, k model.KeyInfo, slot model.SlotName) tea.Cmd {
	if k.Slot(slot).Certificate == nil {
		return nil
	}
	return rt.askWithUse(k.ID, k.LastUsed != 0, removePrompt(rt, k, slot), slot)
}

// removePrompt is the question before a slot that holds a certificate is
// emptied.
func removePrompt(rt *runtime, k model.KeyInfo, slot model.SlotName) prompt {
	old := k.Slot(slot).Certificate
	return prompt{
		Title: fmt.Sprintf("Remove the %s certificate of %q?", slot, k.Name),
		Lines: []string{clip(clean(old.SubjectText()), 50) + ", " + old.Thumbprint(), "",
			fmt.Sprintf("It is refused from its next call on. The %s one goes on working.", slot.Other())},
		Confirm: "remove", Danger: true,
	}.twice("remove it", rt.putCertificate(k, slot, nil), []string{reach(k.KeyRow), "Calls with this certificate are refused."}, k.KeyRow)
}
