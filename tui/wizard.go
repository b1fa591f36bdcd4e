package tui

import (
	"github.com/charmbracelet/bubbles/help"
	tea "github.com/charmbracelet/bubbletea"
)

// wizard makes a key, step by step.
type wizard struct{ rt *runtime }

func newWizard(rt *runtime) screen { return &wizard{rt: rt} }

func (w *wizard) Init() tea.Cmd              { return nil }
func (w *wizard) Update(msg tea.Msg) tea.Cmd { return nil }
func (w *wizard) View() string               { return "" }
func (w *wizard) SetSize(width, height int)  {}
func (w *wizard) Title() string              { return "New key" }
func (w *wizard) Keys() help.KeyMap          { return bindings{} }
func (w *wizard) Typing() bool               { return false }
func (w *wizard) Unsaved() *prompt           { return nil }
