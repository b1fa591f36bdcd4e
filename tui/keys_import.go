package tui

import "github.com/charmbracelet/bubbles/key"

// importKeyMap works on the preview of an import.
type importKeyMap struct {
	Mark, MarkAll, Import, Filter, Clear, Reload, Back, Stop key.Binding
}

var importKeys = importKeyMap{
	Mark:    bind("space", "mark", " "),
	MarkAll: bind("*", "all or none shown", "*"),
	Import:  bind("enter", "import what is marked", "enter"),
	Filter:  bind("/", "filter", "/"),
	Clear:   bind("esc", "no filter", "esc"),
	Reload:  bind("ctrl+r", "compare again", "ctrl+r"),
	Back:    bind("esc", "back", "esc"),
	Stop:    bind("esc", "stop", "esc"),
}
