package tui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// generate makes a certificate for the key under the cursor, where one of its
// slots is empty, else for a key that is made with it.
func (l *certificateList) generate(row model.CertificateRow) tea.Cmd {
	if row.Key == 0 {
		return push(newKeyGenerator(l.rt))
	}
	l.generating = row.Key
	return l.rt.newForKey(l, row.Key)
}

// generateForKey opens the form of a certificate for the empty slot of a key; for
// a new key where none is empty.
func generateForKey(rt *runtime, owner screen, m newForKeyMsg) tea.Cmd {
	for _, n := range model.SlotNames {
		if !m.key.Slot(n).Empty {
			continue
		}
		p := newSlotPicker(rt, n, m.key.KeyRow, func(c picked) tea.Cmd {
			return send(certificateChosenMsg{owner, n, c.certificate, m.key})
		})
		p.straight = true
		return push(p)
	}
	return tea.Sequence(push(newKeyGenerator(rt)),
		status(statusInfo, fmt.Sprintf("Both slots of %q are taken: this one is for a new key.", clip(clean(m.key.Name), 40))))
}

// newKeyGenerator is the form of a certificate that a new key is made with.
func newKeyGenerator(rt *runtime) screen {
	p := newPicker(rt, "Generate for a new key", "", func(c picked) tea.Cmd { return push(newWizardFor(rt, c)) })
	p.found.purpose = "the primary certificate of a new key"
	p.straight = true
	return p
}

// newWizardFor makes a key with a certificate that is there already.
func newWizardFor(rt *runtime, c picked) screen {
	w := newWizard(rt).(*wizard)
	w.certificate.slots[0], w.certificate.cursor = c, 2
	return w
}
