package tui

import "github.com/charmbracelet/bubbles/key"

// workKeyMap works while something takes long.
type workKeyMap struct{ Stop key.Binding }

var workKeys = workKeyMap{Stop: bind("esc", "stop", "esc")}
