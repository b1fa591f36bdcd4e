package tui

import (
	"github.com/charmbracelet/bubbles/help"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// picker finds a certificate.
type picker struct{ rt *runtime }

func newPicker(rt *runtime, title string, done func(c model.Certificate) tea.Cmd) screen {
	return &picker{rt: rt}
}

func (s *picker) Init() tea.Cmd              { return nil }
func (s *picker) Update(msg tea.Msg) tea.Cmd { return nil }
func (s *picker) View() string               { return "" }
func (s *picker) SetSize(width, height int)  {}
func (s *picker) Title() string              { return "Certificate" }
func (s *picker) Keys() help.KeyMap          { return bindings{} }
func (s *picker) Typing() bool               { return false }
func (s *picker) Unsaved() *prompt           { return nil }
