package tui

import (
	"context"
	"errors"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// lookPermit looks at keys that are to permit workflows, and asks about those
// that do not yet.
func (rt *runtime) lookPermit(ids []model.ID, names []string) tea.Cmd {
	j := job{title: "Looking at " + count(len(ids), "key"), stays: nothingChanged, looks: true}
	cmd, _ := rt.work(j, func(ctx context.Context) tea.Msg {
		var keys []model.KeyInfo
		gone, m := 0, meterOf(ctx)
		m.of(len(ids))
		for _, id := range ids {
			if m.stopping() {
				return statusMsg{statusWarning, sentence(errStopped)}
			}
			m.step(1)
			k, err := rt.Backend.Key(ctx, id.String())
			switch {
			case errors.Is(err, model.ErrNotFound):
				gone++
			case err != nil:
				return statusMsg{statusError, sentence(err)}
			default:
				keys = append(keys, k)
			}
		}
		b := newPermit(keys, gone, names)
		switch {
		case len(keys) == 0:
			return statusMsg{statusWarning, "None of these keys is there any more: somebody deleted them."}
		case len(b.rows) == 0:
			return statusMsg{statusInfo, "Nothing to do: " + count(len(keys), "key") + " may call " + b.workflowsText() + " already."}
		}
		return askMsg{bulkPrompt(rt, b)}
	})
	return cmd
}

// lookPermits counts, for each workflow, how many of these keys may call it.
func (rt *runtime) lookPermits(number int, ids []model.ID) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		msg := permitsMsg{number: number, have: map[string]int{}}
		for _, id := range ids {
			k, err := rt.Backend.Key(ctx, id.String())
			switch {
			case errors.Is(err, model.ErrNotFound):
				continue
			case err != nil:
				msg.err = err
				return msg
			}
			msg.of++
			if msg.one = k.KeyRow; k.Production {
				msg.production++
			}
			for _, w := range k.Workflows {
				msg.have[model.Fold(w.Name)]++
			}
		}
		return msg
	})
}
