package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// palette reaches every action by name: what the screen's own key map has, the
// places, and what works everywhere. It does an action by pressing its key, so
// that it can do nothing that a key could not. "keys NAME" goes to a key.
type palette struct {
	rt      *runtime
	actions []action
	keys    []action // that "keys NAME" found
	shown   []action // what is typed lets through, the best first
	window  window
	input   textinput.Model
	request int   // number of the newest question for keys, 0: there is none
	err     error // of its answer
}

// action is a line of the palette.
type action struct {
	name string
	key  string // as help has it
	off  string // why it cannot be done now, "" where it can
	does tea.Cmd
	msg  tea.KeyMsg // the key press that does it, where does is nil
}

// mostFoundKeys bounds how many keys a name finds.
const mostFoundKeys = 8

// foundKeysMsg are the keys that the palette asked for.
type foundKeysMsg struct {
	number int
	keys   []model.KeyRow
	err    error
}

// commands reports whether the palette can be opened over what is seen: where
// no text is entered, nothing is unsaved and no secret is shown.
func (a *app) commands() bool { return a.roams() }

// openPalette opens the palette over the top screen.
func (a *app) openPalette() {
	p := &palette{rt: a.rt, input: newInput(a.rt.styles, "an action or a place, or: keys NAME")}
	p.input.Prompt = ": "
	p.input.CharLimit = 200
	p.input.Focus()
	p.actions = a.actions()
	p.refilter()
	a.palette = p
}

// actions are those of the screen, the places, and those of everywhere. The keys
// that move a cursor come last: nobody looks for them first.
func (a *app) actions() []action {
	var all, moves []action
	seen := map[string]bool{}
	take := func(b key.Binding, lead string) {
		msg, ok := pressOf(b)
		act := action{name: lead + b.Help().Desc, key: b.Help().Key, msg: msg, off: a.off(b)}
		if !ok || seen[act.key+act.name] || !b.Enabled() && act.off == "" {
			return
		}
		seen[act.key+act.name] = true
		if moving(b) {
			moves = append(moves, act)
			return
		}
		all = append(all, act)
	}
	for _, group := range a.top().Keys().FullHelp() {
		for _, b := range group {
			take(b, "")
		}
	}
	for _, b := range a.placeBindings() {
		take(b, "go to ")
	}
	for _, b := range a.globalBindings() {
		take(b, "")
	}
	return append(all, moves...)
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

// globalBindings are the keys that work on every screen, as they are on now.
func (a *app) globalBindings() []key.Binding {
	k := globalKeys
	k.Suspend.SetEnabled(!a.rt.remote())
	k.Back.SetEnabled(len(a.stack) > 1)
	if len(a.stack) > 1 {
		k.Quit.SetHelp(k.Quit.Help().Key, k.Back.Help().Desc)
	}
	undo := undoKeys.Undo
	undo.SetEnabled(a.undoes())
	return []key.Binding{undo, mouseKeys.Toggle, k.Help, k.Back, k.Quit, k.Interrupt, k.Suspend}
}

// off says why a binding that is off is; "" where it is on, and where it only
// has nothing to work on.
func (a *app) off(b key.Binding) string {
	if b.Enabled() || !a.rt.locked() || !changes(b) || matchesHelp(b, undoKeys.Undo) {
		return ""
	}
	if a.rt.ReadOnly {
		return "read-only"
	}
	return "nothing can be changed now"
}

// paletteKey takes a key press while the palette is open.
func (a *app) paletteKey(msg tea.KeyMsg) tea.Cmd {
	p := a.palette
	switch {
	case msg.Paste:
	case matches(msg, paletteKeys.Close), p.input.Value() == "" && matches(msg, paletteKeys.Open):
		a.palette = nil
		return nil
	case matches(msg, paletteKeys.Do):
		if p.window.cursor < len(p.shown) {
			return a.act(p.shown[p.window.cursor])
		}
		return nil
	case p.window.key(msg, typingMoveKeys.withoutEnds()):
		return nil
	}
	before := p.input.Value()
	typeInto(&p.input, msg)
	if p.input.Value() == before {
		return nil
	}
	return p.typed()
}

// act does an action and closes the palette; one that is off says why instead.
func (a *app) act(it action) tea.Cmd {
	if it.off != "" {
		a.palette = nil
		return a.rt.refuse()
	}
	a.palette = nil
	if it.does != nil {
		return it.does
	}
	return a.key(it.msg)
}

// typed shows what fits the text, and asks for keys where it is about one.
func (p *palette) typed() tea.Cmd {
	name, about := p.keyName()
	p.request, p.err = 0, nil
	if !about {
		p.keys = nil
	}
	p.refilter()
	if !about || name == "" {
		return nil
	}
	p.request = p.rt.next()
	return p.rt.findKeys(p.request, name, mostFoundKeys)
}

// keyName is the name in "keys NAME"; about says that one is being typed.
func (p *palette) keyName() (name string, about bool) {
	word, name, about := strings.Cut(strings.TrimLeft(p.input.Value(), " "), " ")
	word = strings.ToLower(word)
	return strings.TrimSpace(name), about && (word == "keys" || word == "key")
}

// found takes the keys that were asked for.
func (p *palette) found(msg foundKeysMsg) {
	if msg.number != p.request || p.request == 0 {
		return
	}
	p.err, p.keys = msg.err, nil
	for _, k := range msg.keys {
		p.keys = append(p.keys, action{name: "key " + clean(k.Name), key: k.Status.String(), does: push(newDetail(p.rt, k.ID, k.Name))})
	}
	p.refilter()
}

// refilter puts the best first, and the cursor on it.
func (p *palette) refilter() {
	all, typed := p.actions, p.input.Value()
	if name, about := p.keyName(); about {
		all, typed = p.keys, name
		if name == "" {
			all = nil
		}
	}
	names := make([]string, len(all))
	for i, it := range all {
		names[i] = it.name
	}
	p.shown = nil
	for _, i := range bestFirst(typed, names) {
		p.shown = append(p.shown, all[i])
	}
	if len(p.shown) == 0 {
		p.shown = p.keysAsFound(all)
	}
	p.window.cursor = 0
	p.window.resize(len(p.shown), max(p.window.height, 1))
}

// keysAsFound are the keys that were found by something else than their names.
func (p *palette) keysAsFound(all []action) []action {
	if _, about := p.keyName(); about {
		return all
	}
	return nil
}
