package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// actions are those of the screen, the places, those of everywhere, and what can
// be done in the places. The keys that move a cursor come last: nobody looks for
// them first.
func (a *app) actions() []action {
	var all, moves []action
	seen := map[string]bool{}
	take := func(b key.Binding) {
		msg, ok := pressOf(b)
		act := action{name: b.Help().Desc, also: synonyms(b.Help().Desc), about: a.about(b), key: b.Help().Key, msg: msg, off: a.off(b)}
		if !ok || seen[act.key+act.name] || !b.Enabled() && act.off == "" {
			return
		}
		seen[act.key+act.name] = true
		if matchesHelp(b, registerKeys.New) {
			act.of = a.placeTitle() + act.name
		}
		if moving(b) {
			moves = append(moves, act)
			return
		}
		all = append(all, act)
	}
	for _, group := range a.top().Keys().FullHelp() {
		for _, b := range group {
			take(b)
		}
	}
	if a.secret() { // every other one leaves the screen, and the secrets are shown once
		if !a.top().Typing() {
			take(globalKeys.Help)
		}
		return append(all, moves...)
	}
	for _, p := range a.reachable() {
		name := p.key.Help().Desc
		all = append(all, action{name: goTo + name, also: synonyms(name), key: p.key.Help().Key, leaves: true, run: func() tea.Cmd { return a.goTo(p) }})
	}
	all = append(all, a.endpointAction())
	for _, b := range a.globalBindings() {
		take(b)
	}
	all = append(all, a.actionsElsewhere()...)
	return append(all, moves...)
}

// placeTitle begins the name of an action of the list that is seen, as it is
// named elsewhere; "" where something is made by it in no list of a place.
func (a *app) placeTitle() string {
	for _, e := range actionsElsewhere() {
		if e.here(a.top()) {
			return upperFirst(e.place.Help().Desc) + ": "
		}
	}
	return ""
}

// endpointAction starts or stops the endpoint of this process, or says why that
// cannot be done here.
func (a *app) endpointAction() action {
	b := a.rt.endpointBinding()
	name := b.Help().Desc
	return action{name: name, also: synonyms(name), key: b.Help().Key, run: a.endpointKey, off: a.rt.endpointsOffShort(), says: true}
}

// moving reports whether a binding only moves a cursor.
func moving(b key.Binding) bool {
	for _, m := range moveKeys.all() {
		if matchesHelp(m, b) {
			return true
		}
	}
	return false
}

// globalBindings are the keys that work on every screen, as they are on now:
// where text is entered, those that are none.
func (a *app) globalBindings() []key.Binding {
	k := globalKeys
	k.Suspend.SetEnabled(!a.rt.remote())
	if a.top().Typing() {
		return []key.Binding{k.Interrupt, k.Suspend}
	}
	k.Back.SetEnabled(len(a.stack) > 1)
	if len(a.stack) > 1 {
		k.Quit.SetHelp(k.Quit.Help().Key, k.Back.Help().Desc)
	}
	undo := undoKeys.Undo
	undo.SetEnabled(a.undoing()) // it says so where there is nothing to take back
	return []key.Binding{undo, mouseKeys.Toggle, k.Help, k.Back, k.Quit, k.Interrupt, k.Suspend}
}

// off says why a binding that is off is; "" where it is on, and where it only
// has nothing to work on.
func (a *app) off(b key.Binding) string {
	if b.Enabled() || !a.rt.locked() || !changes(b) || matchesHelp(b, undoKeys.Undo) {
		return ""
	}
	return a.lockedBy()
}

// lockedBy says in few words why nothing can be changed.
func (a *app) lockedBy() string {
	if a.rt.ReadOnly {
		return "read-only"
	}
	return "nothing can be changed now"
}
