package tui

import "github.com/charmbracelet/bubbles/key"

// tryKeyMap works where a call is tried.
type tryKeyMap struct {
	Next, Previous, Down, Up, Left, Right, CopyCall, Back, PageUp, PageDown key.Binding
}

var tryKeys = tryKeyMap{
	Next:     bind("tab", "next field", "tab", "enter"),
	Previous: bind("shift+tab", "field before", "shift+tab"),
	Down:     bind("↓", "next key", "down"),
	Up:       bind("↑", "key before", "up"),
	Left:     bind("←/→", "other value", "left"),
	Right:    bind("→", "next value", "right", " "),
	CopyCall: bind("y", "copy these lines", "y"),
	Back:     bind("esc", "back", "esc"),
	PageUp:   bind("pgup", "page up", "pgup"),
	PageDown: bind("pgdn", "page down", "pgdown"),
}
