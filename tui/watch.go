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
	a.seenTop = top
	if w, ok := top.(watcher); ok {
		return w.uncovered()
	}
	return nil
}
