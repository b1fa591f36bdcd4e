package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// takeBack takes a change back, where nobody changed anything since. Whoever was
// asked about it may have taken longer than there is time for it.
func (rt *runtime) takeBack(u *undo, asked bool) tea.Cmd {
	cmd, _ := rt.work(job{title: "Taking back " + clip(clean(u.what), hinted)}, func(ctx context.Context) tea.Msg {
		if !asked && !rt.Now().Before(u.until) { // the process was stopped meanwhile
			return statusMsg{statusWarning, tooLate()}
		}
		end := tea.Msg(nil)
		if u.back != nil {
			end = u.back(ctx)
		} else {
			end = rt.takeBackKeys(ctx, u)
		}
		done, ok := end.(outcomeMsg)
		switch {
		case ok && done.err == nil && done.undo == nil:
			done.undo = neverUndo(neverAgain)
		case ok && asked && done.undo == u: // it failed, and may be tried again
			later := *u
			later.until = rt.Now().Add(undoTime)
			done.undo = &later
		default:
			return end
		}
		return done
	})
	return cmd
}

// rest is what is left to be taken back of a change after that was given up:
// there is as much time for it as there was.
func (rt *runtime) rest(u *undo) *undo {
	rest := *u
	rest.what = restOf + strings.TrimPrefix(u.what, restOf)
	rest.until = rt.Now().Add(undoTime)
	return &rest
}

const restOf = "the rest of "

// changedSince says why a change is not taken back.
func changedSince(who string) tea.Msg { return statusMsg{statusWarning, sinceText(who)} }

func sinceText(who string) string { return "Not taken back: somebody changed " + who + " since." }

func deletedSince(who string) string { return "Not taken back: somebody deleted " + who + " since." }

func notFound(err error) bool { return errors.Is(err, model.ErrNotFound) }

// changedError says that somebody changed another object that taking a change
// back is about as well.
type changedError struct {
	name string
	err  error
}

// Error says of which object.
func (e *changedError) Error() string { return fmt.Sprintf("somebody changed %q since", e.name) }

// Unwrap is what the store said.
func (e *changedError) Unwrap() error { return e.err }

// takenBack is the end of taking an edit of one object back: seen is when the
// edit was, now asks for when the object was changed last.
func takenBack(ctx context.Context, name string, seen model.Instant, now func(ctx context.Context) (model.Instant, error),
	back func(ctx context.Context) error, again *undo) tea.Msg {
	who := fmt.Sprintf("%q", name)
	changed, err := now(ctx)
	switch {
	case errors.Is(err, model.ErrNotFound):
		return statusMsg{statusWarning, deletedSince(who)}
	case err == nil && changed != seen:
		return changedSince(who)
	case err != nil:
		return outcomeMsg{err: err, undo: again}
	}
	var receipt model.Receipt
	err = back(model.WithReceipt(ctx, &receipt))
	var other *changedError
	if errors.As(err, &other) {
		return changedSince(fmt.Sprintf("%q", other.name))
	}
	if errors.Is(err, model.ErrConflict) { // it may be that somebody was quicker
		if changed, lookErr := now(ctx); lookErr == nil && changed != seen {
			return changedSince(who)
		}
	}
	if err != nil {
		return outcomeMsg{err: err, undo: again}
	}
	if again.done != "" {
		return outcomeMsg{done: again.done, receipt: receipt}
	}
	return outcomeMsg{done: who + " is as it was before the edit.", receipt: receipt}
}

// undoKeyEdit takes the edit e of a key back, which was as before says and is
// now as after.
func (rt *runtime) undoKeyEdit(before, after model.KeyInfo, e model.KeyEdit) *undo {
	inverse := inverseOf(before, e)
	inverse.Seen = after.Changed
	ref := after.ID.String()
	u := &undo{what: fmt.Sprintf("the edit of %q", after.Name), until: rt.Now().Add(undoTime), keys: []undoKey{undoOfKey(after)}}
	if before.Production && !after.Production { // taken back it may invoke production again
		u.keys[0].production, u.keys[0].environment = true, before.Environment
	}
	u.back = func(ctx context.Context) tea.Msg {
		return takenBack(ctx, after.Name, after.Changed, rt.keyChanged(after.ID), func(ctx context.Context) error {
			_, err := rt.Backend.EditKey(ctx, ref, inverse)
			return err
		}, u)
	}
	return u
}

