package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// restored is how far bringing deleted keys back has come.
type restored struct {
	back, enable []undoKey // that came back, and those of them that were enabled
	gone, kept   int       // no longer in the bin, and what could not come back
	why          error     // the first reason for that
	keptName     string    // of the key whose reason it is
	emptied      int       // slots whose certificate another key has by now
	enabled      int       // of enable, those that are enabled again
	all          int       // keys that were to come back, where it was given up; else 0
	receipt      model.Receipt
}

// restoreAll brings deleted keys back as they were, as far as they are still in
// the bin. What another key is in the way of stays there. Those that were enabled
// are enabled part by part, so that it can be given up in between.
func (rt *runtime) restoreAll(ctx context.Context, u *undo) tea.Msg {
	var done restored
	m := meterOf(ctx)
	m.of(len(u.keys))
	for i, k := range u.keys {
		if len(done.enable)-done.enabled >= bulkPart {
			if err := rt.enableAgain(ctx, &done); err != nil {
				return rt.stoppedRestoring(ctx, u, done, u.keys[i:], err)
			}
		}
		if m.stopping() {
			return rt.stoppedRestoring(ctx, u, done, u.keys[i:], nil)
		}
		m.step(1)
		done.receipt = model.Receipt{}
		came, err := rt.Backend.RestoreKey(model.WithReceipt(ctx, &done.receipt), k.id.String(), "")
		switch {
		case errors.Is(err, model.ErrNotFound):
			done.gone++
			continue
		case errors.Is(err, model.ErrConflict):
			done.kept++
			if done.why == nil {
				done.why, done.keptName = err, k.name
			}
			continue
		case err != nil:
			return rt.stoppedRestoring(ctx, u, done, u.keys[i:], err)
		}
		done.emptied += len(came.Emptied)
		done.back = append(done.back, k)
		if k.enabled {
			done.enable = append(done.enable, k)
		}
	}
	if err := rt.enableAgain(ctx, &done); err != nil {
		return outcomeMsg{done: done.text(), err: err, receipt: done.receipt}
	}
	if len(done.back) == 0 && done.why != nil {
		return statusMsg{statusWarning, rt.notUnderItsName(ctx, done.keptName, done.why)}
	}
	if len(done.back) == 0 {
		return statusMsg{statusWarning, binnedNoMore(u.keys)}
	}
	return outcomeMsg{done: done.text(), receipt: done.receipt}
}

// stoppedRestoring tells that an error or the user stopped it; what came back is
// enabled as it was, and u takes back the rest.
func (rt *runtime) stoppedRestoring(ctx context.Context, u *undo, done restored, left []undoKey, err error) tea.Msg {
	again := rt.rest(u)
	again.keys = left
	again.lost = rt.lostOfBin(left)
	again.back = func(ctx context.Context) tea.Msg { return rt.restoreAll(ctx, again) }
	msg := outcomeMsg{err: err, undo: again, short: err == nil}
	enableErr := rt.enableAgain(ctx, &done)
	msg.receipt = done.receipt
	switch {
	case err != nil && len(done.back) > 0:
		msg.done = strings.TrimSuffix(done.text(), ".") + ", then it stopped."
	case err == nil && len(done.back) == 0:
		msg.done = "Stopped: nothing was taken back."
	case err == nil:
		done.all = len(u.keys)
		msg.done, msg.err = "Stopped: "+done.text(), enableErr
	}
	return msg
}

// enableAgain enables those of the keys that came back which were enabled and are
// not yet.
func (rt *runtime) enableAgain(ctx context.Context, done *restored) error {
	left := done.enable[done.enabled:]
	if len(left) == 0 {
		return nil
	}
	done.receipt = model.Receipt{}
	_, err := rt.Backend.ChangeKeys(model.WithReceipt(ctx, &done.receipt), refsOf(idsOf(left)), model.KeyBulk{Enable: true})
	if err == nil {
		done.enabled = len(done.enable)
	}
	return err
}

// text says what came back, and how.
func (d restored) text() string {
	text := fmt.Sprintf("%s %s restored", count(len(d.back), "key"), isAre(len(d.back)))
	if d.all > 0 {
		text = fmt.Sprintf("%s of %s %s restored", thousands(len(d.back)), count(d.all, "key"), isAre(len(d.back)))
	}
	switch on := len(d.enable); {
	case d.enabled == 0 && on > 0:
		text += ", all disabled"
	case d.enabled < on:
		text += fmt.Sprintf(", %s disabled that were enabled before", thousands(on-d.enabled))
	case on == len(d.back):
		text += ", enabled as before"
	case on == 0:
		text += ", disabled as before"
	default:
		text += fmt.Sprintf(", %s enabled and %s disabled as before", thousands(on), thousands(len(d.back)-on))
	}
	if d.emptied > 0 {
		text += fmt.Sprintf("; %s: another key has the certificate by now", count(d.emptied, "empty slot"))
	}
	if d.gone > 0 {
		text += fmt.Sprintf("; %s no longer in the bin", count(d.gone, "key")+" "+isAre(d.gone))
	}
	if d.kept > 0 {
		text += fmt.Sprintf("; %s: %s", count(d.kept, "key")+" stay in the bin", strings.TrimSuffix(lowerFirst(sentence(d.why)), "."))
	}
	return text + "."
}
