package tui

import "github.com/charmbracelet/bubbles/key"

// registerKeyMap works on the lists of workflows and of environments.
type registerKeyMap struct {
	New, Open, Delete, Filter, Sort, Reverse, Reload, Clear key.Binding
}

var registerKeys = registerKeyMap{
	New:    bind("n", "new", "n"),
	Open:   bind("enter", "change", "enter"),
	Delete: bind("d", "delete", "d"),
	Filter: bind("/", "filter", "/"),
	Sort:   listKeys.Sort, Reverse: listKeys.Reverse,
	Reload: bind("ctrl+r", "load again", "ctrl+r"),
	Clear:  bind("esc", "no filter", "esc"),
}
