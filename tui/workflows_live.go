package tui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// workflowAgreedMsg says that the form may save that.
type workflowAgreedMsg struct {
	form  *workflowForm
	edit  model.WorkflowEdit
	draft *model.WorkflowDraft // not nil: it is made
}

// askNew makes the workflow or, where its binding takes calls from one of
// production, asks first.
func (f *workflowForm) askNew(d model.WorkflowDraft) tea.Cmd {
	save := workflowAgreedMsg{form: f, draft: &d}
	why := f.liveClashes()
	if len(why) == 0 {
		return f.agreed(save)
	}
	return liveAsk(fmt.Sprintf("◆ Calls of production are refused with %q: make it all the same?", clip(clean(d.Name), 40)), "make it", send(save), why...)
}

// mostClashes is how many workflows a question names.
const mostClashes = 3

// liveClashes says, a sentence each, which workflows of production the binding
// that is typed clashes with.
func (f *workflowForm) liveClashes() []string {
	var why []string
	for _, c := range f.clashes {
		if c.Production {
			why = append(why, fmt.Sprintf("It clashes with %q: calls that match both, such as %s, are refused (409).", clip(clean(c.Workflow), 40), clip(clean(c.Example), 60)))
		}
	}
	if more := len(why) - mostClashes; more > 0 {
		why = append(why[:mostClashes], fmt.Sprintf("So it does with %s more of production.", thousands(more)))
	}
	return why
}

// askLive saves or, where a caller of production gets something else by it, asks
// first.
func (f *workflowForm) askLive(e model.WorkflowEdit) tea.Cmd {
	save := workflowAgreedMsg{form: f, edit: e}
	why := f.live(e)
	if len(why) == 0 {
		return f.agreed(save)
	}
	return liveAsk(fmt.Sprintf("◆ Callers of production get another answer from %q: save it all the same?", clip(clean(f.seen.Name), 40)), "save it", send(save), why...)
}

// live says, a sentence each, why an edit changes what callers of production get.
func (f *workflowForm) live(e model.WorkflowEdit) []string {
	var why []string
	for _, u := range f.fields[3:] {
		if _, changed := e.Upstreams[u.label]; changed && u.production {
			why = append(why, fmt.Sprintf("The upstream in %q changes.", u.label))
		}
	}
	if e.Path != nil || e.Method != nil {
		why = append(why, f.liveClashes()...)
	}
	switch n := f.seen.ProductionKeys; {
	case e.Path == nil && e.Method == nil && len(e.Upstreams) == 0:
	case n > 0:
		why = append(why, fmt.Sprintf("%s that may invoke production may call it.", count(n, "key")))
	case f.seen.Production && !f.counted:
		why = append(why, "Calls of production reach it.")
	}
	return why
}

func (f *workflowForm) agreed(msg workflowAgreedMsg) tea.Cmd {
	if refusal := f.rt.refuse(); refusal != nil {
		return refusal // it came while the question was open
	}
	f.saving, f.newest = true, f.rt.next()
	if msg.draft != nil {
		return f.rt.createWorkflow(f.newest, *msg.draft)
	}
	return f.rt.saveWorkflow(f.newest, f.seen, msg.edit, len(f.live(msg.edit)) > 0)
}

// liveBack is the question before a change that callers of production noticed is
// taken back: they notice that as well.
func liveBack(noun, name string) *prompt {
	return &prompt{
		Title:   fmt.Sprintf("◆ Take the edit of %q back?", clip(clean(name), 40)),
		Lines:   []string{"Callers of production get what they got before it.", "◆ This is production. The " + noun + " stays as it is until you say yes."},
		Confirm: "yes, take it back", Danger: true,
	}
}
