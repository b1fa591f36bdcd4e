package tui

import "github.com/charmbracelet/bubbles/key"

// placeKeyMap goes from screen to screen.
type placeKeyMap struct {
	Keys, Workflows, Environments, Audit, Activity, Try, Certificates, Rotation, Bin key.Binding
}

var placeKeys = placeKeyMap{
	Keys:         bind("K", "keys", "K"),
	Workflows:    bind("W", "workflows", "W"),
	Environments: bind("E", "environments", "E"),
	Certificates: bind("C", "certificates", "C"),
	Rotation:     bind("R", "rotation", "R"),
	Audit:        bind("A", "audit trail", "A"),
	Activity:     bind("L", "activity", "L"),
	Try:          bind("T", "try a call", "T"),
	Bin:          bind("B", "bin", "B"),
}
