package tui

import (
	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
)

// listBindings are the bindings of the list as they are on now.
type listBindings struct {
	listKeyMap
	actionKeyMap
}

// keys switches off what has no meaning now.
func (l *keyList) keys() listBindings {
	k := listBindings{listKeys, actionKeys}
	k.Regenerate.SetHelp(k.Regenerate.Help().Key, "renew") // a secret or a certificate: steady while the cursor moves
	row, here := l.table.current()
	if !l.loaded || l.all == 0 {
		here = false
	}
	if !here {
		disable(&k.Open, &k.Enable, &k.Regenerate, &k.Delete, &k.Permit)
	}
	if here {
		k.Enable.SetHelp(k.Enable.Help().Key, enableVerb(row.Enabled))
	}
	some := l.loaded && l.all > 0
	k.Filter.SetEnabled(some)
	k.Sort.SetEnabled(some)
	k.Reverse.SetEnabled(some)
	k.Clear.SetEnabled(l.filter.Value() != "")
	k.Samples.SetEnabled(l.empty() && l.workflows.all == l.workflows.samples || l.tourWaits())
	k.RemoveSamples.SetEnabled(here && row.Name == sampleKey || l.empty() && l.workflows.samples > 0)
	l.markKeys(&k, here)
	if l.rt.locked() {
		disable(&k.Mark, &k.MarkAll, &k.New, &k.Samples, &k.RemoveSamples, &k.Enable, &k.Regenerate, &k.Delete, &k.Permit)
	}
	return k
}

// Keys are the bindings for the help line and the help screen.
func (l *keyList) Keys() help.KeyMap {
	if l.filter.typing {
		return l.filter.bindings()
	}
	k := l.keys()
	if l.empty() {
		return bindings{short: []key.Binding{k.Samples, k.RemoveSamples, l.importBinding(), k.New, l.binBinding()},
			full: [][]key.Binding{{k.New, k.Samples, k.RemoveSamples, k.Reload}}}
	}
	short := l.steadyKeys(k)
	if len(l.marks) > 0 {
		short = []key.Binding{k.Enable, k.Permit, k.Delete, k.Clear, k.Mark, k.Filter, k.Sort}
	}
	return bindings{
		short: short,
		full: [][]key.Binding{
			{k.New, k.Open, k.Enable, k.Regenerate, k.Permit, k.Delete, k.Mark, k.MarkAll, k.Samples, k.RemoveSamples},
			{k.Filter, k.Clear, k.Sort, k.Reverse, k.Reload},
			moveKeys.all(),
		},
	}
}

// steadyKeys are the bindings of the help line, in an order and with words that
// are the same whatever the cursor is on, but for whether e enables or disables:
// that comes behind what may not move.
func (l *keyList) steadyKeys(k listBindings) []key.Binding {
	if k.Clear.Enabled() {
		return []key.Binding{k.Clear, k.Open, k.Filter, k.Delete, k.Mark, k.Enable, k.Regenerate, k.New, k.Sort, k.Permit}
	}
	return []key.Binding{k.Samples, k.RemoveSamples, k.New, k.Open, k.Filter, k.Delete, k.Mark, k.Enable, k.Regenerate, k.Sort, k.Permit}
}

// tourWaits reports whether the samples of a tour are there and no tour is under
// way: it was left, or went to its end.
func (l *keyList) tourWaits() bool { return l.sample != 0 && !l.rt.touring && !l.empty() }

// importBinding is the place that a store without keys may begin at.
func (l *keyList) importBinding() key.Binding {
	b := placeKeys.Import
	b.SetEnabled(!l.rt.locked() && l.rt.Documents != nil)
	return b
}

// binBinding is the place to go to where all keys are in the bin.
func (l *keyList) binBinding() key.Binding {
	b := placeKeys.Bin
	b.SetEnabled(l.workflows.deleted > 0 && !l.rt.touring)
	return b
}

// aim is the key under the cursor.
func (l *keyList) aim() aim {
	row, _ := l.table.current()
	return aim{key: row.ID, name: row.Name, among: true}
}
