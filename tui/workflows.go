package tui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// workflowList is every workflow: what it is bound to, how many upstreams it
// has, how many keys may call it.
type workflowList struct {
	register[model.WorkflowInfo]
}

func newWorkflowList(rt *runtime) screen {
	l := &workflowList{}
	l.rt, l.noun, l.about = rt, "workflow", "its name, its method, its path, or an upstream"
	l.id = func(w model.WorkflowInfo) model.ID { return w.ID }
	l.words = workflowWords
	l.load = rt.loadWorkflows
	l.form, l.remove = newWorkflowForm, askDeleteWorkflow
	l.open(workflowColumns(), "words in names, methods, paths, upstreams …")
	return l
}

func workflowWords(w model.WorkflowInfo) string {
	words := []string{w.Name, w.Method, w.Path}
	for _, u := range w.Upstreams {
		words = append(words, u.Environment, u.URL)
	}
	if len(w.Overlaps) > 0 {
		words = append(words, "clash")
	}
	return strings.Join(words, " ")
}

func workflowColumns() []column[model.WorkflowInfo] {
	type row = model.WorkflowInfo
	return []column[row]{
		{title: "Name", wide: 20, narrow: 14, grow: 2, most: 48,
			cell: func(w row, _ bool) (string, int) { return clean(w.Name), paintText }},
		{title: "Method", wide: 7, narrow: 7, cell: methodCell},
		{title: "Path", wide: 24, narrow: 11, grow: 3, most: 100, cell: pathCell},
		{title: "Upstreams", wide: 9, narrow: 9, right: true,
			cell: func(w row, _ bool) (string, int) { return numberCell(len(w.Upstreams)) }},
		{title: "Keys", wide: 9, narrow: 7, right: true,
			cell: func(w row, _ bool) (string, int) { return numberCell(w.KeyCount) }},
	}
}

func methodCell(w model.WorkflowInfo, _ bool) (string, int) {
	if !w.Bound {
		return "-", paintFaint
	}
	return clean(w.Method), paintText
}

// pathCell marks a binding that shares requests with another.
func pathCell(w model.WorkflowInfo, _ bool) (string, int) {
	switch {
	case !w.Bound:
		return "not bound", paintFaint
	case len(w.Overlaps) > 0:
		return "! " + clean(w.Path), paintWarning
	}
	return clean(w.Path), paintText
}

func numberCell(n int) (string, int) {
	if n == 0 {
		return "none", paintFaint
	}
	return thousands(n), paintText
}

// Title is the screen's part of the breadcrumb.
func (l *workflowList) Title() string { return "Workflows" }

// Update takes answers; the rest is that of every register.
func (l *workflowList) Update(msg tea.Msg) tea.Cmd {
	if msg, ok := msg.(workflowsMsg); ok {
		return l.listed(msg.request, msg.workflows, msg.err)
	}
	return l.update(msg)
}

// askDeleteWorkflow asks before a workflow is deleted: for its name, where keys
// lose something by it.
func askDeleteWorkflow(rt *runtime, w model.WorkflowInfo) tea.Cmd {
	p := prompt{
		Title: fmt.Sprintf("Delete the workflow %q for good?", clip(clean(w.Name), 40)),
		Lines: []string{"No key may call it: nobody loses anything."}, Confirm: "delete it", Danger: true,
		OnYes: rt.deleteWorkflow(w.ID, w.Name),
	}
	if w.KeyCount > 0 {
		p.Lines, p.Word = []string{losing(w.KeyCount), "", "There is no way back: one that is made again has to be permitted to each key again."}, w.Name
	}
	return ask(p)
}

func losing(keys int) string {
	if keys == 1 {
		return "1 key loses it: its next call is refused."
	}
	return count(keys, "key") + " lose it: their next calls are refused."
}
