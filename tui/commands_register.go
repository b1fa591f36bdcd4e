package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// storedMsg is the end of a save of a workflow or an environment. After a
// conflict newer is the object as it is now, where that is the reason.
type storedMsg[T any] struct {
	number  int
	info    T
	newer   *T
	receipt model.Receipt
	undo    *undo // what takes it back, or nil
	err     error
}

// openedOneMsg is one workflow or environment as it is now.
type openedOneMsg[T any] struct {
	number int
	info   T
	err    error
}

func (rt *runtime) lookAtWorkflow(number int, id model.ID) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		w, err := rt.Backend.Workflow(ctx, id.String())
		return openedOneMsg[model.WorkflowInfo]{number, w, err}
	})
}

func (rt *runtime) lookAtEnvironment(number int, id model.ID) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		e, err := rt.Backend.Environment(ctx, id.String())
		return openedOneMsg[model.EnvironmentInfo]{number, e, err}
	})
}

func (rt *runtime) createWorkflow(number int, d model.WorkflowDraft) tea.Cmd {
	return rt.change(func(ctx context.Context, r *model.Receipt) tea.Msg {
		w, err := rt.Backend.CreateWorkflow(ctx, d)
		msg := storedMsg[model.WorkflowInfo]{number: number, info: w, receipt: *r, err: err}
		if err == nil {
			msg.undo = rt.undoNewWorkflow(w)
		}
		return msg
	})
}

func (rt *runtime) saveWorkflow(number int, before model.WorkflowInfo, e model.WorkflowEdit, live bool) tea.Cmd {
	id := before.ID
	return rt.change(func(ctx context.Context, r *model.Receipt) tea.Msg {
		w, err := rt.Backend.EditWorkflow(ctx, id.String(), e)
		msg := storedMsg[model.WorkflowInfo]{number: number, info: w, receipt: *r, err: err}
		if err == nil && r.Seq != 0 {
			if msg.undo = rt.undoWorkflowEdit(before, w, e); live {
				msg.undo.ask = liveBack("workflow", w.Name)
			}
		}
		if errors.Is(err, model.ErrConflict) {
			if now, err := rt.Backend.Workflow(ctx, id.String()); err == nil && now.Changed != e.Seen {
				msg.newer = &now
			}
		}
		return msg
	})
}

func (rt *runtime) createEnvironment(number int, d model.EnvironmentDraft) tea.Cmd {
	return rt.change(func(ctx context.Context, r *model.Receipt) tea.Msg {
		holder := rt.flagHolder(ctx, d.Production)
		e, err := rt.Backend.CreateEnvironment(ctx, d)
		msg := storedMsg[model.EnvironmentInfo]{number: number, info: e, receipt: *r, err: err}
		if err == nil {
			msg.undo = rt.undoNewEnvironment(ctx, e, holder)
		}
		return msg
	})
}

func (rt *runtime) saveEnvironment(number int, before model.EnvironmentInfo, edit model.EnvironmentEdit) tea.Cmd {
	live := before.Production
	id := before.ID
	return rt.change(func(ctx context.Context, r *model.Receipt) tea.Msg {
		holder := rt.flagHolder(ctx, edit.Production && !before.Production)
		e, err := rt.Backend.EditEnvironment(ctx, id.String(), edit)
		msg := storedMsg[model.EnvironmentInfo]{number: number, info: e, receipt: *r, err: err}
		if err == nil && r.Seq != 0 {
			if msg.undo = rt.undoEnvironmentEdit(ctx, before, e, edit, holder); live && msg.undo.never == "" && msg.undo.ask == nil {
				msg.undo.ask = liveBack("environment", e.Name)
			}
		}
		if errors.Is(err, model.ErrConflict) {
			if now, err := rt.Backend.Environment(ctx, id.String()); err == nil && now.Changed != edit.Seen {
				msg.newer = &now
			}
		}
		return msg
	})
}

// askLosing asks before a workflow is deleted, with the names of the keys that
// lose it then, which no list of workflows has. Without an answer about them it
// asks without names.
func (rt *runtime) askLosing(w model.WorkflowInfo) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		now, err := rt.Backend.Workflow(ctx, w.ID.String())
		switch {
		case errors.Is(err, model.ErrNotFound):
			return outcomeMsg{err: err}
		case err == nil:
			w = now
		}
		return askMsg{deleteWorkflowPrompt(rt, w)}
	})
}

func (rt *runtime) deleteWorkflow(id model.ID, name string) tea.Cmd {
	return rt.change(func(ctx context.Context, r *model.Receipt) tea.Msg {
		before, lookErr := rt.Backend.Workflow(ctx, id.String())
		keys, err := rt.Backend.DeleteWorkflow(ctx, id.String())
		if err != nil {
			return outcomeMsg{err: err}
		}
		done := fmt.Sprintf("The workflow %q is deleted.", name)
		if keys > 0 {
			done = fmt.Sprintf("The workflow %q is deleted: %s lost it.", name, count(keys, "key"))
		}
		var back *undo
		if lookErr == nil {
			back = rt.undoDeletedWorkflow(before, max(keys, before.KeyCount))
		}
		return outcomeMsg{done: done, receipt: *r, undo: back}
	})
}

func (rt *runtime) deleteEnvironment(id model.ID, name string) tea.Cmd {
	return rt.change(func(ctx context.Context, r *model.Receipt) tea.Msg {
		before, lookErr := rt.Backend.Environment(ctx, id.String())
		inBin := rt.inBin(ctx, before.Name)
		if err := rt.Backend.DeleteEnvironment(ctx, id.String()); err != nil {
			return outcomeMsg{err: err}
		}
		var back *undo
		if lookErr == nil {
			back = rt.undoDeletedEnvironment(before, inBin)
		}
		return outcomeMsg{done: fmt.Sprintf("The environment %q is deleted.", name), receipt: *r, undo: back}
	})
}

// overlapsMsg names the workflows that some request matches as well as that
// binding.
type overlapsMsg struct {
	number  int
	binding binding
	clashes []model.Clash
	err     error
}

// binding is a method and a path template as they are typed.
type binding struct{ method, path string }

// String is the binding as people write it.
func (b binding) String() string { return strings.TrimSpace(b.method + " " + b.path) }

func (rt *runtime) findOverlaps(number int, b binding, except model.ID) tea.Cmd {
	name := ""
	if except != 0 {
		name = except.String()
	}
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		clashes, err := rt.Backend.Overlaps(ctx, b.method, b.path, name)
		return overlapsMsg{number, b, clashes, err}
	})
}
