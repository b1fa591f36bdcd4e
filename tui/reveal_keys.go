package tui

import "github.com/charmbracelet/bubbles/key"

// wideReveal is the width from which the help line has room for what each key
// does with a secret.
const wideReveal = 120

// pairs are the bindings for a help line that is short of room: those that do the
// same with one secret and the other become one.
func (r *reveal) pairs(k revealKeyMap) []key.Binding {
	both := func(a, b key.Binding, does string) key.Binding {
		a.SetHelp(a.Help().Key+"/"+b.Help().Key, does)
		return a
	}
	k.CopyCall.SetHelp(k.CopyCall.Help().Key, "copy the call")
	return []key.Binding{both(k.CopyPrimary, k.CopySecondary, "copy"), both(k.WritePrimary, k.WriteSecondary, "write"), k.CopyCall, k.Leave}
}
