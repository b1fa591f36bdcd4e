package tui

import (
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// undo takes the last enabling or disabling back, of one key or of several.
// Deleting is not taken back.
type undo struct {
	enable bool // what taking it back does
	keys   []undoKey
	until  time.Time
}

// undoKey is a key as the change left it. One that is otherwise by now was
// changed by somebody, and is left alone.
type undoKey struct {
	id      model.ID
	name    string
	changed model.Instant
}

// undoTime is how long a change can be taken back.
const undoTime = 30 * time.Second

// undoOverMsg says that the time of an undo is over.
type undoOverMsg struct{ undo *undo }

// undoKeyMap works on every screen while there is something to take back.
type undoKeyMap struct{ Undo key.Binding }

var undoKeys = undoKeyMap{Undo: bind("u", "undo", "u")}

// offer keeps what can be taken back, in place of what could before.
func (a *app) offer(u *undo) tea.Cmd {
	if u == nil {
		return nil
	}
	a.undo = u
	return a.rt.after(undoTime, undoOverMsg{u})
}

// undoOver ends the offer, unless there is a newer one.
func (a *app) undoOver(msg undoOverMsg) {
	if a.undo == msg.undo {
		a.undo = nil
	}
}

// undoes reports whether a change can be taken back from what is seen: not where
// text is entered, nor where secrets are shown.
func (a *app) undoes() bool {
	_, secret := a.top().(closer)
	return a.undo != nil && !a.rt.locked() && !secret && !a.top().Typing()
}

// undoKey takes the key that takes the last change back.
func (a *app) undoKey() tea.Cmd {
	u := a.undo
	a.undo = nil // pressed twice it is done once
	return a.rt.takeBack(u)
}

// openHelp shows the help screen of what is seen.
func (a *app) openHelp() {
	a.help = newHelpScreen(a.rt, a.top(), len(a.stack) == 1, a.notes())
	if here := a.placeBindings(); len(here) > 0 {
		a.help.groups = append(a.help.groups, here)
	}
	if a.undoes() {
		a.help.groups = append(a.help.groups, []key.Binding{undoKeys.Undo})
	}
	if a.commands() {
		a.help.groups = append(a.help.groups, []key.Binding{paletteKeys.Open, mouseKeys.Toggle})
	}
}
