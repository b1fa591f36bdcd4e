package tui

import (
	"github.com/charmbracelet/bubbles/help"
	tea "github.com/charmbracelet/bubbletea"
)

// keyList is the first screen: every key of the store.
type keyList struct{ rt *runtime }

func newKeyList(rt *runtime) screen { return &keyList{rt: rt} }

func (l *keyList) Init() tea.Cmd          { return nil }
func (l *keyList) Update(tea.Msg) tea.Cmd { return nil }
func (l *keyList) View() string           { return "" }
func (l *keyList) SetSize(int, int)       {}
func (l *keyList) Title() string          { return "Keys" }
func (l *keyList) Keys() help.KeyMap      { return bindings{} }
func (l *keyList) Typing() bool           { return false }
func (l *keyList) Unsaved() *prompt       { return nil }
