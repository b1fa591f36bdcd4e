package tui

import (
	"errors"
	"strings"

	"github.com/charmbracelet/bubbles/help"
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

// wizard makes a key, step by step. Every step keeps its input; only closing
// the wizard, which asks, throws it away.
type wizard struct {
	rt            *runtime
	width, height int

	step     wizardStep
	furthest wizardStep
	toReview bool // the step was opened from the review and leads back there

	kind        *kindPart
	name        *namePart
	environment *environmentPart
	workflows   *workflowsPart
	certificate *certificatePart
	limits      *limitsPart
	review      *reviewPart

	saving  bool
	request int
	problem string // of a failed save, at the step that can mend it
	at      wizardStep
}

// newWizard makes the screen on which a key is made.
func newWizard(rt *runtime) screen {
	w := &wizard{rt: rt}
	w.kind = &kindPart{rt: rt}
	w.name = newNamePart(rt)
	w.environment = &environmentPart{rt: rt, any: -1}
	w.workflows = &workflowsPart{newWorkflowChoices(rt, nil)}
	w.certificate = &certificatePart{rt: rt, name: w.name.value}
	w.limits = newLimitsPart(rt, w.kind.value)
	w.review = &reviewPart{rt: rt, w: w}
	return w
}

// Init loads what there is to choose from.
func (w *wizard) Init() tea.Cmd {
	return tea.Batch(w.environment.load(), w.workflows.load())
}

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

// Update takes a message.
func (w *wizard) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return w.key(msg)
	case keyRefusedMsg:
		return w.refused(msg)
	case environmentsMsg:
		return tea.Batch(w.environment.loaded(msg), w.unchosen())
	case workflowsMsg:
		return w.workflows.loaded(msg)
	case nameTickMsg:
		return w.name.tick(msg)
	case nameCheckedMsg:
		if w.name.checked(msg) && w.step == stepName {
			return w.next()
		}
	case certificatePickedMsg:
		w.certificate.take(msg)
	case changedMsg:
		return tea.Batch(w.environment.news(msg), w.workflows.news(msg))
	}
	return nil
}

// unchosen leads back to the environments when the chosen one is no more: which
// one the key may invoke is nobody's to guess.
func (w *wizard) unchosen() tea.Cmd {
	name := w.environment.gone
	w.environment.gone = ""
	if name == "" || w.furthest < stepEnvironment {
		return nil
	}
	if w.step > stepEnvironment && !w.saving {
		cmd := w.goTo(stepEnvironment)
		w.toReview = w.furthest == stepReview
		return tea.Batch(cmd, status(statusWarning, goneText(name)))
	}
	return status(statusWarning, goneText(name))
}

func goneText(name string) string {
	return "The environment \"" + clean(name) + "\" was deleted meanwhile: choose again."
}

func (w *wizard) key(msg tea.KeyMsg) tea.Cmd {
	if w.saving {
		return nil
	}
	cmd, taken := w.part(w.step).key(msg)
	w.problem = ""
	if taken {
		return cmd
	}
	switch {
	case msg.Paste:
		return nil
	case w.step == stepReview && matches(msg, wizardKeys.Create):
		return w.reviewed()
	case matches(msg, wizardKeys.Next, wizardKeys.NextField):
		return w.next()
	case matches(msg, wizardKeys.Previous, wizardKeys.Back):
		return w.back(matches(msg, wizardKeys.Back))
	}
	return nil
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

// SetSize gives the room.
func (w *wizard) SetSize(width, height int) {
	w.width, w.height = width, height
	w.layout()
}

func (w *wizard) layout() {
	w.name.setSize(w.width)
	w.workflows.setSize(w.width, w.room())
}

// Title is the wizard's part of the breadcrumb.
func (w *wizard) Title() string { return "New key" }

// Typing holds while a step takes text.
func (w *wizard) Typing() bool { return !w.saving && w.part(w.step).typing() }

// Keys are those of the step, and those that move between steps.
func (w *wizard) Keys() help.KeyMap {
	if w.saving {
		return bindings{}
	}
	own := w.part(w.step).keys()
	move := []key.Binding{wizardKeys.Next, wizardKeys.Previous, wizardKeys.Back}
	switch {
	case w.step == stepWorkflows && w.Typing():
		move = nil
	case w.step == stepWorkflows && w.workflows.unmarked():
		own = append([]key.Binding{wizardKeys.MarkThis, wizardKeys.WithNone}, own...)
		move = []key.Binding{wizardKeys.Previous, wizardKeys.Back}
	case w.step == stepReview || w.step == stepCertificate: // enter is their own
		move = []key.Binding{wizardKeys.Previous, wizardKeys.Back}
	case w.step == stepKind:
		move = []key.Binding{wizardKeys.Next, wizardKeys.Back}
	}
	return bindings{short: append(append([]key.Binding{}, own...), move...), full: [][]key.Binding{own, move}}
}

// Unsaved asks before anything that was entered is thrown away.
func (w *wizard) Unsaved() *prompt {
	if w.saving {
		return &prompt{
			Title:   "Leave while the key is being made?",
			Lines:   []string{"It is made all the same, and what is to be seen of it once is shown then."},
			Confirm: "leave",
		}
	}
	if w.furthest == stepKind {
		return nil
	}
	name := ""
	if w.name.value() != "" {
		name = " \"" + clean(strings.TrimSpace(w.name.value())) + "\""
	}
	return &prompt{
		Title:   "Stop making the key" + name + "?",
		Lines:   []string{"What was entered is thrown away. Nothing was created."},
		Confirm: "stop",
	}
}
