package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// namePart asks for the key's name. What is typed is checked at once; whether
// another key has it, a moment later by the store.
type namePart struct {
	rt      *runtime
	input   textinput.Model
	request int
	asked   bool   // the answer to request is still to come
	known   string // the name that the store called free
	taken   string // the key that has the name
	unsure  string // why the store could not say
	moving  bool   // enter was pressed; move on when the answer comes
	shown   bool   // an empty name is an error once enter was pressed
}

func newNamePart(rt *runtime) *namePart {
	p := &namePart{rt: rt, input: newInput(rt.styles, "such as billing-nightly")}
	p.input.CharLimit = 200 // longer than a name, so that the error can say so
	return p
}

// value is what was typed, without the blanks around it.
func (p *namePart) value() string { return strings.TrimSpace(p.input.Value()) }

func (p *namePart) title() string    { return "Name" }
func (p *namePart) question() string { return "What is the key called?" }
func (p *namePart) advice() string {
	return "Name the caller: workflows see it as \"Key: NAME\". 1 to 64 letters a to z, digits, spaces, \"-\", \"_\" and \".\"."
}
func (p *namePart) enter() tea.Cmd      { p.input.Focus(); return nil }
func (p *namePart) typing() bool        { return true }
func (p *namePart) keys() []key.Binding { return nil }
func (p *namePart) setSize(width int)   { p.input.Width = max(10, min(width-6, model.MaxName+2)) }

// ready reports whether the name is known to be good.
func (p *namePart) ready() bool {
	return model.CheckName(p.value()) == nil && p.taken == "" && (p.known == p.value() || p.unsure != "")
}

// finish moves on once the store has answered about this very name.
func (p *namePart) finish() (tea.Cmd, bool) {
	p.shown = true
	switch {
	case model.CheckName(p.value()) != nil || p.taken != "":
		return nil, false
	case p.ready():
		return nil, true
	}
	p.moving = true
	return p.ask(), false
}

func (p *namePart) key(msg tea.KeyMsg) (tea.Cmd, bool) {
	if !msg.Paste && matches(msg, wizardKeys.Next, wizardKeys.NextField, wizardKeys.Previous, wizardKeys.Back) {
		return nil, false
	}
	if msg.Paste { // what is copied often ends in a line break
		msg.Runes = []rune(strings.Trim(string(msg.Runes), "\r\n"))
	}
	before := p.value()
	typeInto(&p.input, msg)
	if p.value() == before {
		return nil, true
	}
	p.taken, p.unsure, p.known, p.moving, p.shown = "", "", "", false, false
	p.request, p.asked = p.rt.next(), model.CheckName(p.value()) == nil
	if !p.asked {
		return nil, true
	}
	return p.rt.after(nameDelay, nameTickMsg{p.request}), true
}

// tick asks the store once the name has stayed as it is for a moment.
func (p *namePart) tick(msg nameTickMsg) tea.Cmd {
	if msg.request != p.request || !p.asked {
		return nil
	}
	return p.ask()
}

func (p *namePart) ask() tea.Cmd {
	p.request, p.asked, p.known = p.rt.next(), true, ""
	return p.rt.checkName(p.request, p.value())
}

// checked takes the store's answer; it reports whether the wizard was waiting
// for it to move on.
func (p *namePart) checked(msg nameCheckedMsg) bool {
	if msg.request != p.request {
		return false
	}
	p.asked, p.taken = false, msg.taken
	if msg.err != nil {
		p.unsure = "The store could not be asked whether the name is free: " + sentence(msg.err)
	} else if msg.taken == "" {
		p.known = p.value()
	}
	moving := p.moving
	p.moving = false
	return moving && p.taken == ""
}

func (p *namePart) view(width, _ int) string {
	return gutter + inputView(p.rt.styles, p.input) + "\n\n" + p.verdict(width)
}

// verdict is what is known of the name.
func (p *namePart) verdict(width int) string {
	s := p.rt.styles
	err := model.CheckName(p.value())
	switch {
	case p.value() == "" && !p.shown:
		return ""
	case err != nil:
		return errorLines(s, sentence(err), width)
	case p.taken != "":
		return errorLines(s, fmt.Sprintf("There is a key called %q already: choose another name. Case does not tell names apart.", clean(p.taken)), width)
	case p.unsure != "":
		return warningLines(s, p.unsure, width)
	case p.asked:
		return s.faint.Render("  checking…")
	case strings.EqualFold(p.known, p.value()):
		return s.ok.Render("✓ The name is free.")
	}
	return ""
}
