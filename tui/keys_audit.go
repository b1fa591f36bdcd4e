package tui

import "github.com/charmbracelet/bubbles/key"

// auditKeyMap works on the audit trail.
type auditKeyMap struct {
	Open, Filter, Verify, Reload, Clear key.Binding
}

var auditKeys = auditKeyMap{
	Open:   bind("enter", "open", "enter"),
	Filter: bind("/", "filter", "/"),
	Verify: bind("v", "verify the chain", "v"),
	Reload: bind("ctrl+r", "load again", "ctrl+r"),
	Clear:  bind("esc", "no filter", "esc"),
}
