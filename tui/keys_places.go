package tui

import "github.com/charmbracelet/bubbles/key"

// placeKeyMap goes from screen to screen.
type placeKeyMap struct {
	Keys, Workflows, Environments, Audit, Bin key.Binding
}

var placeKeys = placeKeyMap{
	Keys:         bind("K", "keys", "K"),
	Workflows:    bind("W", "workflows", "W"),
	Environments: bind("E", "environments", "E"),
	Audit:        bind("A", "audit trail", "A"),
	Bin:          bind("B", "bin", "B"),
}
