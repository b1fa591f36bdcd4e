package tui

import (
	"slices"

	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

func (e *edit) press(msg tea.KeyMsg) tea.Cmd {
	k := e.keys()
	switch {
	case e.saving:
		return nil
	case e.rt.locked() && (msg.Paste || matches(msg, editKeys.Save, editKeys.Left, editKeys.Right, editKeys.Reload)):
		return e.rt.refuse()
	case e.rt.locked() && matches(msg, k.Enter):
		return e.rt.refuse()
	case msg.Paste:
		e.typeText(msg)
	case matches(msg, k.Back):
		return pop()
	case matches(msg, k.Save):
		return e.save()
	case matches(msg, k.Reload):
		e.takeNewer()
	case matches(msg, k.Next):
		e.step(1)
	case matches(msg, k.Previous):
		e.step(-1)
	case matches(msg, k.Enter):
		return e.enter()
	case matches(msg, k.Left):
		e.turn(-1)
	case matches(msg, k.Right):
		e.turn(1)
	default:
		e.typeText(msg)
	}
	return nil
}

func (e *edit) typeText(msg tea.KeyMsg) {
	in := e.input()
	if in == nil || e.rt.locked() {
		return
	}
	before := in.Value()
	if e.whole && replacing(in, msg) {
		in.SetValue("")
	}
	e.whole = false
	if typeInto(in, msg); in.Value() != before {
		delete(e.problems, e.field)
	}
}

func (e *edit) enter() tea.Cmd {
	switch e.field {
	case editWorkflows:
		return e.chooseWorkflows()
	case editSave:
		return e.save()
	}
	e.step(1)
	return nil
}

// turn takes the next or the previous value of a field that has a few.
func (e *edit) turn(n int) {
	switch e.field {
	case editQuery:
		e.query = !e.query
	case editEnvironment:
		names := e.choices()
		i := slices.Index(names, e.environment)
		e.environment = names[(i+n+len(names))%len(names)]
	}
	delete(e.problems, e.field)
}

// choices lists the environments that can be chosen; "" is any.
func (e *edit) choices() []string {
	names := []string{""}
	for _, env := range e.environments {
		names = append(names, env.Name)
	}
	if !slices.Contains(names, e.environment) {
		names = append(names, e.environment)
	}
	return names
}

// keys switches off what has no meaning now.
func (e *edit) keys() editKeyMap {
	k := editKeys
	turns := e.field == editEnvironment || e.field == editQuery
	k.Left.SetEnabled(turns)
	k.Right.SetEnabled(turns)
	k.Reload.SetEnabled(e.newer != nil)
	switch e.field {
	case editWorkflows:
		k.Enter.SetHelp(k.Enter.Help().Key, "choose")
	case editSave:
		k.Enter.SetHelp(k.Enter.Help().Key, "save")
	default:
		k.Enter.SetHelp(k.Enter.Help().Key, "next field")
	}
	if e.rt.locked() {
		disable(&k.Left, &k.Right, &k.Reload, &k.Save, &k.Enter)
	}
	return k
}

// Keys are the bindings for the help line and the help screen.
func (e *edit) Keys() help.KeyMap {
	k := e.keys()
	all := []key.Binding{k.Reload, k.Left, k.Save, k.Next, k.Enter, k.Back, k.Previous}
	return bindings{short: all, full: [][]key.Binding{all}}
}
