package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// shownMsg are the keys that the filter shows, as many as can be marked.
type shownMsg struct {
	number int
	page   model.KeyPage
	err    error
}

// listShown loads what the filter shows.
func (rt *runtime) listShown(number int, q model.KeyQuery) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		page, err := rt.Backend.Keys(ctx, q)
		return shownMsg{number, page, err}
	})
}

// lookedMsg are the marked keys as they are now, and those that are no more.
type lookedMsg struct {
	number int
	delete bool // they are to be deleted; else enabled or disabled
	rows   []model.KeyRow
	gone   []model.ID
	err    error
	usage  map[model.ID]keyUse
	at     time.Time
}

// lookMarked looks at the marked keys: most of them may not be among the loaded
// rows, and others may have changed them.
func (rt *runtime) lookMarked(number int, ids []model.ID, remove bool) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		msg := lookedMsg{number: number, delete: remove, usage: map[model.ID]keyUse{}, at: rt.Now()}
		for _, id := range ids {
			k, err := rt.Backend.Key(ctx, id.String())
			switch {
			case errors.Is(err, model.ErrNotFound):
				msg.gone = append(msg.gone, id)
			case err != nil:
				msg.err = err
				return msg
			default:
				msg.rows = append(msg.rows, k.KeyRow)
				msg.usage[k.ID] = useOf(k, msg.at)
			}
		}
		return msg
	})
}

// bulkedMsg is the end of bulk work: the keys that are as they were to be, also
// where it ended with an error.
type bulkedMsg struct {
	done    []model.ID
	outcome outcomeMsg
}

// changeKeys does the same to several keys, by id.
func (rt *runtime) changeKeys(b bulk) tea.Cmd {
	working := upperFirst(b.doing()) + " …"
	return tea.Sequence(status(statusInfo, working), rt.do(patient, func(ctx context.Context) tea.Msg {
		var receipt model.Receipt
		before := rt.lookAll(ctx, b.ids())
		r, err := rt.Backend.ChangeKeys(model.WithReceipt(ctx, &receipt), refsOf(b.ids()), b.change)
		msg := bulkedMsg{done: b.ids(), outcome: outcomeMsg{err: err, receipt: receipt}}
		if err != nil {
			msg.done = b.named(r.Done)
		}
		msg.outcome.undo = rt.undoBulk(ctx, b, before, msg.done, r)
		msg.done = append(slices.Clone(msg.done), b.already...)
		msg.outcome.done = b.told(r, err)
		return msg
	}))
}

func refsOf(ids []model.ID) []string {
	refs := make([]string, len(ids))
	for i, id := range ids {
		refs[i] = id.String()
	}
	return refs
}

// named are the keys with these names.
func (b bulk) named(names []string) []model.ID {
	done := make(map[string]bool, len(names))
	for _, name := range names {
		done[name] = true
	}
	return slices.DeleteFunc(b.ids(), func(id model.ID) bool {
		return !slices.ContainsFunc(b.rows, func(r model.KeyRow) bool { return r.ID == id && done[r.Name] })
	})
}

// told says what was done, also where an error ended it.
func (b bulk) told(r model.BulkResult, err error) string {
	switch others := len(r.Done) - r.Changed; {
	case err != nil && len(r.Done) == 0:
		return ""
	case err != nil:
		return fmt.Sprintf("%s of %s %s, then it stopped.", thousands(len(r.Done)), count(len(b.rows), "key"), b.did())
	case others > 0:
		return fmt.Sprintf("%s %s, %s so already.", count(r.Changed, "key"), b.did(), thousands(others))
	}
	return fmt.Sprintf("%s %s.", count(r.Changed, "key"), b.did())
}
