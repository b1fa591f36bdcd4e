package tui

import (
	"github.com/charmbracelet/bubbles/help"
	tea "github.com/charmbracelet/bubbletea"
)

// chooser chooses workflows.
type chooser struct{ rt *runtime }

func newChooser(rt *runtime, title string, chosen []string, done func(names []string) tea.Cmd) screen {
	return &chooser{rt: rt}
}

func (s *chooser) Init() tea.Cmd              { return nil }
func (s *chooser) Update(msg tea.Msg) tea.Cmd { return nil }
func (s *chooser) View() string               { return "" }
func (s *chooser) SetSize(width, height int)  {}
func (s *chooser) Title() string              { return "Workflows" }
func (s *chooser) Keys() help.KeyMap          { return bindings{} }
func (s *chooser) Typing() bool               { return false }
func (s *chooser) Unsaved() *prompt           { return nil }
