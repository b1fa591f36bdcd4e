package tui

import (
	"context"
	"errors"
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// undoNewWorkflow deletes a workflow that was just made, unless a key may call
// it by now.
func (rt *runtime) undoNewWorkflow(w model.WorkflowInfo) *undo {
	ref := w.ID.String()
	u := &undo{what: fmt.Sprintf("making %q", w.Name), until: rt.Now().Add(undoTime), done: fmt.Sprintf("The workflow %q is gone again.", w.Name)}
	u.lost = lostSince(w.Name, w.Changed, rt.workflowChanged(w.ID))
	u.back = func(ctx context.Context) tea.Msg {
		now, err := rt.Backend.Workflow(ctx, ref)
		if err == nil && now.KeyCount > 0 {
			return statusMsg{statusWarning, fmt.Sprintf("Not taken back: %s may call %q by now.", count(now.KeyCount, "key"), w.Name)}
		}
		return takenBack(ctx, w.Name, w.Changed, func(context.Context) (model.Instant, error) { return now.Changed, err },
			func(ctx context.Context) error {
				_, err := rt.Backend.DeleteWorkflow(ctx, ref)
				return err
			}, u)
	}
	return u
}

// undoDeletedWorkflow makes a workflow again as it was. One that keys lost stays
// deleted: made again it is another one to them.
func (rt *runtime) undoDeletedWorkflow(w model.WorkflowInfo, keys int) *undo {
	if keys > 0 {
		return &undo{never: fmt.Sprintf("Deleting %q cannot be taken back, since %s lost it: make it again, and permit it to them again.", w.Name, count(keys, "key"))}
	}
	d := draftOf(w)
	u := &undo{what: fmt.Sprintf("deleting %q", w.Name), until: rt.Now().Add(undoTime)}
	u.lost = lostName(w.Name, func(ctx context.Context) error {
		_, err := rt.Backend.Workflow(ctx, w.Name)
		return err
	})
	u.back = func(ctx context.Context) tea.Msg {
		var receipt model.Receipt
		_, err := rt.Backend.CreateWorkflow(model.WithReceipt(ctx, &receipt), d)
		return madeAgain("workflow", w.Name, err, receipt, u)
	}
	return u
}

// draftOf is what makes a workflow again as it was.
func draftOf(w model.WorkflowInfo) model.WorkflowDraft {
	d := model.WorkflowDraft{Name: w.Name, Method: w.Method, Path: w.Path, Upstreams: map[string]string{}}
	for _, u := range w.Upstreams {
		d.Upstreams[u.Environment] = u.URL
	}
	return d
}

// isTaken reports whether something cannot be made again since somebody took its
// name, or an environment away.
func isTaken(err error) bool {
	return errors.Is(err, model.ErrConflict) || errors.Is(err, model.ErrNotFound)
}

// madeAgain is the end of making again what was deleted.
func madeAgain(noun, name string, err error, receipt model.Receipt, u *undo) tea.Msg {
	switch {
	case isTaken(err):
		return statusMsg{statusWarning, "Not taken back: " + lowerFirst(sentence(err))}
	case err != nil:
		return outcomeMsg{err: err, undo: u}
	}
	return outcomeMsg{done: fmt.Sprintf("The %s %q is made again, as it was.", noun, name), receipt: receipt}
}

// flagHolder is the environment with the production flag, where the flag is
// about to move; nil where it is not, or where that is not known.
func (rt *runtime) flagHolder(ctx context.Context, moves bool) *model.EnvironmentInfo {
	if !moves {
		return nil
	}
	list, err := rt.Backend.Environments(ctx)
	if err != nil {
		return nil
	}
	for _, e := range list {
		if e.Production {
			return &e
		}
	}
	return nil
}

// flagBack gives the production flag back to the environment that had it, if
// that is as the change left it.
type flagBack struct {
	holder model.EnvironmentInfo
}

// flagTaken is how to give the flag back that after has now; nil where that is
// not known.
func (rt *runtime) flagTaken(ctx context.Context, holder *model.EnvironmentInfo) *flagBack {
	if holder == nil {
		return nil
	}
	now, err := rt.Backend.Environment(ctx, holder.ID.String())
	if err != nil || now.Production {
		return nil
	}
	return &flagBack{now}
}

// ask is the question before the flag goes back.
func (f *flagBack) ask() *prompt {
	return &prompt{
		Title:   fmt.Sprintf("◆ Give the production flag back to %q?", clip(clean(f.holder.Name), 40)),
		Lines:   []string{"Calls that name no environment go there again."},
		Confirm: "give it back", Danger: true,
	}
}

// give moves the flag, with a changedError where somebody changed the holder
// since.
func (f *flagBack) give(ctx context.Context, rt *runtime) error {
	_, err := rt.Backend.EditEnvironment(ctx, f.holder.ID.String(), model.EnvironmentEdit{Production: true, Seen: f.holder.Changed})
	if errors.Is(err, model.ErrConflict) || errors.Is(err, model.ErrNotFound) {
		return &changedError{f.holder.Name, err}
	}
	return err
}

// neverFlag says that where the flag was is not known any more.
func neverFlag() *undo {
	return &undo{never: "That cannot be taken back: which environment had the production flag before is not known. Give it to that one on its form."}
}

// environmentChanged asks when an environment was changed last.
func (rt *runtime) environmentChanged(id model.ID) func(ctx context.Context) (model.Instant, error) {
	return func(ctx context.Context) (model.Instant, error) {
		e, err := rt.Backend.Environment(ctx, id.String())
		return e.Changed, err
	}
}

// workflowChanged asks when a workflow was changed last.
func (rt *runtime) workflowChanged(id model.ID) func(ctx context.Context) (model.Instant, error) {
	return func(ctx context.Context) (model.Instant, error) {
		w, err := rt.Backend.Workflow(ctx, id.String())
		return w.Changed, err
	}
}

// undoEnvironmentEdit takes an edit of an environment back. holder had the
// production flag before, where the edit took it from there.
func (rt *runtime) undoEnvironmentEdit(ctx context.Context, before, after model.EnvironmentInfo, e model.EnvironmentEdit, holder *model.EnvironmentInfo) *undo {
	u := &undo{what: fmt.Sprintf("the edit of %q", after.Name), until: rt.Now().Add(undoTime)}
	u.lost = lostSince(after.Name, after.Changed, rt.environmentChanged(after.ID))
	inverse := model.EnvironmentEdit{Seen: after.Changed}
	if e.Name != nil {
		inverse.Name = &before.Name
	}
	if e.Hosts != nil {
		inverse.Hosts = &before.Hosts
		if !after.Production {
			u.ask = hostsBack(hostsLost(after.Hosts, before.Hosts), after.Name)
		}
	}
	var flag *flagBack
	if e.Production && !before.Production {
		if flag = rt.flagTaken(ctx, holder); flag == nil {
			return neverFlag()
		}
		u.ask = flag.ask()
		u.done = fmt.Sprintf("%q is as it was before the edit, and %q has the production flag again.", after.Name, flag.holder.Name)
	}
	edits := inverse.Name != nil || inverse.Hosts != nil
	u.back = func(ctx context.Context) tea.Msg {
		return takenBack(ctx, after.Name, after.Changed, rt.environmentChanged(after.ID), func(ctx context.Context) error {
			if flag != nil {
				return rt.giveFlagBack(ctx, flag, after.ID, inverse, edits)
			}
			_, err := rt.Backend.EditEnvironment(ctx, after.ID.String(), inverse)
			return err
		}, u)
	}
	return u
}

// giveFlagBack gives the flag back, and takes the rest of an edit back after it.
func (rt *runtime) giveFlagBack(ctx context.Context, flag *flagBack, id model.ID, inverse model.EnvironmentEdit, edits bool) error {
	if err := flag.give(ctx, rt); err != nil || !edits {
		return err
	}
	now, err := rt.Backend.Environment(ctx, id.String()) // giving the flag away was a change of it
	if err == nil {
		inverse.Seen = now.Changed
		_, err = rt.Backend.EditEnvironment(ctx, id.String(), inverse)
	}
	if err != nil {
		return fmt.Errorf("the production flag is back with %q, the rest of the edit is not taken back: %w", flag.holder.Name, err)
	}
	return nil
}

// undoNewEnvironment deletes an environment that was just made, unless it is in
// use. The production flag goes back first where it was made with that.
func (rt *runtime) undoNewEnvironment(ctx context.Context, e model.EnvironmentInfo, holder *model.EnvironmentInfo) *undo {
	ref := e.ID.String()
	u := &undo{what: fmt.Sprintf("making %q", e.Name), until: rt.Now().Add(undoTime), done: fmt.Sprintf("The environment %q is gone again.", e.Name)}
	u.lost = lostSince(e.Name, e.Changed, rt.environmentChanged(e.ID))
	u.ask = hostsBack(e.Hosts, e.Name)
	var flag *flagBack
	if e.Production {
		if flag = rt.flagTaken(ctx, holder); flag == nil {
			return neverFlag()
		}
		u.ask = flag.ask()
		u.done = fmt.Sprintf("The environment %q is gone again, and %q has the production flag.", e.Name, flag.holder.Name)
	}
	u.back = func(ctx context.Context) tea.Msg {
		now, err := rt.Backend.Environment(ctx, ref)
		if err == nil && now.KeyCount+now.UpstreamCount > 0 {
			return statusMsg{statusWarning, fmt.Sprintf("Not taken back: %q is in use by now.", e.Name)}
		}
		return takenBack(ctx, e.Name, e.Changed, func(context.Context) (model.Instant, error) { return now.Changed, err },
			func(ctx context.Context) error {
				if flag != nil {
					if err := flag.give(ctx, rt); err != nil {
						return err
					}
				}
				return rt.Backend.DeleteEnvironment(ctx, ref)
			}, u)
	}
	return u
}

// undoDeletedEnvironment makes an environment again as it was. inBin says how
// many deleted keys were for it: made again it is another one to them.
func (rt *runtime) undoDeletedEnvironment(e model.EnvironmentInfo, inBin int) *undo {
	if inBin > 0 {
		return &undo{never: fmt.Sprintf("Deleting %q cannot be taken back: %s in the bin %s for it, and made again it is another one to them.", e.Name, count(inBin, "key"), wasWere(inBin))}
	}
	d := model.EnvironmentDraft{Name: e.Name, Hosts: e.Hosts}
	u := &undo{what: fmt.Sprintf("deleting %q", e.Name), until: rt.Now().Add(undoTime)}
	u.lost = lostName(e.Name, func(ctx context.Context) error {
		_, err := rt.Backend.Environment(ctx, e.Name)
		return err
	})
	u.back = func(ctx context.Context) tea.Msg {
		var receipt model.Receipt
		_, err := rt.Backend.CreateEnvironment(model.WithReceipt(ctx, &receipt), d)
		return madeAgain("environment", e.Name, err, receipt, u)
	}
	return u
}

// inBin counts the deleted keys that are for an environment, as far as one page
// of the bin tells.
func (rt *runtime) inBin(ctx context.Context, environment string) (n int) {
	page, err := rt.Backend.DeletedKeys(ctx, model.BinQuery{})
	if err != nil {
		return 0
	}
	for _, k := range page.Keys {
		if k.Environment == environment {
			n++
		}
	}
	return n
}

func wasWere(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}
