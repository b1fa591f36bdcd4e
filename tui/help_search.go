package tui

import (
	"slices"

	"github.com/charmbracelet/bubbles/key"
)

// onEveryScreen are the keys that work on more than one screen, be they on now or
// not, but for those that the screen below has itself.
func (h *helpScreen) onEveryScreen() []key.Binding {
	k, p := globalKeys, placeKeys
	all := []key.Binding{
		undoKeys.Undo, p.Keys, p.Workflows, p.Environments, p.Certificates, p.Rotation, p.Audit, p.Activity, p.Try, p.Endpoint, p.Bin,
		paletteKeys.Open, mouseKeys.Toggle, k.Help,
	}
	if !h.rt.endpointBinding().Enabled() {
		all = append(all, endpointKeys.Toggle) // it says why it starts none
	}
	if !h.rt.locked() && h.rt.Documents != nil {
		all = append(all, p.Import)
	}
	return slices.DeleteFunc(all, func(b key.Binding) bool {
		return h.rt.locked() && changes(b) || slices.ContainsFunc(h.groups, func(group []key.Binding) bool {
			return slices.ContainsFunc(group, func(here key.Binding) bool { return here.Enabled() && here.Help() == b.Help() })
		})
	})
}
