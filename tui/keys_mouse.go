package tui

import "github.com/charmbracelet/bubbles/key"

// mouseKeyMap works on every screen where no text is entered and no secret is
// shown.
type mouseKeyMap struct{ Toggle key.Binding }

var mouseKeys = mouseKeyMap{Toggle: bind("m", "mouse on or off", "m")}

// movesRows reports whether a binding moves over rows or lines.
func movesRows(b key.Binding) bool {
	switch b.Help().Desc {
	case moveKeys.Up.Help().Desc, moveKeys.Down.Help().Desc, acceptKeys.Up.Help().Desc, acceptKeys.Down.Help().Desc:
		return true
	}
	return false
}
