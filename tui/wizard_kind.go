package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// kindPart asks what the key's slots are to hold.
type kindPart struct {
	rt     *runtime
	cursor int
	ends   [2]int // how many lines there are up to the end of each kind
}

var kinds = [2]struct {
	kind model.Kind
	note string
}{
	{model.CertificateKey, "Recommended. The caller shows a client certificate; its private key never leaves it, so no secret travels or is kept here."},
	{model.TokenKey, "The caller sends one of two secrets in a header. You see them once, when the key is made."},
}

func (p *kindPart) value() model.Kind { return kinds[p.cursor].kind }

func (p *kindPart) title() string    { return "Kind" }
func (p *kindPart) question() string { return "How will the caller prove who it is?" }
func (p *kindPart) advice() string {
	return "Client certificates are the recommended mechanism. The kind of a key cannot be changed later."
}
func (p *kindPart) enter() tea.Cmd          { return nil }
func (p *kindPart) finish() (tea.Cmd, bool) { return nil, true }
func (p *kindPart) typing() bool            { return false }
func (p *kindPart) keys() []key.Binding     { return []key.Binding{wizardKeys.Up, wizardKeys.Down} }

func (p *kindPart) key(msg tea.KeyMsg) (tea.Cmd, bool) {
	switch {
	case matches(msg, wizardKeys.Up):
		p.cursor = 0
	case matches(msg, wizardKeys.Down):
		p.cursor = 1
	default:
		return nil, false
	}
	return nil, true
}

func (p *kindPart) view(width, _ int) string {
	s := p.rt.styles
	var blocks []string
	for i, k := range kinds {
		block := rowLine(s, k.kind.Title(), i == p.cursor, false, width)
		for _, line := range strings.Split(wrap(k.note, min(width-5, 92)), "\n") {
			block += "\n" + s.faint.Render("    "+line)
		}
		blocks = append(blocks, block)
		p.ends[i] = strings.Count(strings.Join(blocks, "\n\n"), "\n") + 1
	}
	return strings.Join(blocks, "\n\n")
}
