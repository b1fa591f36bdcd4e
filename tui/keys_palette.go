package tui

import (
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// paletteKeyMap opens the palette, from every screen, and works in it. Over
// secrets it has the actions of their screen alone. Where text is entered a ":" is text.
type paletteKeyMap struct{ Open, OpenTyping, Do, Close key.Binding }

var paletteKeys = paletteKeyMap{
	Open:       bind(":", "actions", ":", "ctrl+p"),
	OpenTyping: bind("ctrl+p", "actions", "ctrl+p"),
	Do:         bind("enter", "do it", "enter"),
	Close:      bind("esc", "close", "esc"),
}

// changingKeys are the bindings that change something, or lead to a screen that
// only does. A console that may only look has them off.
func changingKeys() []key.Binding {
	return []key.Binding{
		listKeys.New, listKeys.Samples, listKeys.Mark, listKeys.MarkAll, registerKeys.New, registerKeys.Delete,
		actionKeys.Enable, actionKeys.Regenerate, actionKeys.Permit, actionKeys.Delete, detailKeys.Edit, detailKeys.Remove, undoKeys.Undo,
		binKeys.Restore, binKeys.Purge,
	}
}

// changes reports whether a binding is one of changingKeys. Enter changes
// something where its help says so, and opens everywhere else.
func changes(b key.Binding) bool {
	return slices.ContainsFunc(changingKeys(), func(c key.Binding) bool {
		return slices.Equal(c.Keys(), b.Keys()) && (c.Help().Key != "enter" || c.Help().Desc == b.Help().Desc)
	})
}

// keyTypes are the keys that are no characters, by the names that bindings have
// for them.
var keyTypes = func() map[string]tea.KeyType {
	named := map[string]tea.KeyType{}
	for t := tea.KeyType(-128); t < 128; t++ {
		if name := (tea.KeyMsg{Type: t}).String(); t != tea.KeyRunes && name != "" {
			named[name] = t
		}
	}
	return named
}()

// pressOf is the key press of a binding's first key; ok is false for a binding
// that stands for no key in particular.
func pressOf(b key.Binding) (msg tea.KeyMsg, ok bool) {
	if len(b.Keys()) == 0 {
		return tea.KeyMsg{}, false
	}
	name := b.Keys()[0]
	if name == " " {
		return tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}}, true
	}
	if t, named := keyTypes[name]; named {
		return tea.KeyMsg{Type: t}, true
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}, len([]rune(name)) == 1
}
