package tui

import (
	"errors"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// reviewed acts on the row of the review that the cursor is on.
func (w *wizard) reviewed() tea.Cmd {
	if s, ok := w.review.row(); ok {
		w.toReview = true
		return w.goTo(s)
	}
	if refusal := w.rt.refuse(); refusal != nil {
		return refusal
	}
	for _, s := range w.steps() {
		if s == stepReview {
			break
		}
		if s == stepName && w.name.ready() {
			continue // the store decides about the rest
		}
		if cmd, ok := w.part(s).finish(); !ok {
			w.toReview = true
			return tea.Batch(cmd, w.goTo(s))
		}
	}
	w.saving, w.problem, w.request = true, "", w.rt.next()
	return w.rt.createKey(w.request, w.wanted(), w)
}

// wanted is what was entered.
func (w *wizard) wanted() keyRequest {
	r := keyRequest{expires: w.limits.expiryText(), file: w.certificate.slots[0]}
	r.draft = model.KeyDraft{
		Name: w.name.value(), Kind: w.kind.value(), Environment: w.environment.value(), Workflows: w.workflows.names(),
		NoQuery: !w.limits.query,
	}
	if r.draft.Kind == model.CertificateKey {
		r.draft.NoQuery = false // there is no secret to send
		r.draft.Primary = w.certificate.holding(0)
		r.draft.Secondary = w.certificate.holding(1)
	}
	return r
}

// refused takes a failed creation: the wizard shows what went wrong where it
// can be mended, with everything as it was entered.
func (w *wizard) refused(msg keyRefusedMsg) tea.Cmd {
	if msg.request != w.request || !w.saving {
		return nil
	}
	w.saving, w.problem, w.at = false, changeSentence(msg.err), msg.step
	if msg.step == stepReview {
		return nil
	}
	cmd := w.goTo(msg.step)
	w.toReview = true
	if msg.step == stepName && errors.Is(msg.err, model.ErrConflict) {
		w.problem = "" // the step says it itself, once it has asked again
		cmd = w.name.ask()
	}
	return tea.Batch(cmd, w.Init())
}
