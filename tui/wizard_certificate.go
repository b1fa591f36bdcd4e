package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// certificatePickedMsg brings what the picker accepted for a slot.
type certificatePickedMsg struct {
	request int
	slot    int
	picked  picked
}

// certificatePart asks for a certificate key's certificates: the primary, and
// perhaps a secondary.
type certificatePart struct {
	rt      *runtime
	draft   func() model.KeyRow
	slots   [2]picked
	request int
	cursor  int // 0 and 1 are the slots, 2 is "go on"
	missing bool
}

func (p *certificatePart) title() string    { return "Cert" }
func (p *certificatePart) question() string { return "Which certificate will the caller show?" }
func (p *certificatePart) advice() string {
	return "Only the certificate is needed, never its private key. Self-signed ones are for testing. " +
		"A secondary can be added now or later, so that a renewal overlaps."
}
func (p *certificatePart) enter() tea.Cmd {
	if p.filled(0) {
		p.cursor = 2
	}
	return nil
}
func (p *certificatePart) forget()      { p.missing = false }
func (p *certificatePart) typing() bool { return false }

func (p *certificatePart) filled(slot int) bool { return p.slots[slot].certificate.DER != nil }

func (p *certificatePart) finish() (tea.Cmd, bool) {
	p.missing = !p.filled(0)
	if p.missing {
		p.cursor = 0
	}
	return nil, !p.missing
}

func (p *certificatePart) keys() []key.Binding {
	if p.cursor == 2 {
		return []key.Binding{wizardKeys.Next, wizardKeys.Up, wizardKeys.Down}
	}
	remove := wizardKeys.Remove
	remove.SetEnabled(p.filled(p.cursor))
	choose := wizardKeys.Choose
	if p.rt.remote() {
		choose.SetHelp(choose.Help().Key, "paste one")
	}
	return []key.Binding{choose, remove, wizardKeys.Up, wizardKeys.Down, wizardKeys.NextField}
}

func (p *certificatePart) key(msg tea.KeyMsg) (tea.Cmd, bool) {
	switch {
	case msg.Paste:
		if p.cursor == 2 { // for the first slot that is empty
			p.cursor = index(p.filled(0))
		}
		return p.open(string(msg.Runes)), true
	case matches(msg, wizardKeys.Up):
		p.cursor = max(0, p.cursor-1)
	case matches(msg, wizardKeys.Down):
		p.cursor = min(2, p.cursor+1)
	case matches(msg, wizardKeys.Choose) && p.cursor < 2:
		return p.open(""), true
	case matches(msg, wizardKeys.Remove) && p.cursor < 2:
		p.slots[p.cursor] = picked{}
	default:
		return nil, false
	}
	p.missing = false
	return nil, true
}

// open opens the picker for the slot under the cursor, on a pasted text if
// there is one.
func (p *certificatePart) open(pasted string) tea.Cmd {
	p.request = p.rt.next()
	request, slot := p.request, p.cursor
	picker := newSlotPicker(p.rt, model.SlotNames[slot], p.draft(), func(c picked) tea.Cmd {
		return send(certificatePickedMsg{request, slot, c})
	})
	picker.pasted = pasted
	return push(picker)
}

func slotTitle(slot int) string { return [2]string{"Primary", "Secondary"}[slot] }

func (p *certificatePart) take(msg certificatePickedMsg) {
	if msg.request != p.request {
		return
	}
	p.slots[msg.slot], p.cursor, p.missing = msg.picked, 2, false
}

// holding is what the slot is to hold.
func (p *certificatePart) holding(slot int) model.Holding {
	if !p.filled(slot) {
		return model.Holding{}
	}
	c := p.slots[slot].certificate
	return model.Holding{Certificate: &c}
}

func (p *certificatePart) view(width, _ int) string {
	s := p.rt.styles
	var lines []string
	for slot := range p.slots {
		lines = append(lines, rowLine(s, pad(slotTitle(slot), 11)+p.summary(slot, width-14), p.cursor == slot, false, width))
		if p.filled(slot) {
			c := p.slots[slot].certificate
			lines = append(lines, s.faint.Render(clip(strings.Repeat(" ", 13)+"thumbprint "+c.Thumbprint(), width)))
		}
	}
	lines = append(lines, "", rowLine(s, "Go on", p.cursor == 2, false, width))
	if p.missing {
		lines = append(lines, "", errorLines(s, "A certificate key needs its primary certificate first.", width))
	}
	return strings.Join(lines, "\n")
}

func (p *certificatePart) summary(slot, room int) string {
	switch {
	case p.filled(slot):
		return subjectUntil(p.slots[slot].certificate, p.rt.Now(), room)
	case slot == 1:
		return "none (optional)"
	}
	if p.rt.remote() {
		return "none yet: paste it here"
	}
	return "none yet: enter chooses, or paste it here"
}

// validity is a certificate's last day, and how far off it is.
func validity(c model.Certificate, now time.Time) string {
	return fmt.Sprintf("valid until %s (%s)", c.NotAfter.Format(time.DateOnly), c.LeftText(now))
}
