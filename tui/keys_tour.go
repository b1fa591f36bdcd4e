package tui

import "github.com/charmbracelet/bubbles/key"

// tourKeyMap begins the tour in an empty store, goes on with it, and takes the
// samples out again.
type tourKeyMap struct{ Begin, Next, Remove key.Binding }

var tourKeys = tourKeyMap{
	Begin:  bind("t", "tour", "t"),
	Next:   bind("t", "next of the tour", "t"),
	Remove: bind("x", "take the samples out", "x"),
}
