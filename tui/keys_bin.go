package tui

import "github.com/charmbracelet/bubbles/key"

// binKeyMap works on the bin and on one deleted key.
type binKeyMap struct {
	Open, Restore, Purge, Mark, MarkAll key.Binding
}

var binKeys = binKeyMap{
	Open:    bind("enter", "open", "enter"),
	Restore: bind("b", "restore", "b"),
	Purge:   bind("X", "purge what is due", "X"),
	Mark:    bind("space", "mark", " "),
	MarkAll: bind("*", "mark all shown", "*"),
}
