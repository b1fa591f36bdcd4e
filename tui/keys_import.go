package tui

import "github.com/charmbracelet/bubbles/key"

// importKeyMap works on the preview of an import.
type importKeyMap struct {
	Mark, MarkAll, Import, Prefix, Filter, Clear, Reload, Back, Stop key.Binding
}

var importKeys = importKeyMap{
	Mark:    bind("space", "mark", " "),
	MarkAll: bind("*", "all or none shown", "*"),
	Import:  bind("enter", "import what is marked", "enter"),
	Prefix:  bind("tab", "path prefix", "tab"),
	Filter:  bind("/", "filter", "/"),
	Clear:   bind("esc", "no filter", "esc"),
	Reload:  bind("ctrl+r", "compare again", "ctrl+r"),
	Back:    bind("esc", "back", "esc"),
	Stop:    bind("esc", "stop", "esc"),
}

// prefixKeyMap works while a path prefix is typed.
type prefixKeyMap struct{ Keep, Cancel key.Binding }

var prefixKeys = prefixKeyMap{
	Keep:   bind("enter", "keep it", "enter", "tab"),
	Cancel: bind("esc", "as it was", "esc"),
}
