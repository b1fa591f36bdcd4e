package tui

import (
	"context"
	"errors"
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// addSamples makes the sample workflows and the sample key, but for what is there
// already.
func (rt *runtime) addSamples() tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		var names []string
		for i, d := range tourSamples() {
			if _, err := rt.Backend.CreateWorkflow(ctx, d); err != nil && !errors.Is(err, model.ErrConflict) {
				var never *undo
				if i > 0 {
					never = neverUndo(neverSamples)
				}
				return sampledMsg{outcome: outcomeMsg{undo: never, err: fmt.Errorf("adding the workflow %q: %w", d.Name, err)}}
			}
			if d.Path != "" {
				names = append(names, d.Name)
			}
		}
		r := model.Receipt{}
		k, err := rt.createSampleKey(model.WithReceipt(ctx, &r), names)
		if err != nil {
			return sampledMsg{outcome: outcomeMsg{undo: neverUndo(neverSamples), err: fmt.Errorf("adding the key %q: %w", sampleKey, err)}}
		}
		done := fmt.Sprintf("%s and a key added.", count(len(tourSamples()), "sample workflow"))
		return sampledMsg{k.ID, outcomeMsg{done: done, key: sampleKey, receipt: r, undo: neverUndo(neverSamples)}}
	})
}

// createSampleKey makes the sample key, for an environment that is not for
// production where there is one. Its secrets are told to nobody.
func (rt *runtime) createSampleKey(ctx context.Context, workflows []string) (model.KeyInfo, error) {
	d := model.KeyDraft{Name: sampleKey, Kind: model.TokenKey, Workflows: workflows}
	environments, err := rt.Backend.Environments(ctx)
	if err != nil {
		return model.KeyInfo{}, err
	}
	for _, e := range environments {
		if !e.Production {
			d.Environment = e.Name
			break
		}
	}
	for _, h := range []*model.Holding{&d.Primary, &d.Secondary} {
		secret, err := model.NewSecret(rt.Random)
		if err != nil {
			return model.KeyInfo{}, err
		}
		*h = secret.Hold()
	}
	return rt.Backend.CreateKey(ctx, d)
}

// removeSamples deletes the sample key, and the sample workflows that are as they
// were made.
func (rt *runtime) removeSamples() tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		r := model.Receipt{}
		told := model.WithReceipt(ctx, &r)
		msg := outcomeMsg{}
		if k, err := rt.Backend.Key(ctx, sampleKey); err == nil {
			msg.deleted = k.ID
			if err := rt.Backend.DeleteKey(told, k.ID.String()); err != nil {
				return outcomeMsg{err: err}
			}
		}
		list, err := rt.Backend.Workflows(ctx)
		if err != nil {
			return outcomeMsg{err: err}
		}
		gone := 0
		for _, w := range list {
			if !isSample(w.WorkflowRef) {
				continue
			}
			if _, err := rt.Backend.DeleteWorkflow(told, w.ID.String()); err != nil {
				return outcomeMsg{done: fmt.Sprintf("%s taken out, then it stopped.", count(gone, "sample workflow")), receipt: r, undo: neverUndo(neverWithout), err: err}
			}
			gone++
		}
		if r.Seq != 0 {
			msg.undo = neverUndo(neverWithout)
		}
		msg.done, msg.receipt = fmt.Sprintf("The samples are taken out: %s.", count(gone, "workflow")), r
		if msg.deleted != 0 {
			msg.done = fmt.Sprintf("The samples are taken out: %s and a key.", count(gone, "workflow"))
		}
		return msg
	})
}
