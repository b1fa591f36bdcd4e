package tui

import "github.com/charmbracelet/bubbles/key"

// actionKeyMap is what can be done with a key, wherever one is shown.
type actionKeyMap struct {
	Enable, Regenerate, Delete, Permit key.Binding
}

var actionKeys = actionKeyMap{
	Enable:     bind("e", "enable/disable", "e"),
	Regenerate: bind("r", "regenerate", "r"),
	Delete:     bind("d", "delete", "d"),
	Permit:     bind("p", "permit", "p"),
}

// listKeyMap works on the list of keys.
type listKeyMap struct {
	New, Open, Mark, MarkAll, Filter, Sort, Reverse, Reload, Clear, Samples, RemoveSamples key.Binding
}

var listKeys = listKeyMap{
	New:     bind("n", "new", "n"),
	Open:    bind("enter", "open", "enter"),
	Mark:    bind("space", "mark", " "),
	MarkAll: bind("*", "mark all shown", "*"),
	Filter:  bind("/", "filter", "/"),
	Sort:    bind("s", "sort", "s"),
	Reverse: bind("O", "reverse the sort", "O"),
	Reload:  bind("ctrl+r", "load again", "ctrl+r"),
	Clear:   bind("esc", "no filter", "esc"),
	Samples: tourKeys.Begin, RemoveSamples: tourKeys.Remove,
}

// filterKeyMap works while a filter is typed.
type filterKeyMap struct{ Keep, Clear key.Binding }

var filterKeys = filterKeyMap{
	Keep:  bind("enter", "keep the filter", "enter", "tab"),
	Clear: bind("esc", "clear it", "esc"),
}

// detailKeyMap works on everything about one key.
type detailKeyMap struct {
	Edit, Remove, CopyCall, Reload key.Binding
}

var detailKeys = detailKeyMap{
	Edit:     bind("enter", "change", "enter"),
	Remove:   bind("x", "remove the certificate", "x"),
	CopyCall: bind("y", "copy the curl line", "y"),
	Reload:   bind("ctrl+r", "load again", "ctrl+r"),
}

// editKeyMap works in forms: only keys that are no text.
type editKeyMap struct {
	Next, Previous, Enter, Left, Right, Save, Reload, Back key.Binding
}

var editKeys = editKeyMap{
	Next:     bind("tab", "next field", "tab", "down"),
	Previous: bind("shift+tab", "previous field", "shift+tab", "up"),
	Enter:    bind("enter", "choose", "enter"),
	Left:     bind("←/→", "other value", "left"),
	Right:    bind("→", "next value", "right", " "),
	Save:     bind("ctrl+s", "save", "ctrl+s"),
	Reload:   bind("ctrl+r", "take the new version", "ctrl+r"),
	Back:     bind("esc", "back", "esc"),
}

// renewKeyMap works where a slot and a grace period are chosen.
type renewKeyMap struct {
	Up, Down, Next, Previous, Go, Back key.Binding
}

var renewKeys = renewKeyMap{
	Up:       bind("↑/k", "up", "up", "k"),
	Down:     bind("↓/j", "down", "down", "j"),
	Next:     bind("tab", "next question", "tab"),
	Previous: bind("shift+tab", "previous question", "shift+tab"),
	Go:       bind("enter", "regenerate", "enter"),
	Back:     bind("esc", "back", "esc"),
}
