package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// workflowsPart asks which workflows the key may call.
type workflowsPart struct{ *workflowChoices }

func (p *workflowsPart) title() string    { return "Workflows" }
func (p *workflowsPart) question() string { return "Which workflows may it call?" }
func (p *workflowsPart) advice() string {
	return "It can call these and no others. They can be changed later."
}
func (p *workflowsPart) enter() tea.Cmd          { return nil }
func (p *workflowsPart) typing() bool            { return p.filter.typing }
func (p *workflowsPart) finish() (tea.Cmd, bool) { return nil, p.ready() }
func (p *workflowsPart) keys() []key.Binding     { return p.workflowChoices.keys().short }

// key marks the row on enter while none is marked: a key that can call nothing
// comes of going on with tab alone.
func (p *workflowsPart) key(msg tea.KeyMsg) (tea.Cmd, bool) {
	if !p.typing() && p.ready() && p.unmarked() && !msg.Paste && matches(msg, wizardKeys.MarkThis) {
		p.markThis()
		return nil, true
	}
	return p.workflowChoices.key(msg)
}

func (p *workflowsPart) view(width, height int) string {
	p.setSize(width, height)
	return p.workflowChoices.view()
}
