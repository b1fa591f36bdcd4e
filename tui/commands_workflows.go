package tui

import (
	"context"
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// lookedWorkflowsMsg are the marked workflows as they are now, with the keys that
// may call each, and those that are no more.
type lookedWorkflowsMsg struct {
	number int
	rows   []model.WorkflowInfo
	gone   []model.ID
	err    error
}

// lookMarkedWorkflows looks at the marked workflows: no list of them names keys.
func (rt *runtime) lookMarkedWorkflows(number int, ids []model.ID) tea.Cmd {
	cmd, _ := rt.work(job{title: "Looking at " + count(len(ids), "workflow"), stays: nothingChanged, looks: true}, func(ctx context.Context) tea.Msg {
		msg := lookedWorkflowsMsg{number: number}
		m := meterOf(ctx)
		m.of(len(ids))
		for _, id := range ids {
			if m.stopping() {
				msg.err = errStopped
				return msg
			}
			m.step(1)
			switch w, err := rt.Backend.Workflow(ctx, id.String()); {
			case notFound(err):
				msg.gone = append(msg.gone, id)
			case err != nil:
				msg.err = err
				return msg
			default:
				msg.rows = append(msg.rows, w)
			}
		}
		return msg
	})
	return cmd
}

// deleteWorkflows deletes one after the other, with an audit entry for each. What
// is deleted is not marked any more, since it leaves the list; the rest stays so.
func (rt *runtime) deleteWorkflows(rows []model.WorkflowInfo) tea.Cmd {
	cmd, _ := rt.work(job{title: "Deleting " + count(len(rows), "workflow")}, func(ctx context.Context) tea.Msg {
		m := meterOf(ctx)
		m.of(len(rows))
		var receipt model.Receipt
		var back []model.WorkflowInfo // those that no key lost
		deleted, lost := 0, 0
		var err error
		for _, w := range rows {
			if m.stopping() {
				break
			}
			m.step(1)
			one, keys := model.Receipt{}, 0
			keys, err = rt.Backend.DeleteWorkflow(model.WithReceipt(ctx, &one), w.ID.String())
			if notFound(err) { // somebody was quicker
				err = nil
				continue
			}
			if err != nil {
				break
			}
			if receipt, deleted = one, deleted+1; max(keys, w.KeyCount) > 0 {
				lost++
			} else {
				back = append(back, w)
			}
		}
		msg := outcomeMsg{err: err, receipt: receipt, short: err == nil && m.stopping() && deleted < len(rows)}
		msg.done = deletedText(deleted, len(rows), err, msg.short)
		if deleted > 0 {
			msg.undo = rt.undoDeletedWorkflows(back, lost)
		}
		return msg
	})
	return cmd
}

// deletedText says how many were deleted, also where an error or the user ended it.
func deletedText(deleted, all int, err error, stopped bool) string {
	switch {
	case deleted == 0 && err != nil:
		return ""
	case deleted == 0 && stopped:
		return "Stopped: no workflow was deleted, and all stay marked."
	case stopped:
		return fmt.Sprintf("Stopped: %s of %s deleted; the others are as they were, and stay marked.", thousands(deleted), count(all, "workflow"))
	case err != nil:
		return fmt.Sprintf("%s of %s deleted, then it stopped.", thousands(deleted), count(all, "workflow"))
	}
	return count(deleted, "workflow") + " deleted."
}

// undoDeletedWorkflows makes workflows again as they were. Those that keys lost,
// of which there are so many, stay deleted.
func (rt *runtime) undoDeletedWorkflows(rows []model.WorkflowInfo, lost int) *undo {
	if len(rows) == 0 {
		return &undo{never: "Deleting them cannot be taken back, since keys lost them: make them again, and permit them to those keys again."}
	}
	u := &undo{what: "deleting " + count(len(rows), "workflow"), until: rt.Now().Add(undoTime)}
	u.lost = func(ctx context.Context) (string, error) {
		for _, w := range rows {
			switch _, err := rt.Backend.Workflow(ctx, w.Name); {
			case notFound(err):
				return "", nil
			case err != nil:
				return "", err
			}
		}
		return "Not taken back: the names of all these workflows are taken by now.", nil
	}
	u.back = func(ctx context.Context) tea.Msg { return rt.makeAgain(ctx, u, rows, lost, u.until) }
	return u
}

// makeAgain makes workflows again, as far as their names and environments are
// free and there.
func (rt *runtime) makeAgain(ctx context.Context, u *undo, rows []model.WorkflowInfo, lost int, until time.Time) tea.Msg {
	m := meterOf(ctx)
	m.of(len(rows))
	var receipt model.Receipt
	made, taken := 0, 0
	for i, w := range rows {
		var err error
		if !m.stopping() {
			m.step(1)
			one := model.Receipt{}
			_, err = rt.Backend.CreateWorkflow(model.WithReceipt(ctx, &one), draftOf(w))
			switch {
			case err == nil:
				made, receipt = made+1, one
				continue
			case isTaken(err):
				taken++
				continue
			}
		}
		again := rt.undoDeletedWorkflows(rows[i:], lost)
		again.until = until
		msg := outcomeMsg{err: err, undo: again, receipt: receipt, short: err == nil}
		switch {
		case err == nil && made == 0:
			msg.done = "Stopped: nothing was taken back."
		case err == nil:
			msg.done = fmt.Sprintf("Stopped: %s of %s %s made again.", thousands(made), count(len(rows), "workflow"), isAre(made))
			again.until = rt.rest(u).until
		case made > 0:
			msg.done = fmt.Sprintf("%s of %s made again, then it stopped.", thousands(made), count(len(rows), "workflow"))
		}
		return msg
	}
	if made == 0 {
		return statusMsg{statusWarning, "Not taken back: the names of all these workflows, or their environments, are others' or gone by now."}
	}
	return outcomeMsg{done: madeAgainText(made, taken, lost), receipt: receipt}
}

func madeAgainText(made, taken, lost int) string {
	text := count(made, "workflow") + " " + isAre(made) + " made again"
	if taken > 0 {
		text += fmt.Sprintf("; %s %s not, whose name or environment is not free any more", thousands(taken), isAre(taken))
	}
	if lost > 0 {
		text += fmt.Sprintf("; %s that keys lost %s not", thousands(lost), isAre(lost))
	}
	return text + "."
}
