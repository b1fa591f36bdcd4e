package tui

import (
	"context"
	"errors"
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// listedMsg is part of the list of keys.
type listedMsg struct {
	number    int
	page      model.KeyPage
	on        model.ID // the key to put the cursor on, or 0
	workflows stock    // counted only where there is no key
	at        time.Time
	err       error
}

// stock counts the workflows of a store, and its deleted keys.
type stock struct{ all, bound, samples, deleted int }

// listKeys loads part of the list. name, if there is one, is a key to put the
// cursor on, in place of q.Around.
func (rt *runtime) listKeys(number int, q model.KeyQuery, name string) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		msg := listedMsg{number: number, at: rt.Now(), on: q.Around}
		if name != "" {
			if k, err := rt.Backend.Key(ctx, name); err == nil {
				msg.on, q.Around = k.ID, k.ID
			}
		}
		if msg.page, msg.err = rt.Backend.Keys(ctx, q); msg.err == nil && msg.page.All == 0 {
			if msg.workflows, msg.err = rt.countWorkflows(ctx); msg.err == nil {
				msg.workflows.deleted = rt.countDeleted(ctx)
			}
		}
		return msg
	})
}

// countDeleted is how many keys are in the bin, 0 where that cannot be told now:
// the list can do without.
func (rt *runtime) countDeleted(ctx context.Context) int {
	page, err := rt.Backend.DeletedKeys(ctx, model.BinQuery{Limit: 1})
	if err != nil {
		return 0
	}
	return page.Total
}

func (rt *runtime) countWorkflows(ctx context.Context) (stock, error) {
	list, err := rt.Backend.Workflows(ctx)
	n := stock{all: len(list)}
	for _, w := range list {
		if w.Bound {
			n.bound++
		}
		if isSample(w.WorkflowRef) {
			n.samples++
		}
	}
	return n, err
}

// openedMsg is everything about one key.
type openedMsg struct {
	number int
	key    model.KeyInfo
	at     time.Time
	err    error
}

func (rt *runtime) openKey(number int, id model.ID) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		k, err := rt.Backend.Key(ctx, id.String())
		return openedMsg{number, k, rt.Now(), err}
	})
}

// setEnabled lets a key work or stops it.
func (rt *runtime) setEnabled(id model.ID, name string, enabled bool) tea.Cmd {
	return rt.change(func(ctx context.Context, r *model.Receipt) tea.Msg {
		k, err := rt.Backend.SetKeyEnabled(ctx, id.String(), enabled)
		if err != nil {
			return outcomeMsg{err: err}
		}
		var back *undo
		if r.Seq != 0 { // it was otherwise before
			verb := "disabling"
			if enabled {
				verb = "enabling"
			}
			back = &undo{what: fmt.Sprintf("%s %q", verb, name), bulk: model.KeyBulk{Enable: !enabled, Disable: enabled},
				keys: []undoKey{undoOfKey(k)}, until: rt.Now().Add(undoTime)}
		}
		done := fmt.Sprintf("%q is disabled: its next call is refused.", name)
		switch {
		case enabled && k.Status == model.StatusExpired:
			done = fmt.Sprintf("%q is enabled, and still refused: it has expired.", name)
		case enabled:
			done = fmt.Sprintf("%q is enabled.", name)
		}
		return outcomeMsg{done: done, receipt: *r, undo: back}
	})
}

func (rt *runtime) deleteKey(k model.KeyRow) tea.Cmd {
	return rt.change(func(ctx context.Context, r *model.Receipt) tea.Msg {
		if err := rt.Backend.DeleteKey(ctx, k.ID.String()); err != nil {
			return outcomeMsg{err: err}
		}
		return outcomeMsg{done: fmt.Sprintf("%q is deleted.", k.Name), deleted: k.ID, receipt: *r, undo: rt.undoDelete(k)}
	})
}

