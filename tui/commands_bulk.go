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
	cmd, _ := rt.work(job{title: "Looking at " + count(len(ids), "key"), stays: nothingChanged, looks: true}, func(ctx context.Context) tea.Msg {
		msg := lookedMsg{number: number, delete: remove, usage: map[model.ID]keyUse{}, at: rt.Now()}
		m := meterOf(ctx)
		m.of(len(ids))
		for _, id := range ids {
			if m.stopping() {
				msg.err = errStopped
				return msg
			}
			m.step(1)
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
	return cmd
}

// nothingChanged is what giving up a look leaves; errStopped says that one was.
const nothingChanged = "Nothing is changed by it."

var errStopped = errors.New("stopped: nothing was changed")

// bulkPart is how many keys are changed between two looks at how far the work is.
const bulkPart = 100

// bulkedMsg is the end of bulk work: the keys that are as they were to be, also
// where it ended with an error.
type bulkedMsg struct {
	done    []model.ID
	outcome outcomeMsg
}

// changeKeys does the same to several keys, by id, part by part.
func (rt *runtime) changeKeys(b bulk) tea.Cmd {
	cmd, _ := rt.work(job{title: upperFirst(b.doing())}, func(ctx context.Context) tea.Msg {
		meterOf(ctx).of(len(b.rows))
		var receipt model.Receipt
		before := rt.lookAll(ctx, b.ids())
		done, r, err := rt.changeInParts(ctx, &receipt, b.seenLast(before), b)
		stopped := err == nil && len(done) < len(b.rows)
		msg := bulkedMsg{done: done, outcome: outcomeMsg{err: err, receipt: receipt, short: stopped}}
		msg.outcome.undo = rt.undoBulk(ctx, b.only(done), before, done, r)
		msg.done = append(slices.Clone(done), b.already...)
		msg.outcome.done = b.told(r, err, stopped)
		return msg
	})
	return cmd
}

// changeInParts returns the keys that are as they were to be, also where it ended
// with an error.
func (rt *runtime) changeInParts(ctx context.Context, receipt *model.Receipt, ids []model.ID, b bulk) (done []model.ID, all model.BulkResult, err error) {
	n, err := inParts(ctx, ids, bulkPart, func(part []model.ID) error {
		var one model.Receipt
		r, err := rt.Backend.ChangeKeys(model.WithReceipt(ctx, &one), refsOf(part), b.change)
		if one.Seq != 0 {
			*receipt = one
		}
		all.Done, all.Changed = append(all.Done, r.Done...), all.Changed+r.Changed
		return err
	})
	if err != nil {
		return b.named(all.Done), all, err
	}
	return ids[:n:n], all, nil
}

// seenLast are the keys that it changes, first those that were not seen before:
// where one of them is gone nothing is to be changed.
func (b bulk) seenLast(seen map[model.ID]model.KeyInfo) []model.ID {
	ids := b.ids()
	slices.SortStableFunc(ids, func(x, y model.ID) int {
		_, sawX := seen[x]
		_, sawY := seen[y]
		return index(sawX) - index(sawY)
	})
	return ids
}

// only is the same work on some of its keys.
func (b bulk) only(ids []model.ID) bulk {
	some := make(map[model.ID]bool, len(ids))
	for _, id := range ids {
		some[id] = true
	}
	b.rows = slices.DeleteFunc(slices.Clone(b.rows), func(r model.KeyRow) bool { return !some[r.ID] })
	return b
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

// told says what was done, also where an error or the user ended it.
func (b bulk) told(r model.BulkResult, err error, stopped bool) string {
	switch others := len(r.Done) - r.Changed; {
	case stopped && len(r.Done) == 0:
		return "Stopped: no key was changed, and all stay marked."
	case stopped:
		return fmt.Sprintf("Stopped: %s of %s %s; the others are as they were, and stay marked.", thousands(len(r.Done)), count(len(b.rows), "key"), b.did())
	case err != nil && len(r.Done) == 0:
		return ""
	case err != nil:
		return fmt.Sprintf("%s of %s %s, then it stopped.", thousands(len(r.Done)), count(len(b.rows), "key"), b.did())
	case others > 0:
		return fmt.Sprintf("%s %s, %s so already.", count(r.Changed, "key"), b.did(), thousands(others))
	}
	return fmt.Sprintf("%s %s.", count(r.Changed, "key"), b.did())
}
