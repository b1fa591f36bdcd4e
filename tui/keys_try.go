package tui

import "github.com/charmbracelet/bubbles/key"

// tryKeyMap works where a call is tried.
type tryKeyMap struct {
	Next, Previous, Down, Up, Left, Right, NextKey, KeyBefore, CopyCall, Write, Back, PageUp, PageDown key.Binding
}

var tryKeys = tryKeyMap{
	Next:      bind("tab", "next field", "tab", "enter"),
	Previous:  bind("shift+tab", "previous field", "shift+tab"),
	Down:      bind("↓", "field below", "down"),
	Up:        bind("↑", "field above", "up"),
	Left:      bind("←/→", "other value", "left"),
	Right:     bind("→", "next value", "right", " "),
	NextKey:   bind("→", "next key", "right"),
	KeyBefore: bind("←", "key before", "left"),
	CopyCall:  bind("y", "copy these lines", "y"),
	Write:     bind("w", "write to a file", "w"),
	Back:      bind("esc", "back", "esc"),
	PageUp:    bind("pgup", "page up", "pgup"),
	PageDown:  bind("pgdn", "page down", "pgdown"),
}
