package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// wizardStep is one question of the wizard. A token key has no certificate
// step.
type wizardStep int

const (
	stepKind wizardStep = iota
	stepName
	stepEnvironment
	stepWorkflows
	stepCertificate
	stepLimits
	stepReview
	stepCount
)

// wizardPart is what asks one question. It keeps what was entered, whatever
// happens elsewhere in the wizard.
type wizardPart interface {
	// title is the step's word in the progress line.
	title() string
	// question is the step's heading, advice what the documentation recommends.
	question() string
	advice() string
	// enter runs when the step comes up, by moving on or back.
	enter() tea.Cmd
	// key takes a key press; those not taken move through the steps.
	key(msg tea.KeyMsg) (cmd tea.Cmd, taken bool)
	// finish reports whether the wizard may move on; if not, the part shows
	// why.
	finish() (cmd tea.Cmd, ok bool)
	// typing reports whether text is being entered.
	typing() bool
	// view renders the part in that room; it may be a line taller.
	view(width, height int) string
	// keys are the bindings of the part itself.
	keys() []key.Binding
}

// forgetter is a part with an error that is done with once the user turns away
// from it.
type forgetter interface{ forget() }

func (w *wizard) part(s wizardStep) wizardPart {
	return [stepCount]wizardPart{w.kind, w.name, w.environment, w.workflows, w.certificate, w.limits, w.review}[s]
}

// steps are the questions for the chosen kind.
func (w *wizard) steps() []wizardStep {
	if w.kind.value() == model.CertificateKey {
		return []wizardStep{stepKind, stepName, stepEnvironment, stepWorkflows, stepCertificate, stepLimits, stepReview}
	}
	return []wizardStep{stepKind, stepName, stepEnvironment, stepWorkflows, stepLimits, stepReview}
}

// next moves to the step after this one, once it has an answer.
func (w *wizard) next() tea.Cmd {
	cmd, ok := w.part(w.step).finish()
	if !ok || w.step == stepReview {
		return cmd
	}
	to := w.step
	for _, s := range w.steps() {
		if s > w.step {
			to = s
			break
		}
	}
	if w.toReview && w.step != stepKind {
		to = stepReview
	}
	return tea.Batch(cmd, w.goTo(to))
}

// back moves to the step before this one; escape leaves the wizard at the
// first.
func (w *wizard) back(leave bool) tea.Cmd {
	if f, ok := w.part(w.step).(forgetter); ok {
		f.forget()
	}
	to := wizardStep(-1)
	for _, s := range w.steps() {
		if s < w.step {
			to = s
		}
	}
	switch {
	case to >= 0 && w.toReview:
		return w.goTo(stepReview)
	case to >= 0:
		return w.goTo(to)
	case leave:
		return pop()
	}
	return nil
}

func (w *wizard) goTo(s wizardStep) tea.Cmd {
	if s == stepReview {
		w.toReview = false
	}
	w.step, w.furthest = s, max(w.furthest, s)
	w.layout()
	return w.part(s).enter()
}
