package tui

import (
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// place is a screen that a key opens from everywhere where no text is entered,
// nothing is unsaved and no secret is shown.
type place struct {
	key  key.Binding
	here func(on aim) bool // nil: always; else whether there is something to show of what is under the cursor
	open func(rt *runtime, on aim) screen
}

// places are all of them, in the order in which help has them. The list of keys
// is the first: it lies below every other screen, and is not opened but gone
// back to.
var places = []place{
	{placeKeys.Keys, nil, nil},
	{placeKeys.Workflows, nil, func(rt *runtime, _ aim) screen { return newWorkflowList(rt) }},
	{placeKeys.Environments, nil, func(rt *runtime, _ aim) screen { return newEnvironmentList(rt) }},
	{placeKeys.Certificates, nil, func(rt *runtime, _ aim) screen { return newCertificateList(rt) }},
	{placeKeys.Rotation, aimsAtKey, func(rt *runtime, on aim) screen { return newRotation(rt, on.key, on.name) }},
	{placeKeys.Audit, nil, func(rt *runtime, on aim) screen { return newAudit(rt, on.about()) }},
	{placeKeys.Activity, nil, newActivityOf},
	{placeKeys.Try, nil, newTry},
	{placeKeys.Endpoint, nil, func(rt *runtime, _ aim) screen { return newEndpointScreen(rt) }},
	{placeKeys.Import, nil, func(rt *runtime, _ aim) screen { return newImport(rt) }},
	{placeKeys.Bin, nil, func(rt *runtime, _ aim) screen { return newBin(rt) }},
}

// aim is what a screen has under its cursor.
type aim struct {
	key          model.ID        // 0: none
	name         string          // of the key
	among        bool            // the key is one of a list, not what the screen is about
	workflow     model.ID        // 0: none
	workflowName string          // of the workflow under the cursor of their list, else ""
	call         *model.Activity // nil: none
}

// about is the key that the whole screen is about, or 0.
func (on aim) about() model.ID {
	if on.among {
		return 0
	}
	return on.key
}

// aimsAtKey reports whether there is a key under the cursor.
func aimsAtKey(on aim) bool { return on.key != 0 }

// aimer is a screen that has something under its cursor.
type aimer interface{ aim() aim }

func (a *app) aim() aim {
	if s, ok := a.top().(aimer); ok {
		return s.aim()
	}
	return aim{}
}

// roams reports whether places can be gone to from what is seen.
func (a *app) roams() bool {
	return !a.secret() && !a.top().Typing() && a.unsaved() == nil
}

// goTo opens a place. The screen that is left for it stays below, as it is.
func (a *app) goTo(p place) tea.Cmd {
	if s := a.opened(p); s != nil {
		return push(s)
	}
	return nil
}

// opened is the screen of a place, which is to be pushed; nil for the list of
// keys and one that is open already, which are gone back to.
func (a *app) opened(p place) screen {
	if p.open == nil {
		a.cut(1)
		return nil
	}
	s := p.open(a.rt, a.aim())
	if i := a.whereOpen(s); i > 0 {
		a.cut(i + 1)
		return nil
	}
	return a.again(s)
}

// placeKey takes a key that goes to a place.
func (a *app) placeKey(msg tea.KeyMsg) (tea.Cmd, bool) {
	if refusal := a.rt.refuse(); refusal != nil && a.roams() && matches(msg, placeKeys.Import) {
		return refusal, true
	}
	for _, p := range a.placesHere() {
		if matches(msg, p.key) {
			return a.goTo(p), true
		}
	}
	return nil, false
}

// placesHere are the places that can be gone to now.
func (a *app) placesHere() []place {
	if !a.roams() {
		return nil
	}
	return a.reachable()
}

// reachable are the places that there are for who looks, whatever is in the way
// of going there at once.
func (a *app) reachable() []place {
	on := a.aim()
	return slices.DeleteFunc(slices.Clone(places), func(p place) bool {
		if p.open == nil {
			return len(a.stack) == 1
		}
		if p.key.Help().Key == placeKeys.Import.Help().Key && (a.rt.locked() || a.rt.Documents == nil) {
			return true // it leads to changes only
		}
		return p.here != nil && !p.here(on)
	})
}

// placeBindings are the keys of the places that can be gone to now.
func (a *app) placeBindings() []key.Binding {
	var all []key.Binding
	for _, p := range a.placesHere() {
		all = append(all, p.key)
	}
	if b := a.rt.endpointBinding(); all != nil && b.Enabled() {
		all = append(all, b)
	}
	return all
}
