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

func (k moveKeyMap) all() []key.Binding {
	return []key.Binding{k.Up, k.Down, k.PageUp, k.PageDown, k.Top, k.Bottom}
}
