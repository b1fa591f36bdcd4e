package tui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// mostFoundKeys bounds how many keys a name finds, keysSought among how many the
// best are chosen: what is asked for looks into more than names.
const (
	mostFoundKeys = 8
	keysSought    = 64
)

// leastName is how many characters of a key's name it is looked for by, where
// actions are looked for as well.
const leastName = 2

// typed shows what fits the text, and asks for the keys that have it in their
// names.
func (p *palette) typed() tea.Cmd {
	name, about := p.keyName()
	about = about || p.tries()
	p.request, p.err, p.keys, p.entered, p.waiting = 0, nil, nil, false, false
	p.refilter()
	if p.stays || name == "" || !about && len([]rune(name)) < leastName {
		return nil
	}
	p.request, p.waiting = p.rt.next(), true
	return p.rt.findKeys(p.request, name, keysSought)
}

// keyName is the name that is typed; about says that it is that of a key and
// nothing else: "keys NAME". After "try" a name is that of a key, or an action's.
func (p *palette) keyName() (name string, about bool) {
	word, name := p.command()
	switch {
	case word == "keys" || word == "key":
		return name, true
	case word == tryCommand:
		return name, false
	}
	return strings.TrimSpace(p.input.Value()), false
}

// tryCommand stands before the name of a key that a call is tried with.
const tryCommand = "try"

// command is the first word of several that are typed, and the others.
func (p *palette) command() (word, rest string) {
	word, rest, several := strings.Cut(strings.TrimLeft(p.input.Value(), " "), " ")
	if !several {
		return "", ""
	}
	return strings.ToLower(word), strings.TrimSpace(rest)
}

// tries reports whether a call with a key is asked for: "try NAME".
func (p *palette) tries() bool {
	word, name := p.command()
	return word == tryCommand && name != ""
}

// foundKey is what is done with a key that was found.
func (p *palette) foundKey(k model.KeyRow) action {
	it := action{
		name: "key " + clean(k.Name), key: k.Status.String(), leaves: true,
		run: func() tea.Cmd { return push(newDetail(p.rt, k.ID, k.Name)) },
	}
	if p.tries() {
		it.name = "try a call with " + clean(k.Name)
		it.run = func() tea.Cmd { return push(newTry(p.rt, aim{key: k.ID, name: k.Name})) }
	}
	return it
}

// found takes the keys that were asked for, and reports whether enter waited for
// them.
func (p *palette) found(msg foundKeysMsg) (enter bool) {
	if msg.number != p.request || p.request == 0 {
		return false
	}
	p.err, p.keys, p.waiting = msg.err, nil, false
	for _, k := range msg.keys {
		p.keys = append(p.keys, p.foundKey(k))
	}
	at := p.window.cursor
	p.refilter()
	if at > 0 { // the user moved it meanwhile
		p.window.cursor = min(at, max(len(p.shown)-1, 0))
	}
	enter, p.entered = p.entered, false
	return enter
}

// refilter puts the best first, and the cursor on it. Where keys are asked for by
// that word they come first, those that were found by something else than their
// names too.
func (p *palette) refilter() {
	name, about := p.keyName()
	typed, keys := p.input.Value(), best(name, p.keys)
	if about && len(keys) == 0 {
		keys = p.keys
	}
	keys = keys[:min(len(keys), mostFoundKeys)]
	switch {
	case p.importsPath():
		p.shown = []action{p.importing(strings.TrimSpace(typed))}
	case about && name == "":
		p.shown = nil
	case about:
		p.shown = slices.Concat(keys, best(typed, p.actions))
	default:
		p.shown = best(typed, slices.Concat(p.actions, keys))
	}
	p.window.cursor = 0
	p.window.resize(len(p.shown), max(p.window.height, 1))
}

// best are the actions that a text fits, the best first; those that it fits as
// well stay in their order.
func best(typed string, all []action) []action {
	fits := make(map[string]int, len(all))
	var found []action
	for _, it := range all {
		fit := it.fit(typed)
		if fit > 0 {
			fits[it.key+it.name] = fit
			found = append(found, it)
		}
	}
	slices.SortStableFunc(found, func(a, b action) int { return fits[b.key+b.name] - fits[a.key+a.name] })
	return found
}
