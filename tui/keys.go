package tui

import (
	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// Keys have one meaning on every screen. Key strings stand in the keys files
// only, and are matched through bindings.

// bind makes a binding: its help text, then the keys; shown is how help writes
// them.
func bind(shown, does string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, does))
}

// disable takes bindings out of use, and out of the help.
func disable(list ...*key.Binding) {
	for _, b := range list {
		b.SetEnabled(false)
	}
}

func matches(msg tea.KeyMsg, b ...key.Binding) bool { return key.Matches(msg, b...) }

// bindings is a help.KeyMap: what the help line shows, and the columns of the
// help screen.
type bindings struct {
	short []key.Binding
	full  [][]key.Binding
}

var _ help.KeyMap = bindings{}

// ShortHelp returns the bindings of the help line.
func (b bindings) ShortHelp() []key.Binding { return b.short }

// FullHelp returns the columns of the help screen.
func (b bindings) FullHelp() [][]key.Binding { return b.full }

// globalKeyMap works on every screen, but for Interrupt only while no text is
// being entered.
type globalKeyMap struct {
	Help, Back, Quit, Interrupt, Suspend key.Binding
}

var globalKeys = globalKeyMap{
	Help:      bind("?", "help", "?"),
	Back:      bind("esc", "back", "esc"),
	Quit:      bind("q", "quit", "q"),
	Interrupt: bind("ctrl+c", "quit", "ctrl+c"),
	Suspend:   bind("ctrl+z", "suspend", "ctrl+z"),
}

type promptKeyMap struct{ Yes, Enter, Cancel key.Binding }

var promptKeys = promptKeyMap{
	Yes:    bind("y", "yes", "y", "Y"),
	Enter:  bind("enter", "confirm", "enter"),
	Cancel: bind("esc", "cancel", "esc", "ctrl+c"),
}

// moveKeyMap moves a cursor in anything that has rows.
type moveKeyMap struct {
	Up, Down, PageUp, PageDown, Top, Bottom key.Binding
}

var moveKeys = moveKeyMap{
	Up:       bind("↑/k", "up", "up", "k"),
	Down:     bind("↓/j", "down", "down", "j"),
	PageUp:   bind("pgup", "page up", "pgup", "ctrl+b"),
	PageDown: bind("pgdn", "page down", "pgdown", "ctrl+f"),
	Top:      bind("g/home", "top", "g", "home"),
	Bottom:   bind("G/end", "bottom", "G", "end"),
}

// typingMoveKeys is moveKeys where letters are text.
var typingMoveKeys = moveKeyMap{
	Up:       bind("↑", "up", "up"),
	Down:     bind("↓", "down", "down"),
	PageUp:   bind("pgup", "page up", "pgup"),
	PageDown: bind("pgdn", "page down", "pgdown"),
	Top:      bind("home", "top", "home"),
	Bottom:   bind("end", "bottom", "end"),
}

// withoutEnds leaves home and end to the text that is being entered.
func (k moveKeyMap) withoutEnds() moveKeyMap {
	k.Top.SetEnabled(false)
	k.Bottom.SetEnabled(false)
	return k
}

// step returns by how many rows a key press moves the cursor among count rows
// of which page are seen; ok is false for a key that moves nothing.
func (k moveKeyMap) step(msg tea.KeyMsg, page, count int) (n int, ok bool) {
	switch {
	case matches(msg, k.Up):
		return -1, true
	case matches(msg, k.Down):
		return 1, true
	case matches(msg, k.PageUp):
		return -page, true
	case matches(msg, k.PageDown):
		return page, true
	case matches(msg, k.Top):
		return -count, true
	case matches(msg, k.Bottom):
		return count, true
	}
	return 0, false
}

func (k moveKeyMap) all() []key.Binding {
	return []key.Binding{k.Up, k.Down, k.PageUp, k.PageDown, k.Top, k.Bottom}
}
