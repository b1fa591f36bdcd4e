package tui

import (
	"context"
	"errors"
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// undoOf looks at keys that were changed just now, so that the change can be
// taken back; enable is what that does. It is nil where there is none left to
// take it back for. A key that cannot be seen now is left out.
func (rt *runtime) undoOf(ctx context.Context, enable bool, ids []model.ID) *undo {
	u := &undo{enable: enable, until: rt.Now().Add(undoTime)}
	for _, id := range ids {
		if k, err := rt.Backend.Key(ctx, id.String()); err == nil && k.Enabled != enable {
			u.keys = append(u.keys, undoKey{id, k.Name, k.Changed})
		}
	}
	if len(u.keys) == 0 {
		return nil
	}
	return u
}

// takeBack takes a change back, for the keys that nobody changed since.
func (rt *runtime) takeBack(u *undo) tea.Cmd {
	return rt.do(patient, func(ctx context.Context) tea.Msg {
		if !rt.Now().Before(u.until) { // the process was stopped meanwhile
			return statusMsg{statusWarning, fmt.Sprintf("Not taken back: that is more than %d s ago.", int(undoTime.Seconds()))}
		}
		same, err := rt.unchanged(ctx, u)
		if err != nil {
			return outcomeMsg{err: err, undo: u}
		}
		if len(same) == 0 {
			return statusMsg{statusWarning, "Not taken back: somebody changed " + u.who(len(u.keys)) + " since."}
		}
		var receipt model.Receipt
		r, err := rt.Backend.ChangeKeys(model.WithReceipt(ctx, &receipt), refsOf(same), model.KeyBulk{Enable: u.enable, Disable: !u.enable})
		if err != nil && len(r.Done) > 0 {
			return outcomeMsg{err: err, undo: u, receipt: receipt, done: fmt.Sprintf("%s of %s %s again, then it stopped.",
				thousands(len(r.Done)), count(len(same), "key"), u.did())}
		}
		if err != nil {
			return outcomeMsg{err: err, undo: u}
		}
		return outcomeMsg{done: u.told(len(same)), receipt: receipt}
	})
}

// unchanged are the keys that are as the change left them.
func (rt *runtime) unchanged(ctx context.Context, u *undo) (same []model.ID, err error) {
	for _, key := range u.keys {
		k, err := rt.Backend.Key(ctx, key.id.String())
		switch {
		case err == nil && k.Changed == key.changed:
			same = append(same, key.id)
		case err != nil && !errors.Is(err, model.ErrNotFound):
			return nil, err
		}
	}
	return same, nil
}

func (u *undo) did() string {
	if u.enable {
		return "enabled"
	}
	return "disabled"
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
