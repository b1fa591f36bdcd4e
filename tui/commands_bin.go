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

// restoreKey restores a key; name is "" for its own, and enables says how it is
// enabled from where the user is then.
func (rt *runtime) restoreKey(id model.ID, name, enables string) tea.Cmd {
	return rt.change(func(ctx context.Context, r *model.Receipt) tea.Msg {
		k, err := rt.Backend.RestoreKey(ctx, id.String(), name)
		if err != nil {
			return outcomeMsg{err: err}
		}
		return outcomeMsg{done: restoredText(k, "disabled: "+enables), key: k.Name, receipt: *r, undo: rt.undoRestore(k.KeyInfo)}
	})
}

// restoreAsMsg is the end of restoring a key under a name that was typed.
type restoreAsMsg struct {
	number int
	end    outcomeMsg
}

// restoreAs is restoreKey for a form, which tells of an error itself.
func (rt *runtime) restoreAs(number int, id model.ID, name, enables string) tea.Cmd {
	restore := rt.restoreKey(id, name, enables)
	return func() tea.Msg {
		end, ok := restore().(outcomeMsg)
		if !ok { // the console is quitting
			return nil
		}
		return restoreAsMsg{number, end}
	}
}

// purgeBin removes for good what was deleted long enough ago.
func (rt *runtime) purgeBin(due int) tea.Cmd {
	j := job{title: "Purging " + count(due, "deleted key"), stays: "What is purged by then is gone; the rest stays in the bin.", whole: true}
	cmd, _ := rt.work(j, func(ctx context.Context) tea.Msg {
		meterOf(ctx).of(due)
		r := model.Receipt{}
		look := rt.watchBin(ctx)
		n, err := rt.Backend.Purge(model.WithReceipt(ctx, &r), model.PurgeAfter)
		gone := look()
		if err != nil && meterOf(ctx).stopping() {
			return stoppedPurging(max(n, gone), due, r)
		}
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
	return cmd
}

// stoppedPurging tells that the user stopped it.
func stoppedPurging(gone, due int, r model.Receipt) tea.Msg {
	text, undo := "Stopped: nothing was purged.", (*undo)(nil)
	if gone > 0 {
		text = fmt.Sprintf("Stopped: %s of %s %s purged; the others are still in the bin.", thousands(gone), count(due, "deleted key"), isAre(gone))
		undo = neverUndo(neverPurge)
	}
	return outcomeMsg{done: text, receipt: r, undo: undo, short: true}
}

// binEvery is how often a purge is looked at: the whole bin is counted each time.
const binEvery = 400 * time.Millisecond

// watchBin tells the meter how many keys have left the bin, until the function
// that it returns is called: that returns how many it are. Where the purge was
// given up while another process was about it, it waits until no more go.
func (rt *runtime) watchBin(ctx context.Context) (end func() int) {
	in := func() int {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), quickly)
		defer cancel()
		page, err := rt.Backend.DeletedKeys(ctx, model.BinQuery{Limit: 1})
		if err != nil {
			return -1
		}
		return page.Total
	}
	before := in()
	gone := func() int {
		if now := in(); now >= 0 && before >= 0 {
			return max(before-now, 0)
		}
		return 0
	}
	watch, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for sleep(watch, binEvery); watch.Err() == nil; sleep(watch, binEvery) {
			meterOf(ctx).at(gone())
		}
	}()
	return func() int {
		stop()
		<-ended
		last := gone()
		for range 10 {
			if !meterOf(ctx).stopping() {
				break
			}
			sleep(rt.ctx, binEvery)
			now := gone()
			if now == last {
				break
			}
			last = now
		}
		return last
	}
}
