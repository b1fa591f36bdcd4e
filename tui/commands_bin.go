package tui

import (
	"context"
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// binMsg is what is in the bin.
type binMsg struct {
	request int
	keys    []model.DeletedKey
	at      time.Time
	err     error
}

// loadBin reads the whole bin, page by page.
func (rt *runtime) loadBin(request int) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		msg := binMsg{request: request, at: rt.Now()}
		for {
			page, err := rt.Backend.DeletedKeys(ctx, model.BinQuery{Offset: len(msg.keys)})
			if msg.err = err; err != nil {
				return msg
			}
			msg.keys = append(msg.keys, page.Keys...)
			if len(page.Keys) == 0 || len(msg.keys) >= page.Total {
				return msg
			}
		}
	})
}

// restoredText says what came back.
func restoredText(k model.RestoredKey, how string) string {
	text := fmt.Sprintf("%q is restored, %s.", k.Name, how)
	for _, n := range k.Emptied {
		text += fmt.Sprintf(" Its %s certificate belongs to another key by now: that slot is empty.", n)
	}
	return text
}

// restoreKey brings a key back; name is "" for its own.
func (rt *runtime) restoreKey(id model.ID, name string) tea.Cmd {
	return rt.change(func(ctx context.Context, r *model.Receipt) tea.Msg {
		k, err := rt.Backend.RestoreKey(ctx, id.String(), name)
		if err != nil {
			return outcomeMsg{err: err}
		}
		return outcomeMsg{done: restoredText(k, "disabled: "+actionKeys.Enable.Help().Key+" on the list enables it"), key: k.Name, receipt: *r, undo: rt.undoRestore(k.KeyInfo)}
	})
}

// restoreAsMsg is the end of restoring a key under a name that was typed.
type restoreAsMsg struct {
	number int
	end    outcomeMsg
}

// restoreAs is restoreKey for a form, which tells of an error itself.
func (rt *runtime) restoreAs(number int, id model.ID, name string) tea.Cmd {
	restore := rt.restoreKey(id, name)
	return func() tea.Msg {
		end, ok := restore().(outcomeMsg)
		if !ok { // the console is quitting
			return nil
		}
		return restoreAsMsg{number, end}
	}
}

// purgeBin removes for good what was deleted long enough ago.
func (rt *runtime) purgeBin() tea.Cmd {
	return rt.do(patient, func(ctx context.Context) tea.Msg {
		r := model.Receipt{}
		n, err := rt.Backend.Purge(model.WithReceipt(ctx, &r), model.PurgeAfter)
		done := fmt.Sprintf("%s purged.", count(n, "deleted key"))
		if err != nil && n == 0 {
			done = ""
		}
		var never *undo
		if n > 0 {
			never = neverUndo(neverPurge)
		}
		return outcomeMsg{done: done, receipt: r, undo: never, err: err}
	})
}
