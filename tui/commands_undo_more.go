package tui

import (
	"context"
	"fmt"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// undoPermit takes a workflow from a key that was permitted it by a change after
// which it is as after says. It is nil where it had that before.
func (rt *runtime) undoPermit(before, after model.KeyInfo, name string, workflow model.ID) *undo {
	had := func(w model.WorkflowRef) bool { return w.ID == workflow }
	if slices.ContainsFunc(before.Workflows, had) {
		return nil
	}
	key := undoOfKey(after)
	key.forbid = []string{workflow.String()}
	return &undo{what: fmt.Sprintf("permitting %q to %q", name, after.Name), until: rt.Now().Add(undoTime),
		bulk: model.KeyBulk{Forbid: []string{name}}, keys: []undoKey{key}}
}

// undoRestore puts a key that was brought back into the bin again.
func (rt *runtime) undoRestore(k model.KeyInfo) *undo {
	u := &undo{what: fmt.Sprintf("restoring %q", k.Name), until: rt.Now().Add(undoTime), keys: []undoKey{undoOfKey(k)},
		done: fmt.Sprintf("%q is in the bin again.", k.Name), again: "delete it again"}
	u.back = func(ctx context.Context) tea.Msg {
		end := takenBack(ctx, k.Name, k.Changed, rt.keyChanged(k.ID), func(ctx context.Context) error {
			return rt.Backend.DeleteKey(ctx, k.ID.String())
		}, u)
		if done, ok := end.(outcomeMsg); ok && done.err == nil {
			done.deleted = k.ID
			return done
		}
		return end
	}
	return u
}

// undoImport deletes the workflows that an import made, but for those that a key
// may call or that somebody changed since. It is nil where it made none.
func (rt *runtime) undoImport(made []model.WorkflowInfo) *undo {
	if len(made) == 0 {
		return nil
	}
	u := &undo{what: "importing " + count(len(made), "workflow"), until: rt.Now().Add(undoTime)}
	u.lost = func(ctx context.Context) (string, error) {
		for _, w := range made {
			if kept, err := rt.keepsImported(ctx, w); err != nil || kept == "" {
				return "", err
			}
		}
		return "Not taken back: none of these workflows is as the import made it.", nil
	}
	u.back = func(ctx context.Context) tea.Msg { return rt.takeImportBack(ctx, u, made) }
	return u
}

// Why a workflow that an import made stays, or need not be deleted.
const (
	importedGone    = "gone"
	importedChanged = "changed"
	importedUsed    = "used"
)

// keepsImported says why a workflow that an import made is not deleted, "" where
// it is.
func (rt *runtime) keepsImported(ctx context.Context, w model.WorkflowInfo) (why string, err error) {
	now, err := rt.Backend.Workflow(ctx, w.ID.String())
	switch {
	case notFound(err):
		return importedGone, nil
	case err != nil:
		return "", err
	case now.KeyCount > 0:
		return importedUsed, nil
	case now.Changed != w.Changed:
		return importedChanged, nil
	}
	return "", nil
}

func (rt *runtime) takeImportBack(ctx context.Context, u *undo, made []model.WorkflowInfo) tea.Msg {
	kept, deleted := map[string]int{}, 0
	var receipt model.Receipt
	m := meterOf(ctx)
	m.of(len(made))
	for i, w := range made {
		if m.stopping() {
			return rt.stoppedTakingImportBack(u, made, made[i:], deleted, receipt)
		}
		m.step(1)
		why, err := rt.keepsImported(ctx, w)
		if err == nil && why == "" {
			one := model.Receipt{}
			_, err = rt.Backend.DeleteWorkflow(model.WithReceipt(ctx, &one), w.ID.String())
			switch {
			case notFound(err): // somebody was quicker
				why, err = importedGone, nil
			case err == nil:
				deleted, receipt = deleted+1, one
			}
		}
		if err != nil {
			again := rt.undoImport(made[i:])
			again.until = u.until
			msg := outcomeMsg{err: err, undo: again, receipt: receipt}
			if deleted > 0 {
				msg.done = fmt.Sprintf("%s of %s gone again, then it stopped.", thousands(deleted), count(len(made), "workflow"))
			}
			return msg
		}
		if why != "" {
			kept[why]++
		}
	}
	if deleted == 0 {
		return statusMsg{statusWarning, "Not taken back: none of these workflows is as the import made it."}
	}
	return outcomeMsg{done: importBackText(deleted, kept), receipt: receipt}
}

// stoppedTakingImportBack tells that the user stopped it; u takes back the rest.
func (rt *runtime) stoppedTakingImportBack(u *undo, made, left []model.WorkflowInfo, deleted int, receipt model.Receipt) tea.Msg {
	rest := rt.rest(u)
	again := rt.undoImport(left)
	again.what, again.until = rest.what, rest.until
	text := "Stopped: nothing was taken back."
	if deleted > 0 {
		text = fmt.Sprintf("Stopped: %s of %s %s gone again.", thousands(deleted), count(len(made), "workflow"), isAre(deleted))
	}
	return outcomeMsg{done: text, undo: again, receipt: receipt, short: true}
}

// importBackText says what became of an import that was taken back.
func importBackText(deleted int, kept map[string]int) string {
	text := fmt.Sprintf("%s %s gone again", count(deleted, "workflow"), isAre(deleted))
	if n := kept[importedUsed]; n > 0 {
		verb := "stays, since a key may call it"
		if n > 1 {
			verb = "stay, since keys may call them"
		}
		text += fmt.Sprintf("; %s %s", thousands(n), verb)
	}
	if n := kept[importedChanged]; n > 0 {
		verb := "stays, since somebody changed it"
		if n > 1 {
			verb = "stay, since somebody changed them"
		}
		text += fmt.Sprintf("; %s %s", thousands(n), verb)
	}
	if n := kept[importedGone]; n > 0 {
		text += fmt.Sprintf("; %s %s deleted already", thousands(n), wasWere(n))
	}
	return text + "."
}
