package tui

import "github.com/charmbracelet/bubbles/key"

// certificateKeyMap works on the list of certificates and on one of them.
type certificateKeyMap struct {
	Open, New, Inspect, Write, Copy, Remove   key.Binding
	Generate, Filter, Clear, Reload, Up, Down key.Binding
}

var certificateKeys = certificateKeyMap{
	Open:     bind("enter", "open", "enter"),
	New:      bind("n", "new for this key", "n"),
	Generate: bind("ctrl+g", "generate", "ctrl+g"),
	Inspect:  bind("i", "inspect a file", "i"),
	Write:    bind("w", "write to a file", "w"),
	Copy:     bind("c", "copy as PEM", "c"),
	Remove:   bind("x", "take it out", "x"),
	Filter:   bind("/", "filter", "/"),
	Clear:    bind("esc", "no filter", "esc"),
	Reload:   bind("ctrl+r", "load again", "ctrl+r"),
	Up:       bind("↑/k", "scroll up", "up", "k"),
	Down:     bind("↓/j", "scroll down", "down", "j"),
}

// exportKeyMap enters where a certificate is written to.
type exportKeyMap struct{ Write, Back key.Binding }

var exportKeys = exportKeyMap{
	Write: bind("enter", "write", "enter"),
	Back:  bind("esc", "back", "esc"),
}

// rotationKeyMap works on the two slots of a key side by side.
type rotationKeyMap struct {
	Open, Up, Down, Next, Reload key.Binding
}

var rotationKeys = rotationKeyMap{
	Open:   bind("enter", "open", "enter"),
	Up:     bind("↑/k", "up", "up", "k"),
	Down:   bind("↓/j", "down", "down", "j"),
	Next:   bind("tab", "other slot", "tab"),
	Reload: bind("ctrl+r", "load again", "ctrl+r"),
}
