package tui

import (
	"slices"

	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// palette reaches every action by name: what the screen's own key map has, the
// places, what can be done in those, and what works everywhere. It does an action
// by pressing its key, so that it can do nothing that a key could not. A key's
// name opens the key; "keys NAME" looks for nothing else.
type palette struct {
	rt      *runtime
	actions []action
	keys    []action // that the text found
	shown   []action // what is typed lets through, the best first
	window  window
	input   textinput.Model
	request int   // number of the newest question for keys, 0: there is none
	waiting bool  // for its answer
	entered bool  // enter was pressed before it came
	imports bool  // a path that is typed is that of a document to import
	stays   bool  // it has the actions of the screen alone, since leaving it loses something
	err     error // of its answer
}

// action is a line of the palette.
type action struct {
	name   string
	also   string         // what it may be called besides, in words
	of     string         // the name with its place before it, where that is the screen; else ""
	about  string         // what it is done to, "" where it is to nothing by itself
	key    string         // as help has it
	off    string         // why it cannot be done now, "" where it can
	says   bool           // run says why it is off
	leaves bool           // it leads away from the screen
	run    func() tea.Cmd // does it; nil: the key press does
	msg    tea.KeyMsg
}

// foundKeysMsg are the keys that the palette asked for.
type foundKeysMsg struct {
	number int
	keys   []model.KeyRow
	err    error
}

// leaveMsg says that what is unsaved may be lost: the screens that hold it leave,
// then the action of the palette is done.
type leaveMsg struct{ run func() tea.Cmd }

// commands reports whether the palette can be opened over what is seen by the key
// that the help line names: where no text is entered and nothing is unsaved but
// secrets that are shown.
func (a *app) commands() bool { return a.roams() || a.secret() && !a.top().Typing() }

// opensPalette reports whether a key press opens the palette: over a form as
// well, where it asks before it loses something, and over secrets, where it has
// but the actions of their screen. Secrets that are hidden are shown by any key
// first. A ":" is text where one is entered.
func (a *app) opensPalette(msg tea.KeyMsg) bool {
	if r, shows := a.top().(*reveal); msg.Paste || shows && r.masked {
		return false
	}
	if a.top().Typing() {
		return matches(msg, paletteKeys.OpenTyping)
	}
	return matches(msg, paletteKeys.Open)
}

// openPalette opens the palette over the top screen.
func (a *app) openPalette() {
	p := &palette{rt: a.rt, input: newInput(a.rt.styles, "an action, a place or a key's name"), stays: a.secret()}
	p.imports = !p.stays && a.rt.Documents != nil && !a.rt.locked() && !a.rt.remote()
	if p.imports {
		p.input.Placeholder = "an action, a place, a key's name, a path to import"
	}
	if p.stays {
		p.input.Placeholder = "an action of this screen"
	}
	p.input.Prompt = ": "
	p.input.CharLimit = 1000
	p.input.Focus()
	p.actions = a.actions()
	p.refilter()
	a.palette = p
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
		return a.enterPalette()
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

// enterPalette does what is under the cursor. Where keys are still looked for and
// nothing was found so far that has the text as it is, it waits for them.
func (a *app) enterPalette() tea.Cmd {
	p := a.palette
	if p.waiting && (len(p.shown) == 0 || p.window.cursor == 0 && p.shown[0].fit(p.input.Value()) <= 1+fitScattered) {
		p.entered = true
		return nil
	}
	if p.window.cursor >= len(p.shown) {
		return nil
	}
	return a.act(p.shown[p.window.cursor])
}

// act does an action and closes the palette; one that is off says why instead,
// one that leads away from something unsaved asks.
func (a *app) act(it action) tea.Cmd {
	a.palette = nil
	if it.off != "" && !it.says {
		return a.rt.refuse()
	}
	if it.leaves { // only then: to be asked hides secrets
		if p := a.unsaved(); p != nil {
			p.OnYes = send(leaveMsg{it.run})
			return a.ask(*p)
		}
	}
	if it.run != nil {
		return it.run()
	}
	return a.key(it.msg)
}

// leave lets the screens go that would lose something, and those above them.
func (a *app) leave(msg leaveMsg) tea.Cmd {
	if i := slices.IndexFunc(a.stack, func(s screen) bool { return s.Unsaved() != nil }); i > 0 {
		a.cut(i)
	}
	return msg.run()
}
