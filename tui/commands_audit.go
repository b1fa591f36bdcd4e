package tui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// auditMsg is part of the audit trail.
type auditMsg struct {
	number int
	page   model.AuditPage
	err    error
}

func (rt *runtime) loadAudit(number int, q model.AuditQuery) tea.Cmd {
	return rt.do(patient, func(ctx context.Context) tea.Msg { // a filter may have to go through the whole trail
		page, err := rt.Backend.Audit(ctx, q)
		return auditMsg{number, page, err}
	})
}

// verifiedMsg says how far the chain of the audit trail holds.
type verifiedMsg struct {
	number  int
	entries uint64
	err     error
}

// verifyAudit walks the whole chain, however long it is.
func (rt *runtime) verifyAudit(number int) tea.Cmd {
	j := job{title: "Checking every entry of the store", stays: "Then it is not known whether the trail is whole.", whole: true}
	cmd, _ := rt.work(j, func(ctx context.Context) tea.Msg {
		n, err := rt.Backend.VerifyAudit(ctx)
		if err != nil && meterOf(ctx).stopping() {
			err = errStopped
		}
		return verifiedMsg{number, n, err}
	})
	return cmd
}
