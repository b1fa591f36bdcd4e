package tui

import tea "github.com/charmbracelet/bubbletea"

// key takes a key press to where it belongs, in the order that app tells of.
func (a *app) key(msg tea.KeyMsg) tea.Cmd {
	again := a.leaving && matches(msg, globalKeys.Interrupt)
	a.leaving = false
	if a.tooSmall() {
		return a.unseenKey(msg)
	}
	if again {
		return tea.Quit
	}
	if a.prompt != nil {
		return a.promptKey(msg)
	}
	if a.working() != nil {
		return a.workKey(msg)
	}
	if a.stopsLate && matches(msg, workKeys.Stop, globalKeys.Interrupt) {
		return nil // it was meant for the work, which was quicker
	}
	a.status = statusMsg{}
	if a.help != nil && !matches(msg, globalKeys.Interrupt) {
		if a.help.key(msg) {
			a.help = nil
			if a.opensPalette(msg) {
				a.openPalette()
			}
		}
		return nil
	}
	if a.palette != nil && !matches(msg, globalKeys.Interrupt) {
		return a.paletteKey(msg)
	}
	if cmd, taken := a.globalKey(msg); taken {
		return cmd
	}
	return a.top().Update(msg)
}

// unseenKey takes a key press while nothing is seen but that the terminal is too
// small. No prompt can be read then: where something is unsaved, the interrupt
// has to come twice.
func (a *app) unseenKey(msg tea.KeyMsg) tea.Cmd {
	switch {
	case !matches(msg, globalKeys.Interrupt):
		return nil
	case a.insist || a.prompt == nil && a.unsaved() == nil && a.endsEndpoint() == nil:
		return tea.Quit
	}
	a.insist = true
	return nil
}

// globalKey handles the keys that mean the same everywhere.
func (a *app) globalKey(msg tea.KeyMsg) (tea.Cmd, bool) {
	if msg.Paste {
		return nil, false
	}
	switch {
	case matches(msg, globalKeys.Interrupt):
		return a.quit(), true
	case !a.rt.remote() && matches(msg, globalKeys.Suspend):
		return a.suspend(), true
	case a.opensPalette(msg):
		a.openPalette()
		return nil, true
	case a.top().Typing():
		return nil, false
	case matches(msg, globalKeys.Help):
		a.openHelp()
		return nil, true
	case !a.secret() && matches(msg, mouseKeys.Toggle):
		return a.toggleMouse(), true
	case a.undoing() && matches(msg, undoKeys.Undo):
		return a.undoKey(), true
	case matches(msg, globalKeys.Quit):
		if len(a.stack) == 1 {
			return a.quit(), true
		}
		return a.pop(popMsg{}), true
	}
	if a.tours() && matches(msg, tourKeys.Next) {
		return a.tourKey(), true
	}
	if a.roams() && matches(msg, endpointKeys.Toggle) {
		return a.endpointKey(), true
	}
	return a.placeKey(msg)
}
