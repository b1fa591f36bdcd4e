package tui

import (
	"slices"

	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

func (l *activityList) moveKey(msg tea.KeyMsg, k moveKeyMap) bool {
	t := &l.table
	n, ok := k.step(msg, t.height, t.total)
	if ok {
		l.before, l.back = nil, nil
		t.moveTo(t.cursor + n)
		if row, _ := t.current(); n < 0 || row.gap != nil {
			l.following = false
		}
		if matches(msg, k.Bottom) {
			l.following = true
			l.follow()
		}
	}
	return ok
}

func (l *activityList) key(msg tea.KeyMsg) tea.Cmd {
	if l.filter.typing {
		if l.filterKey(msg, l.moveKey) {
			return l.reload()
		}
		return nil
	}
	if msg.Paste || l.moveKey(msg, moveKeys) {
		return nil
	}
	k := l.keys()
	switch {
	case matches(msg, k.Open):
		a, _ := l.table.current()
		if a.gap != nil {
			return status(statusInfo, l.noteText(*a.gap))
		}
		l.following = false // it is there again when the user comes back
		return push(newWhy(l.rt, a.Activity))
	case matches(msg, k.Follow):
		l.following = !l.following
		l.follow()
	case matches(msg, k.Pause):
		l.pause()
	case matches(msg, k.Filter):
		l.openFilter(l.under())
	case matches(msg, k.Clear):
		l.clearFilter()
		return l.reload()
	case matches(msg, k.Reload):
		return l.reload()
	case matches(msg, globalKeys.Back):
		return pop()
	}
	return nil
}

// keys switches off what has no meaning now.
func (l *activityList) keys() activityKeyMap {
	k := activityKeys
	row, here := l.table.current()
	k.Open.SetEnabled(here)
	if row.gap != nil {
		k.Open.SetHelp(k.Open.Help().Key, "what this is")
	}
	k.Filter.SetEnabled(l.loaded)
	k.Pause.SetEnabled(l.loaded)
	k.Follow.SetEnabled(l.loaded)
	k.Clear.SetEnabled(l.filter.Value() != "")
	if l.following {
		k.Follow.SetHelp(k.Follow.Help().Key, "stop following")
	}
	if l.paused {
		k.Pause.SetHelp(k.Pause.Help().Key, "go on")
	}
	return k
}

// Keys are the bindings for the help line and the help screen.
func (l *activityList) Keys() help.KeyMap {
	if l.filter.typing {
		return l.filter.bindings()
	}
	k := l.keys()
	short := []key.Binding{k.Clear, k.Open, k.Pause, k.Filter, k.Follow}
	if l.only.some() {
		all := placeKeys.Activity
		all.SetHelp(all.Help().Key, "all calls")
		short = slices.Insert(short, 1, all)
	}
	if !k.Clear.Enabled() {
		short = append(short, globalKeys.Back)
	}
	return bindings{short: short, full: [][]key.Binding{{k.Open, k.Follow, k.Pause, k.Filter, k.Clear, k.Reload}, moveKeys.all()}}
}

// aim is the key of the call under the cursor, and its workflow.
func (l *activityList) aim() aim {
	row, ok := l.table.current()
	if !ok || row.gap != nil {
		return aim{}
	}
	a := row.Activity
	return aim{key: a.Key, name: a.KeyName, among: true, workflow: a.Workflow, call: &a}
}

// click puts the cursor on the row in line y, which ends following.
func (l *activityList) click(y int) (here, ok bool) {
	if here, ok = l.table.click(y - 1); ok {
		l.before, l.back, l.following = nil, nil, false
	}
	return here, ok
}
