package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// send checks what can be checked here and saves.
func (f *workflowForm) send() tea.Cmd {
	upstreams, fine := f.upstreams()
	b := f.binding()
	if b != (binding{}) {
		if _, err := model.ParseBinding(b.method, b.path); err != nil {
			f.complainBinding(b, err)
			fine = false
		}
	}
	name := f.field("name").value()
	if err := model.CheckName(name); err != nil {
		f.complain("name", err)
		fine = false
	}
	if !fine {
		return nil
	}
	if f.held = f.clashing.loading; f.held {
		return nil // until it is known whether to ask
	}
	if f.fresh {
		return f.askNew(model.WorkflowDraft{Name: name, Method: b.method, Path: b.path, Upstreams: upstreams})
	}
	e := model.WorkflowEdit{Seen: f.seen.Changed, Upstreams: upstreams}
	if f.field("name").changed() {
		e.Name = &name
	}
	if f.field("method").changed() || f.field("path").changed() {
		e.Method, e.Path = &b.method, &b.path
	}
	return f.askLive(e)
}

// complainBinding tells of the half of the binding that is missing, or wrong.
func (f *workflowForm) complainBinding(b binding, err error) {
	switch {
	case b.path == "":
		err = model.Invalid("path", "a binding needs a path template too, such as /customers/{id}")
		f.complain("path", err)
	case b.method == "":
		err = model.Invalid("method", "a binding needs a method too, such as GET")
		f.complain("method", err)
	default:
		f.failed("workflow", err, 0)
	}
}

// upstreams are those that differ; fine is false where one is none.
func (f *workflowForm) upstreams() (changed map[string]string, fine bool) {
	changed, fine = map[string]string{}, true
	for _, u := range f.fields[3:] {
		if !u.changed() {
			continue
		}
		url := strings.TrimSpace(u.value())
		if url != "" {
			if err := model.CheckUpstream(url); err != nil {
				f.complain(u.name, err)
				fine = false
			}
		}
		changed[u.label] = url
	}
	return changed, fine
}

// stored takes the end of a save: the form closes, or says what is wrong where.
func (f *workflowForm) stored(msg storedMsg[model.WorkflowInfo]) tea.Cmd {
	f.saving = false
	if msg.err == nil {
		done := f.rt.doneText("workflow", msg.info.Name, f.fresh, msg.receipt)
		if note := clashNote(msg.info); note != "" {
			done += " " + strings.TrimPrefix(note, "! ") + ", and such a call is refused."
		}
		return tea.Sequence(send(closeMsg{f}), send(outcomeMsg{done: done, receipt: msg.receipt, undo: msg.undo}))
	}
	var changed model.Instant
	if f.newer = msg.newer; f.newer != nil {
		changed = f.newer.Changed
	}
	f.failed("workflow", msg.err, changed)
	return nil
}

// shown takes the workflow as it is now.
func (f *workflowForm) shown(msg openedOneMsg[model.WorkflowInfo]) tea.Cmd {
	mine, again := f.looking.answered(msg.number)
	if mine && f.looked("workflow", msg.err, msg.info.Changed, f.seen.Changed) {
		f.newer = &msg.info
	} else if mine && msg.err == nil && !f.saving {
		f.refresh(msg.info)
	}
	if again {
		return f.look()
	}
	return nil
}

// refresh takes what is new though nobody changed the workflow itself: how many
// keys may call it, and the names of its upstreams' environments.
func (f *workflowForm) refresh(w model.WorkflowInfo) {
	f.seen, f.counted = w, true
	for _, u := range f.fields[3:] {
		if url := upstreamOf(w, u.label); url != "" && url != u.was {
			u.rebase(url)
		}
	}
}

// takeNewer puts the form on top of the workflow as somebody else left it.
func (f *workflowForm) takeNewer() tea.Cmd {
	f.seen, f.newer, f.counted = *f.newer, nil, true
	f.field("name").rebase(f.seen.Name)
	f.field("method").rebase(f.seen.Method)
	f.field("path").rebase(f.seen.Path)
	for _, u := range f.fields[3:] {
		u.rebase(upstreamOf(f.seen, u.label))
		u.problem = ""
	}
	f.focus()
	return f.compare(false)
}
