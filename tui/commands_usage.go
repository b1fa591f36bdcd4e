package tui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// usedRowsMsg are keys as they are now, for the rows that are seen of a list.
type usedRowsMsg struct {
	number int // of the list's newest request when they were looked at
	keys   map[model.ID]model.KeyInfo
	at     time.Time
}

// lookUsed looks at the keys of the rows that are seen: some dozens, at the same
// cost however many keys there are and however they are sorted and filtered. What
// cannot be had now stays as it is shown.
func (rt *runtime) lookUsed(number int, ids []model.ID) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		return usedRowsMsg{number, rt.lookAll(ctx, ids), rt.Now()}
	})
}