// remadeMsg is a secret that was made anew. It is the one message of this file
// that holds one; the reveal screen takes it.
type remadeMsg struct {
	number  int
	key     model.KeyInfo
	secrets [2]model.Secret // primary, secondary
	receipt model.Receipt
	err     error
}

// String returns no secret: fmt would look into the fields.
func (remadeMsg) String() string { return "a regenerated secret" }

// GoString returns no secret.
func (m remadeMsg) GoString() string { return m.String() }

// remake regenerates a slot's secret.
func (rt *runtime) remake(number int, id model.ID, slot model.SlotName, grace time.Duration) tea.Cmd {
	return rt.change(func(ctx context.Context, r *model.Receipt) tea.Msg {
		secret, err := model.NewSecret(rt.Random)
		if err != nil {
			return remadeMsg{number: number, err: err}
		}
		made := func(k model.KeyInfo) tea.Msg {
			msg := remadeMsg{number: number, key: k, receipt: *r}
			msg.secrets[slot-model.Primary] = secret
			return msg
		}
		k, err := rt.Backend.RegenerateKey(ctx, id.String(), slot, secret.Hold(), grace)
		if err == nil {
			return made(k)
		}
		return rt.settle(ctx, err, doubt{
			find: func(ctx context.Context) (model.KeyInfo, bool, error) {
				return rt.findHint(ctx, id, slot, secret.Hint())
			},
			made:   made,
			failed: func(err error) tea.Msg { return remadeMsg{number: number, err: err} },
		})
	})
}

// findHint looks whether a slot holds the secret with that hint.
func (rt *runtime) findHint(ctx context.Context, id model.ID, slot model.SlotName, hint model.Hint) (model.KeyInfo, bool, error) {
	k, err := rt.Backend.Key(ctx, id.String())
	return k, err == nil && k.Slot(slot).Hint == hint, err
}

// savedMsg is the end of an edit. After a conflict newer is the key as it is
// now.
type savedMsg struct {
	number  int
	key     model.KeyInfo
	newer   *model.KeyInfo
	receipt model.Receipt
	undo    *undo // what takes it back, or nil
	at      time.Time
	err     error
}

func (rt *runtime) saveKey(number int, before model.KeyInfo, e model.KeyEdit) tea.Cmd {
	id := before.ID
	return rt.change(func(ctx context.Context, r *model.Receipt) tea.Msg {
		msg := savedMsg{number: number, at: rt.Now()}
		msg.key, msg.err = rt.Backend.EditKey(ctx, id.String(), e)
		if msg.receipt = *r; !errors.Is(msg.err, model.ErrConflict) {
			if msg.err == nil && r.Seq != 0 {
				msg.undo = rt.undoKeyEdit(before, msg.key, e)
			}
			return msg
		}
		if k, err := rt.Backend.Key(ctx, id.String()); err == nil && k.Changed != e.Seen {
			msg.newer = &k
		}
		return msg
	})
}

// putCertificate puts a certificate into a slot, or empties the slot where c is
// nil.
func (rt *runtime) putCertificate(k model.KeyInfo, slot model.SlotName, c *model.Certificate) tea.Cmd {
	return rt.change(func(ctx context.Context, r *model.Receipt) tea.Msg {
		old := rt.heldCertificate(ctx, k, slot)
		after, err := rt.Backend.EditKey(ctx, k.ID.String(), model.KeyEdit{Slot: slot, Certificate: c, Seen: k.Changed})
		if err != nil {
			return outcomeMsg{err: err}
		}
		done := fmt.Sprintf("The %s certificate of %q is replaced: calls with the old one are refused.", slot, k.Name)
		switch {
		case c == nil:
			done = fmt.Sprintf("The %s certificate of %q is removed: calls with it are refused.", slot, k.Name)
		case k.Slot(slot).Empty:
			done = fmt.Sprintf("%q has a %s certificate now.", k.Name, slot)
		}
		return outcomeMsg{done: done, receipt: *r, undo: rt.undoCertificate(k, after, slot, old)}
	})
}
