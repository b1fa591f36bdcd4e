package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// lookAll looks at keys that are about to be changed. One that cannot be seen
// now is left out.
func (rt *runtime) lookAll(ctx context.Context, ids []model.ID) map[model.ID]model.KeyInfo {
	keys := make(map[model.ID]model.KeyInfo, len(ids))
	for _, id := range ids {
		if k, err := rt.Backend.Key(ctx, id.String()); err == nil {
			keys[id] = k
		}
	}
	return keys
}

// undoBulk takes bulk work back that was done to those keys, which were as
// before says: of each key just what the work changed of it. It is nil where
// there is nothing to take back.
func (rt *runtime) undoBulk(ctx context.Context, b bulk, before map[model.ID]model.KeyInfo, done []model.ID, r model.BulkResult) *undo {
	u := &undo{what: b.doing(), bulk: b.back(), until: rt.Now().Add(undoTime)}
	changed := 0
	for _, id := range done {
		k, seen := before[id]
		if !seen || !b.changes(k) {
			continue
		}
		changed++
		if b.change.Delete {
			key := undoOfKey(k)
			key.enabled = k.Enabled
			u.keys = append(u.keys, key)
			continue
		}
		after, err := rt.Backend.Key(ctx, id.String())
		if err != nil || b.changes(after) { // somebody was there already
			continue
		}
		key := undoOfKey(after)
		key.forbid = permittedWith(k, after, b.change.Permit)
		u.keys = append(u.keys, key)
	}
	switch {
	case r.Changed == 0 || len(u.keys) == 0:
		return nil
	case changed != r.Changed:
		return &undo{never: "Not taken back: somebody changed some of these keys at the same moment, and it is not known which."}
	case b.change.Delete:
		u.lost = rt.lostOfBin(u.keys)
		u.back = func(ctx context.Context) tea.Msg { return rt.restoreAll(ctx, u) }
	}
	return u
}

// changes reports whether the work would change that key.
func (b bulk) changes(k model.KeyInfo) bool {
	switch {
	case b.change.Delete:
		return true
	case b.change.Permit != nil:
		return !permitsAll(k, b.change.Permit)
	}
	return k.Enabled != b.change.Enable
}

// permittedWith are those of the workflows of these names that the key has been
// permitted since, by id: a name may mean another one soon.
func permittedWith(before, after model.KeyInfo, names []string) []string {
	var ids []string
	for _, w := range after.Workflows {
		had := slices.ContainsFunc(before.Workflows, func(o model.WorkflowRef) bool { return o.ID == w.ID })
		if !had && slices.ContainsFunc(names, func(name string) bool { return model.Fold(name) == model.Fold(w.Name) }) {
			ids = append(ids, w.ID.String())
		}
	}
	return ids
}

// takeBackKeys takes back what was done to keys, as far as nobody changed them
// since.
func (rt *runtime) takeBackKeys(ctx context.Context, u *undo) tea.Msg {
	same, err := rt.unchanged(ctx, u)
	if err != nil {
		return outcomeMsg{err: err, undo: u}
	}
	if len(same) == 0 {
		return statusMsg{statusWarning, rt.lostKeys(ctx, u)}
	}
	var receipt model.Receipt
	left, m := slices.Clone(same), meterOf(ctx)
	m.of(len(same))
	for len(left) > 0 {
		if m.stopping() {
			return rt.stoppedTakingBack(u, left, len(same), receipt)
		}
		part, change := u.alike(left)
		part = part[:min(len(part), bulkPart)]
		m.at(len(same) - len(left))
		receipt = model.Receipt{}
		r, err := rt.Backend.ChangeKeys(model.WithReceipt(ctx, &receipt), refsOf(idsOf(part)), change)
		if err == nil {
			left = without(left, part)
			continue
		}
		left = slices.DeleteFunc(left, func(k undoKey) bool { return slices.Contains(r.Done, k.name) })
		again := *u
		again.keys = left
		msg := outcomeMsg{err: err, undo: &again, receipt: receipt}
		if n := len(same) - len(left); n > 0 {
			msg.done = fmt.Sprintf("%s of %s %s again, then it stopped.", thousands(n), count(len(same), "key"), u.did())
		}
		return msg
	}
	return outcomeMsg{done: u.told(len(same)), receipt: receipt}
}

// stoppedTakingBack tells that the user stopped it; u takes back the rest.
func (rt *runtime) stoppedTakingBack(u *undo, left []undoKey, all int, receipt model.Receipt) tea.Msg {
	again := rt.rest(u)
	again.keys = left
	text := "Stopped: nothing was taken back."
	if n := all - len(left); n > 0 {
		text = fmt.Sprintf("Stopped: %s of %s %s %s again.", thousands(n), count(all, "key"), isAre(n), u.did())
	}
	return outcomeMsg{done: text, undo: again, receipt: receipt, short: true}
}

// alike are those of the keys of which the same is taken back as of the first,
// and what that is.
func (u *undo) alike(keys []undoKey) (part []undoKey, change model.KeyBulk) {
	if u.bulk.Forbid == nil {
		return keys, u.bulk
	}
	for _, k := range keys {
		if slices.Equal(k.forbid, keys[0].forbid) {
			part = append(part, k)
		}
	}
	return part, model.KeyBulk{Forbid: keys[0].forbid}
}

func without(keys, part []undoKey) []undoKey {
	gone := map[model.ID]bool{}
	for _, k := range part {
		gone[k.id] = true
	}
	return slices.DeleteFunc(keys, func(k undoKey) bool { return gone[k.id] })
}

func idsOf(keys []undoKey) []model.ID {
	ids := make([]model.ID, len(keys))
	for i, k := range keys {
		ids[i] = k.id
	}
	return ids
}

// unchanged are the keys that are as the change left them.
func (rt *runtime) unchanged(ctx context.Context, u *undo) (same []undoKey, err error) {
	for _, key := range u.keys {
		k, err := rt.Backend.Key(ctx, key.id.String())
		switch {
		case err == nil && k.Changed == key.changed:
			key.name = k.Name
			if k.Production { // by now, if it was not then
				key.production, key.environment = true, k.Environment
			}
			same = append(same, key)
		case err != nil && !errors.Is(err, model.ErrNotFound):
			return nil, err
		}
	}
	return same, nil
}

func (u *undo) did() string {
	switch {
	case u.bulk.Enable:
		return "enabled"
	case u.bulk.Disable:
		return "disabled"
	case len(u.bulk.Forbid) == 1:
		return fmt.Sprintf("without %q", u.bulk.Forbid[0])
	}
	return "without them"
}

// who names n of the keys.
func (u *undo) who(n int) string {
	if len(u.keys) == 1 {
		return fmt.Sprintf("%q", u.keys[0].name)
	}
	return count(n, "key")
}

// told says that n keys are as they were before.
func (u *undo) told(n int) string {
	text := fmt.Sprintf("%s %s %s again", u.who(n), isAre(n), u.did())
	if others := len(u.keys) - n; others > 0 {
		text += fmt.Sprintf(", and %s, which somebody changed since, %s not", count(others, "key"), isAre(others))
	}
	return text + "."
}
