package tui

import tea "github.com/charmbracelet/bubbletea"

// watcher is a screen that asks for something again and again while it is the
// top one, and for nothing while it is not: what nobody looks at costs nothing.
type watcher interface {
	uncovered() tea.Cmd // it is seen from now on
	covered()           // it is not
}

// tellWatchers tells the screen that is seen now, and the one that was.
func (a *app) tellWatchers() tea.Cmd {
	top := a.top()
	if top == a.seenTop {
		return nil
	}
	if w, ok := a.seenTop.(watcher); ok {
		w.covered()
	}
	again := a.seenTop != nil && len(a.stack) < a.seenDepth
	a.seenTop, a.seenDepth = top, len(a.stack)
	if w, ok := top.(watcher); ok {
		return w.uncovered()
	}
	if again {
		return a.usageSeen()
	}
	return nil
}
