package tui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// peekedMsg is a key as it is now, for the preview below the list.
type peekedMsg struct {
	id  model.ID
	key model.KeyInfo
	err error
}

// peekAt looks at one key, with the record of its use, which is read for it alone.
func (rt *runtime) peekAt(id model.ID) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		k, err := rt.Backend.Key(ctx, id.String())
		return peekedMsg{id, k, err}
	})
}