// inverseOf is the edit that puts back what e changes of a key that was as
// before says.
func inverseOf(before model.KeyInfo, e model.KeyEdit) model.KeyEdit {
	var inverse model.KeyEdit
	if e.Name != nil {
		inverse.Name = &before.Name
	}
	if e.Environment != nil {
		inverse.Environment = &before.Environment
	}
	if e.Expires != nil {
		var expires time.Time // never
		if before.Expires != 0 {
			expires = before.Expires.Time()
		}
		inverse.Expires = &expires
	}
	if e.NoQuery != nil {
		noQuery := !before.Query
		inverse.NoQuery = &noQuery
	}
	if e.Workflows != nil {
		refs := []string{}
		for _, w := range before.Workflows {
			if w.Path != "" { // one that is not bound stays as it is
				refs = append(refs, w.ID.String())
			}
		}
		inverse.Workflows = &refs
	}
	return inverse
}

// undoWorkflowEdit takes an edit of a workflow back.
func (rt *runtime) undoWorkflowEdit(before, after model.WorkflowInfo, e model.WorkflowEdit) *undo {
	inverse := model.WorkflowEdit{Seen: after.Changed}
	if e.Name != nil {
		inverse.Name = &before.Name
	}
	if e.Method != nil || e.Path != nil {
		inverse.Method, inverse.Path = &before.Method, &before.Path
	}
	if len(e.Upstreams) > 0 {
		inverse.Upstreams = map[string]string{}
		for environment := range e.Upstreams {
			inverse.Upstreams[environment] = upstreamOf(before, environment)
		}
	}
	ref := after.ID.String()
	u := &undo{what: fmt.Sprintf("the edit of %q", after.Name), until: rt.Now().Add(undoTime)}
	u.lost = lostSince(after.Name, after.Changed, rt.workflowChanged(after.ID))
	u.back = func(ctx context.Context) tea.Msg {
		return takenBack(ctx, after.Name, after.Changed, rt.workflowChanged(after.ID), func(ctx context.Context) error {
			_, err := rt.Backend.EditWorkflow(ctx, ref, inverse)
			return err
		}, u)
	}
	return u
}

// undoDelete brings a deleted key back as it was.
func (rt *runtime) undoDelete(k model.KeyRow) *undo {
	u := &undo{what: fmt.Sprintf("deleting %q", k.Name), until: rt.Now().Add(undoTime),
		keys: []undoKey{{id: k.ID, name: k.Name, environment: k.Environment, production: k.Production}}}
	u.lost = rt.lostOfBin(u.keys)
	u.back = func(ctx context.Context) tea.Msg {
		var receipt model.Receipt
		restored, err := rt.Backend.RestoreKey(model.WithReceipt(ctx, &receipt), k.ID.String(), "")
		if errors.Is(err, model.ErrNotFound) {
			return statusMsg{statusWarning, binnedNoMore(u.keys)}
		}
		if errors.Is(err, model.ErrConflict) { // it stays one, however often it is tried
			return statusMsg{statusWarning, rt.notUnderItsName(ctx, k.Name, err)}
		}
		if err != nil {
			return outcomeMsg{err: err, undo: u}
		}
		done := outcomeMsg{done: restoredText(restored, "disabled as it was"), key: restored.Name, receipt: receipt}
		if !k.Enabled {
			return done
		}
		receipt = model.Receipt{}
		_, err = rt.Backend.SetKeyEnabled(model.WithReceipt(ctx, &receipt), k.ID.String(), true)
		if err != nil {
			return outcomeMsg{done: restoredText(restored, "disabled"), key: restored.Name, err: err}
		}
		done.done, done.receipt = restoredText(restored, "enabled as it was"), receipt
		return done
	}
	return u
}

// undoTickMsg says how much of the time of an undo is left.
type undoTickMsg struct {
	undo *undo
	left time.Duration
}

// undoTick looks at the clock in a second: what is shown of it changes no more
// often than that.
func (rt *runtime) undoTick(u *undo) tea.Cmd {
	return func() tea.Msg {
		rt.sleep(rt.ctx, time.Second)
		if rt.ctx.Err() != nil {
			return nil
		}
		return undoTickMsg{u, u.until.Sub(rt.Now())}
	}
}

// undoLater gives an undo so much time from now on.
func (rt *runtime) undoLater(u *undo, left time.Duration) tea.Cmd {
	return func() tea.Msg {
		later := *u
		later.until = rt.Now().Add(left)
		return undoGoesOnMsg{u, &later}
	}
}

// notUnderItsName says why deleted keys do not come back as they were, and where
// they can be brought back in another way: a name that is taken stays so, however
// often it is tried.
func (rt *runtime) notUnderItsName(ctx context.Context, name string, why error) string {
	if taken, err := rt.keyCalled(ctx, name); err != nil || taken.Name == "" {
		return "Not taken back: " + lowerFirst(sentence(why))
	}
	return fmt.Sprintf("Not taken back: another key is called %q by now. %s", name, underAnother())
}

// underAnother is how a deleted key comes back whose name is taken.
func underAnother() string {
	return fmt.Sprintf("%s opens the bin; %s there restores under another name.", placeKeys.Bin.Help().Key, binKeys.Restore.Help().Key)
}
