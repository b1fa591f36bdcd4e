package tui

import "github.com/charmbracelet/bubbles/key"

// pasteKeyMap takes a certificate where there are no files.
type pasteKeyMap struct{ Back key.Binding }

var pasteKeys = pasteKeyMap{Back: bind("esc", "back", "esc")}
