package tui

import "github.com/charmbracelet/bubbles/key"

// The keys of the screens that make things: the wizard, the chooser, the
// certificate picker and the reveal.

// wizardKeyMap moves through the steps of the wizard.
type wizardKeyMap struct {
	Next, NextField, Previous, Back key.Binding
	Up, Down, Left, Right           key.Binding
	Create, Change, Choose, Remove  key.Binding
	MarkThis, WithNone              key.Binding
}

var wizardKeys = wizardKeyMap{
	Next:      bind("enter", "next", "enter"),
	NextField: bind("tab", "next", "tab"),
	Previous:  bind("shift+tab", "previous step", "shift+tab"),
	Back:      bind("esc", "back", "esc"),
	Up:        bind("↑/k", "up", "up", "k"),
	Down:      bind("↓/j", "down", "down", "j"),
	Left:      bind("←/h", "previous choice", "left", "h"),
	Right:     bind("→/l", "next choice", "right", "l", " "),
	Create:    bind("enter", "create the key", "enter"),
	Change:    bind("enter", "change this", "enter"),
	Choose:    bind("enter", "choose a file, paste or generate", "enter"),
	Remove:    bind("x", "take it out", "x", "delete"),
	MarkThis:  bind("enter", "mark this", "enter"),
	WithNone:  bind("tab", "go on with none", "tab"),
}

// chooserKeyMap chooses several of many.
type chooserKeyMap struct {
	Mark, All, Filter, Done, Back, Reload key.Binding
}

var chooserKeys = chooserKeyMap{
	Mark:   bind("space", "mark", " "),
	All:    bind("*", "all or none shown", "*"),
	Filter: bind("/", "filter", "/"),
	Done:   bind("enter", "done", "enter"),
	Back:   bind("esc", "back", "esc"),
	Reload: bind("ctrl+r", "load again", "ctrl+r"),
}

// pickerKeyMap finds a file while letters go to the filter.
type pickerKeyMap struct {
	Open, Parent, ParentLeft, Enter, Hidden key.Binding
	Path, Home, Back, Generate, Reload      key.Binding
	Complete                                key.Binding
}

var pickerKeys = pickerKeyMap{
	Open:       bind("enter", "choose", "enter"),
	Enter:      bind("→", "into the directory", "right"),
	Parent:     bind("backspace", "up a directory", "backspace"),
	ParentLeft: bind("←", "up", "left"),
	Hidden:     bind(".", "hidden", "."),
	Path:       bind("/ ~", "path", "/"),
	Complete:   bind("tab", "complete", "tab"),
	Home:       bind("~", "type a path from home", "~"),
	Back:       bind("esc", "back", "esc"),
	Generate:   bind("ctrl+g", "generate", "ctrl+g"),
	Reload:     bind("ctrl+r", "read again", "ctrl+r"),
}

// pathKeyMap enters a path.
type pathKeyMap struct{ Open, Complete, Back key.Binding }

var pathKeys = pathKeyMap{
	Open:     bind("enter", "open", "enter"),
	Complete: bind("tab", "complete", "tab"),
	Back:     bind("esc", "back to the list", "esc"),
}

// acceptKeyMap decides about a certificate that was read.
type acceptKeyMap struct{ Accept, Back, Up, Down key.Binding }

var acceptKeys = acceptKeyMap{
	Accept: bind("enter", "accept", "enter"),
	Back:   bind("esc", "back", "esc"),
	Up:     bind("↑/k", "scroll up", "up", "k"),
	Down:   bind("↓/j", "scroll down", "down", "j"),
}

// formKeyMap moves through the fields of a form.
type formKeyMap struct {
	Next, Previous, Up, Down, Left, Right, Submit, Back, Cancel key.Binding
}

var formKeys = formKeyMap{
	Next:     bind("tab", "next field", "tab"),
	Previous: bind("shift+tab", "previous field", "shift+tab"),
	Up:       bind("↑", "previous field", "up"),
	Down:     bind("↓", "next field", "down"),
	Left:     bind("←", "previous choice", "left"),
	Right:    bind("→", "next choice", "right", " "),
	Submit:   bind("enter", "generate", "enter"),
	Back:     bind("esc", "back", "esc"),
	Cancel:   bind("esc", "cancel", "esc"),
}

// revealKeyMap is what can be done with secrets while they are shown.
type revealKeyMap struct {
	CopyPrimary, CopySecondary, WritePrimary, WriteSecondary, CopyCall key.Binding
	Leave, Show, Write, CancelWrite, Up, Down                          key.Binding
}

var revealKeys = revealKeyMap{
	CopyPrimary:    bind("c", "copy primary", "c"),
	CopySecondary:  bind("C", "copy secondary", "C"),
	WritePrimary:   bind("w", "write primary to a file", "w"),
	WriteSecondary: bind("W", "write secondary", "W"),
	CopyCall:       bind("y", "copy the curl line", "y"),
	Leave:          bind("esc", "done", "esc", "enter", "q"),
	Show:           bind("any key", "show again"),
	Write:          bind("enter", "write", "enter"),
	CancelWrite:    bind("esc", "cancel", "esc"),
	Up:             bind("↑/k", "scroll up", "up", "k"),
	Down:           bind("↓/j", "scroll down", "down", "j"),
}
