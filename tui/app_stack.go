package tui

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"
)

// push opens a screen on top of the others.
func (a *app) push(s screen) tea.Cmd {
	a.prompt, a.help, a.palette = nil, nil, nil // they were about the screen that is covered now
	a.makeWay(s)
	a.stack = append(a.stack, s)
	if r, secrets := s.(*reveal); secrets && a.shared.letting && r.secret() {
		r.hide() // the others are hidden: the console is about to be suspended
	}
	a.layout()
	return tea.Batch(s.Init(), a.asksServing(s))
}

func (a *app) pop(msg popMsg) tea.Cmd {
	if len(a.stack) == 1 || msg.of != nil && msg.of != a.top() {
		return nil
	}
	if p := a.top().Unsaved(); p != nil && !msg.asked {
		p.OnYes = send(popMsg{asked: true, of: a.top()})
		return a.ask(*p)
	}
	a.cut(len(a.stack) - 1)
	return nil
}

// cut takes the screens from number n on off the stack.
func (a *app) cut(n int) {
	a.prompt, a.help, a.palette = nil, nil, nil // they were about the screen that leaves
	for i := n; i < len(a.stack); i++ {
		a.lets(a.stack[i])
		a.stack[i] = nil // a reveal screen must not be kept alive
	}
	a.stack = a.stack[:n]
	a.layout()
}

func (a *app) close(s screen) {
	if i := slices.Index(a.stack, s); i > 0 {
		a.cut(i)
	}
}

func (a *app) swap(from, to screen) tea.Cmd {
	a.close(from)
	return push(to)
}

func (a *app) ask(p prompt) tea.Cmd {
	p.open(a.rt)
	a.prompt, a.palette = &p, nil
	a.prompts++
	return a.rt.after(armingTime, armMsg{a.prompts})
}

func (a *app) promptKey(msg tea.KeyMsg) tea.Cmd {
	p := a.prompt
	switch p.key(msg) {
	case answerYes:
		a.prompt = nil
		if p.again != nil {
			return ask(*p.again)
		}
		return p.OnYes
	case answerNo:
		a.prompt = nil
		if p.leaves && matches(msg, globalKeys.Interrupt) {
			a.leaving = true
			a.status = statusMsg{statusWarning, "Not left. " + globalKeys.Interrupt.Help().Key + " again quits; what is unsaved is lost."}
		}
		return p.OnNo
	}
	return nil
}
