package tui

import (
	"fmt"
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// elsewhere is an action of a place, which the palette has on every other screen
// too: it opens the place and presses the key there.
type elsewhere struct {
	place key.Binding // of the place
	key   key.Binding // of the action
	how   elsewhereHow
	here  func(s screen) bool // the screen is the place: it has the action itself
}

// elsewhereHow is what follows once the place is open.
type elsewhereHow int

const (
	pressThere  elsewhereHow = iota
	chooseThere              // what is acted on is the user's to choose first: the status line says the key
	openThere                // the place does it unasked, or has what is to be filled in
)

// actionsElsewhere are the actions of the places, in the order of those. What
// loads or moves is nobody's reason to go there.
func actionsElsewhere() []elsewhere {
	p := placeKeys
	var all []elsewhere
	of := func(place key.Binding, here func(screen) bool, how elsewhereHow, keys ...key.Binding) {
		for _, k := range keys {
			all = append(all, elsewhere{place, k, how, here})
		}
	}
	of(p.Keys, isA[*keyList], pressThere, listKeys.New, listKeys.Filter, listKeys.Sort)
	of(p.Keys, isA[*keyList], chooseThere, actionKeys.Enable, actionKeys.Regenerate, actionKeys.Permit, actionKeys.Delete, listKeys.Mark, placeKeys.Rotation)
	of(p.Workflows, isA[*workflowList], pressThere, registerKeys.New, registerKeys.Filter)
	of(p.Workflows, isA[*workflowList], chooseThere, registerKeys.Open, registerKeys.Delete)
	of(p.Environments, isA[*environmentList], pressThere, registerKeys.New)
	of(p.Environments, isA[*environmentList], chooseThere, registerKeys.Open, registerKeys.Delete)
	of(p.Certificates, isA[*certificateList], pressThere, certificateKeys.Generate, certificateKeys.Inspect, certificateKeys.Filter)
	of(p.Certificates, isA[*certificateList], chooseThere, certificateKeys.New, certificateKeys.Write, certificateKeys.Copy, certificateKeys.Remove)
	of(p.Audit, isA[*auditList], pressThere, auditKeys.Verify, auditKeys.Filter)
	of(p.Activity, isA[*activityList], openThere, activityKeys.Follow)
	of(p.Activity, isA[*activityList], pressThere, activityKeys.Pause, activityKeys.Filter)
	of(p.Activity, isA[*activityList], chooseThere, activityKeys.Open)
	of(p.Try, isA[*try], pressThere, tryKeys.CopyCall, tryKeys.Write)
	of(p.Bin, isA[*binList], chooseThere, binKeys.Restore)
	of(p.Bin, isA[*binList], pressThere, binKeys.Purge)
	return all
}

func isA[S screen](s screen) bool { _, is := s.(S); return is }

// actionsElsewhere are those of the places that can be gone to from what is
// seen, as actions.
func (a *app) actionsElsewhere() []action {
	reachable := a.reachable()
	var all []action
	for _, e := range actionsElsewhere() {
		i := slices.IndexFunc(reachable, func(p place) bool { return matchesHelp(p.key, e.place) })
		if i < 0 || e.here(a.top()) || a.rt.cannot(e.key) || matchesHelp(e.key, placeKeys.Rotation) && aimsAtKey(a.aim()) {
			continue
		}
		if a.rt.remote() && matchesHelp(e.key, certificateKeys.Inspect) {
			inspectPasted(&e.key)
		}
		name := upperFirst(e.place.Help().Desc) + ": " + e.key.Help().Desc
		it := action{name: name, key: e.place.Help().Key + " " + e.key.Help().Key, also: synonyms(name), leaves: true}
		if a.rt.locked() && changes(e.key) {
			it.off = a.lockedBy()
		}
		it.run = func() tea.Cmd { return a.goAndDo(reachable[i], e) }
		all = append(all, it)
	}
	return all
}

// doneThere reports whether a place that was open already, or is as it was left,
// needs no key press for an action: it follows the newest call from now on, or is
// paused as it is.
func (a *app) doneThere(e elsewhere) bool {
	l, ok := a.top().(*activityList)
	switch {
	case !ok:
		return false
	case matchesHelp(e.key, activityKeys.Follow):
		l.following, l.back = true, nil
		l.follow()
		return true
	}
	return l.paused && matchesHelp(e.key, activityKeys.Pause)
}

// goAndDo opens a place, and does or says what follows there. The key press is
// held like one that is typed ahead: until the place has settled.
func (a *app) goAndDo(p place, e elsewhere) tea.Cmd {
	var cmd tea.Cmd
	if s := a.opened(p); s != nil {
		cmd = a.push(s) // at once: the key press must meet no other screen
	}
	h := e.key.Help()
	if a.doneThere(e) {
		return cmd
	}
	switch msg, ok := pressOf(e.key); {
	case e.how == chooseThere:
		a.status = statusMsg{statusInfo, fmt.Sprintf("Choose one here; %s: %s.", a.rt.styles.keyName(h.Key), h.Desc)}
	case e.how == pressThere && ok:
		a.ahead.keys = slices.Insert(a.ahead.keys, 0, msg)
	}
	return cmd
}
