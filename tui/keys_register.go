package tui

import "github.com/charmbracelet/bubbles/key"

// registerKeyMap works on the lists of workflows and of environments.
type registerKeyMap struct {
	New, Open, Delete, Filter, Reload, Clear key.Binding
}

var registerKeys = registerKeyMap{
	New:    bind("n", "new", "n"),
	Open:   bind("enter", "change", "enter"),
	Delete: bind("d", "delete", "d"),
	Filter: bind("/", "filter", "/"),
	Reload: bind("ctrl+r", "load again", "ctrl+r"),
	Clear:  bind("esc", "no filter", "esc"),
}
