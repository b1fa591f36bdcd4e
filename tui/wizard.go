package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

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
	w.certificate = &certificatePart{rt: rt, draft: w.draftRow}
	w.limits = newLimitsPart(rt, w.kind.value)
	w.review = &reviewPart{rt: rt, w: w}
	return w
}

// Init loads what there is to choose from.
func (w *wizard) Init() tea.Cmd {
	return tea.Batch(w.environment.load(), w.workflows.load())
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
	if w.furthest == stepKind && !w.certificate.filled(0) {
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
