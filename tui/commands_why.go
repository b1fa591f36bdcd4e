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

// explainedMsg is why a call was decided as it was, and its key as it is now.
type explainedMsg struct {
	number      int
	explanation model.Explanation
	key         *model.KeyInfo // nil: the caller is not known, or the key is gone
	workflow    string         // that a remedy would permit
	upstream    model.WorkflowInfo
	deleted     *model.DeletedKey    // nil: the key is not in the bin
	clashing    []model.WorkflowInfo // whose binding may be changed
	more        neededToOpen
	at          time.Time
	err         error
}

func (rt *runtime) explain(number int, a model.Activity) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		msg := explainedMsg{number: number, at: rt.Now()}
		if msg.explanation, msg.err = rt.Backend.Explain(ctx, a); msg.err != nil {
			return msg
		}
		if a.Key != 0 {
			k, err := rt.Backend.Key(ctx, a.Key.String())
			switch {
			case err == nil:
				msg.key = &k
			case !errors.Is(err, model.ErrNotFound):
				msg.err = err
			}
		}
		for _, r := range msg.explanation.Remedies {
			if msg.err == nil {
				msg.err = rt.needed(ctx, r, &msg)
			}
		}
		return msg
	})
}

// needed reads what is shown before a remedy is carried out.
func (rt *runtime) needed(ctx context.Context, r model.Remedy, msg *explainedMsg) (err error) {
	switch r.Kind {
	case model.PermitWorkflow:
		var w model.WorkflowInfo
		w, err = rt.Backend.Workflow(ctx, r.Workflow.String())
		msg.workflow = w.Name
	case model.ChangeUpstream:
		msg.upstream, err = rt.Backend.Workflow(ctx, r.Workflow.String())
	case model.ChangeBinding:
		var w model.WorkflowInfo
		if w, err = rt.Backend.Workflow(ctx, r.Workflow.String()); err == nil {
			msg.clashing = append(msg.clashing, w)
		} else if errors.Is(err, model.ErrNotFound) {
			err = nil // it went meanwhile: nothing of it can be changed
		}
	case model.RestoreKey:
		msg.deleted, err = rt.deletedKey(ctx, r.Key)
	default:
		err = rt.neededToOpen(ctx, r, &msg.more)
	}
	return err
}

// deletedKey finds a key in the bin; nil: it is not there.
func (rt *runtime) deletedKey(ctx context.Context, id model.ID) (*model.DeletedKey, error) {
	for read := 0; ; {
		page, err := rt.Backend.DeletedKeys(ctx, model.BinQuery{Offset: read})
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(page.Keys, func(k model.DeletedKey) bool { return k.ID == id }); i >= 0 {
			return &page.Keys[i], nil
		}
		if read += len(page.Keys); len(page.Keys) == 0 || read >= page.Total {
			return nil, nil
		}
	}
}

// permit lets a key call one more workflow.
func (rt *runtime) permit(k model.KeyInfo, workflow model.ID, name string) tea.Cmd {
	return rt.change(func(ctx context.Context, r *model.Receipt) tea.Msg {
		before, lookErr := rt.Backend.Key(ctx, k.ID.String())
		if lookErr != nil {
			before = k
		}
		after, err := rt.Backend.EditKey(ctx, k.ID.String(), model.KeyEdit{Permit: []string{workflow.String()}})
		if err != nil {
			return outcomeMsg{err: err}
		}
		var back *undo
		if r.Seq != 0 {
			back = rt.undoPermit(before, after, name, workflow)
		}
		return outcomeMsg{done: fmt.Sprintf("%q may call %q now.", k.Name, name), receipt: *r, undo: back}
	})
}
