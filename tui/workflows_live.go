package tui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// workflowAgreedMsg says that the form may save that.
type workflowAgreedMsg struct {
	form *workflowForm
	edit model.WorkflowEdit
}

// askLive saves or, where a caller of production gets something else by it, asks
// first.
func (f *workflowForm) askLive(e model.WorkflowEdit) tea.Cmd {
	save := send(workflowAgreedMsg{f, e})
	why := f.live(e)
	if len(why) == 0 {
		return save
	}
	return liveAsk(fmt.Sprintf("◆ Callers of production get another answer from %q: save it all the same?", clip(clean(f.seen.Name), 40)), "save it", save, why...)
}

// live says, a sentence each, why an edit changes what callers of production get.
func (f *workflowForm) live(e model.WorkflowEdit) []string {
	var why []string
	for _, u := range f.fields[3:] {
		if _, changed := e.Upstreams[u.label]; changed && u.production {
			why = append(why, fmt.Sprintf("The upstream in %q changes.", u.label))
		}
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
