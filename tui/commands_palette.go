package tui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// findKeys asks for the first keys that a filter lets through.
func (rt *runtime) findKeys(number int, filter string, most int) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		page, err := rt.Backend.Keys(ctx, model.KeyQuery{Filter: filter, Limit: most})
		return foundKeysMsg{number, page.Keys, err}
	})
}
