package tui

import (
	"github.com/charmbracelet/bubbles/help"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// reveal shows secrets once.
type reveal struct{ rt *runtime }

func newReveal(rt *runtime, info model.KeyInfo, secrets [2]model.Secret) screen {
	return &reveal{rt: rt}
}

func (s *reveal) Init() tea.Cmd              { return nil }
func (s *reveal) Update(msg tea.Msg) tea.Cmd { return nil }
func (s *reveal) View() string               { return "" }
func (s *reveal) SetSize(width, height int)  {}
func (s *reveal) Title() string              { return "Secrets" }
func (s *reveal) Keys() help.KeyMap          { return bindings{} }
func (s *reveal) Typing() bool               { return false }
func (s *reveal) Unsaved() *prompt           { return nil }
