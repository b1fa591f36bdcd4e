package tui

import "github.com/charmbracelet/bubbles/key"

// endpointKeyMap starts and stops the endpoint of this process, from every
// screen that places can be gone to from.
type endpointKeyMap struct{ Toggle key.Binding }

var endpointKeys = endpointKeyMap{Toggle: bind("S", "start an endpoint here", "S")}

// endpointsKeyMap works on the screen of endpoints.
type endpointsKeyMap struct{ Reload, Back key.Binding }

var endpointsKeys = endpointsKeyMap{
	Reload: bind("ctrl+r", "load again", "ctrl+r"),
	Back:   bind("esc", "back", "esc"),
}
