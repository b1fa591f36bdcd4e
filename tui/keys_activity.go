package tui

import "github.com/charmbracelet/bubbles/key"

// activityKeyMap works on the decisions as they happen.
type activityKeyMap struct {
	Open, Follow, Pause, Filter, Reload, Clear key.Binding
}

var activityKeys = activityKeyMap{
	Open:   bind("enter", "why", "enter"),
	Follow: bind("f", "follow, newest last", "f"),
	Pause:  bind("z", "pause", "z"),
	Filter: bind("/", "filter", "/"),
	Reload: bind("ctrl+r", "load again", "ctrl+r"),
	Clear:  bind("esc", "no filter", "esc"),
}
