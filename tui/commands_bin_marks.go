package tui

import (
	"context"
	"errors"
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// restoreMarked restores several keys, one after the other: each has an entry of
// its own in the audit trail. One that cannot come back does not stop the others.
func (rt *runtime) restoreMarked(keys []model.DeletedKey) tea.Cmd {
	cmd, _ := rt.work(job{title: "Restoring " + count(len(keys), "key")}, func(ctx context.Context) tea.Msg {
		meterOf(ctx).of(len(keys))
		var receipt model.Receipt
		var restored []model.KeyInfo
		var why error
		text := ""
		tried, _ := inParts(ctx, keys, 1, func(part []model.DeletedKey) error {
			var one model.Receipt
			name := ""
			if part[0].NameTaken {
				name = restoredName(part[0])
			}
			k, err := rt.Backend.RestoreKey(model.WithReceipt(ctx, &one), part[0].ID.String(), name)
			if name == "" && errors.Is(err, model.ErrConflict) { // another one of these has the name by now
				k, err = rt.Backend.RestoreKey(model.WithReceipt(ctx, &one), part[0].ID.String(), restoredName(part[0]))
			}
			if one.Seq != 0 {
				receipt = one
			}
			if err != nil {
				why = err
				return nil
			}
			restored = append(restored, k.KeyInfo)
			for _, n := range k.Emptied {
				text += fmt.Sprintf(" The %s certificate of %q belongs to another key by now: that slot is empty.", n, k.Name)
			}
			return nil
		})
		if len(restored) == 0 && why != nil {
			return outcomeMsg{err: why, receipt: receipt}
		}
		done := fmt.Sprintf("%s restored, disabled: %s on the list enables.", count(len(restored), "key")+" "+isAre(len(restored)), actionKeys.Enable.Help().Key)
		if kept := tried - len(restored); kept > 0 {
			done += fmt.Sprintf(" %s in the bin: %s", count(kept, "key")+" "+stays(kept), sentence(why))
		}
		if tried < len(keys) {
			done = "Stopped: " + done
		}
		return outcomeMsg{done: done + text, receipt: receipt, undo: rt.undoRestored(restored), short: tried < len(keys)}
	})
	return cmd
}

// undoRestored puts restored keys back into the bin, but for those that somebody
// changed since. It is nil for none.
func (rt *runtime) undoRestored(keys []model.KeyInfo) *undo {
	switch len(keys) {
	case 0:
		return nil
	case 1:
		return rt.undoRestore(keys[0])
	}
	u := &undo{what: "restoring " + count(len(keys), "key"), until: rt.Now().Add(undoTime), again: "delete them again"}
	for _, k := range keys {
		u.keys = append(u.keys, undoOfKey(k))
	}
	u.back = func(ctx context.Context) tea.Msg {
		var receipt model.Receipt
		var why error
		back, kept, failed := 0, 0, 0
		for _, k := range keys {
			now, err := rt.keyChanged(k.ID)(ctx)
			if errors.Is(err, model.ErrNotFound) || err == nil && now != k.Changed {
				kept++
				continue
			}
			var one model.Receipt
			if err == nil {
				err = rt.Backend.DeleteKey(model.WithReceipt(ctx, &one), k.ID.String())
			}
			if err != nil {
				failed, why = failed+1, err
				continue
			}
			back, receipt = back+1, one
		}
		if back == 0 && why != nil {
			return outcomeMsg{err: why, undo: u}
		}
		done := count(back, "key") + " " + isAre(back) + " in the bin again."
		if kept > 0 {
			done += fmt.Sprintf(" %s changed or deleted since, and left alone.", count(kept, "key")+" "+wasWere(kept))
		}
		if failed > 0 {
			done += fmt.Sprintf(" %s on the list: %s", count(failed, "key")+" "+stays(failed), sentence(why))
		}
		return outcomeMsg{done: done, receipt: receipt}
	}
	return u
}
