package tui

import "github.com/charmbracelet/bubbles/key"

// whyKeyMap works on the explanation of a decision.
type whyKeyMap struct {
	Open, Enable, Permit, Regenerate, Restore, New, CopyCall, Reload key.Binding
}

var whyKeys = whyKeyMap{
	Open:       bind("enter", "do it", "enter"),
	Enable:     bind("e", "enable the key", "e"),
	Permit:     bind("p", "permit", "p"),
	Regenerate: bind("r", "regenerate", "r"),
	Restore:    bind("b", "restore", "b"),
	New:        bind("n", "new workflow", "n"),
	CopyCall:   bind("y", "copy the curl line", "y"),
	Reload:     bind("ctrl+r", "load again", "ctrl+r"),
}
