package tui

import "github.com/charmbracelet/bubbles/key"

// importKeyMap works on the preview of an import.
type importKeyMap struct {
	Mark, MarkAll, Import, Reload, Back, Stop key.Binding
}

var importKeys = importKeyMap{
	Mark:    bind("space", "mark", " "),
	MarkAll: bind("*", "mark all or none", "*"),
	Import:  bind("enter", "import what is marked", "enter"),
	Reload:  bind("ctrl+r", "compare again", "ctrl+r"),
	Back:    bind("esc", "back", "esc"),
	Stop:    bind("esc", "stop", "esc"),
}
