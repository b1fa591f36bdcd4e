package tui

import (
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// environmentPart asks for the one environment that the key may invoke, or
// none.
type environmentPart struct {
	rt *runtime
	latest
	err    error
	gone   string // what was chosen and is no more, or ""
	list   []model.EnvironmentInfo
	any    int // the row after the list: -1 until it was loaded
	window window
}

func (p *environmentPart) load() tea.Cmd {
	return p.rt.loadEnvironments(p.ask(p.rt))
}

// news asks again for what others did, unless that is being asked.
func (p *environmentPart) news(msg changedMsg) tea.Cmd {
	if !p.changed(msg) {
		return nil
	}
	cmd := p.load()
	p.quiet = p.any >= 0
	return cmd
}

// loaded takes the answer to load; others are dropped.
func (p *environmentPart) loaded(msg environmentsMsg) tea.Cmd {
	quiet := p.quiet
	mine, again := p.answered(msg.request)
	switch {
	case !mine:
		return nil
	case msg.err == nil:
		p.err = nil
		p.take(msg)
	case !quiet:
		p.err = msg.err
	}
	if again {
		return p.news(changedMsg{})
	}
	return nil
}

// take keeps the cursor on the environment that it was on. It begins on one that
// is not production, so that haste does not open that; the same where the one
// that it was on is no more.
func (p *environmentPart) take(msg environmentsMsg) {
	first, any, chosen := p.any < 0, p.any >= 0 && p.window.cursor == p.any, p.value()
	if !first && !any && !slices.ContainsFunc(msg.environments, func(e model.EnvironmentInfo) bool { return model.Fold(e.Name) == model.Fold(chosen) }) {
		first, p.gone = true, chosen
	}
	p.list, p.any = msg.environments, len(msg.environments)
	p.window.resize(p.any+1, max(p.window.height, 1))
	p.window.cursor = 0
	for i, e := range slices.Backward(p.list) {
		if first && !e.Production || !first && model.Fold(e.Name) == model.Fold(chosen) {
			p.window.cursor = i
		}
	}
	if any {
		p.window.cursor = p.any
	}
	p.window.move(0)
}

// value is the name of the chosen environment, "" for any.
func (p *environmentPart) value() string {
	if e, ok := p.chosen(); ok {
		return e.Name
	}
	return ""
}

func (p *environmentPart) chosen() (model.EnvironmentInfo, bool) {
	if p.window.cursor < len(p.list) {
		return p.list[p.window.cursor], true
	}
	return model.EnvironmentInfo{}, false
}

func (p *environmentPart) title() string    { return "Environment" }
func (p *environmentPart) question() string { return "Which environment may it invoke?" }
func (p *environmentPart) advice() string {
	return "A target environment is recommended, so that each environment has its own keys. " +
		"Calls for one that is not production must name it: _profile=NAME in the query."
}
func (p *environmentPart) enter() tea.Cmd { return nil }
func (p *environmentPart) typing() bool   { return false }
func (p *environmentPart) keys() []key.Binding {
	return []key.Binding{wizardKeys.Up, wizardKeys.Down}
}

// finish wants a list to have been chosen from.
func (p *environmentPart) finish() (tea.Cmd, bool) {
	if p.any < 0 {
		if p.loading {
			return nil, false
		}
		return p.load(), false
	}
	return nil, true
}

func (p *environmentPart) key(msg tea.KeyMsg) (tea.Cmd, bool) {
	if msg.Paste {
		return nil, true
	}
	if matches(msg, chooserKeys.Reload) {
		return p.load(), true
	}
	return nil, p.window.key(msg, moveKeys)
}

func (p *environmentPart) view(width, height int) string {
	s := p.rt.styles
	switch {
	case p.err != nil:
		return errorLines(s, sentence(p.err)+" ctrl+r loads again.", width)
	case p.any < 0:
		return gutter + s.faint.Render("Loading the environments…")
	}
	p.window.resize(p.any+1, height)
	name := 15
	for _, e := range p.list {
		name = max(name, cells(clean(e.Name)))
	}
	name = min(name, width/2)
	from, to := p.window.visible()
	var lines []string
	for i := from; i < to; i++ {
		lines = append(lines, p.row(i, name, width))
	}
	return strings.Join(lines, "\n")
}

func (p *environmentPart) row(i, name, width int) string {
	s, selected := p.rt.styles, i == p.window.cursor
	title, note := "Any environment", "not recommended: production too"
	production := false
	if i < p.any {
		title, note, production = clean(p.list[i].Name), "calls send "+model.ProfilePair(p.list[i].Name), p.list[i].Production
	}
	if production {
		note = "◆ production: calls that name none"
	}
	text := pad(title, name) + "  " + note
	if !selected && production {
		return rowLine(s, pad(title, name)+"  "+s.production.Render("◆ production")+strings.TrimPrefix(note, "◆ production"), false, false, width)
	}
	return rowLine(s, text, selected, false, width)
}
