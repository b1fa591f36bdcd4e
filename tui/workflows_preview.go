package tui

import (
	"strings"

	"dev.keyward/keyward/model"
)

// workflowPreviewFrom is how high the screen is at least where the workflow under
// the cursor is told of below the list: what fits a terminal of 24 lines, and a
// banner. In a lower one the lines are the list's.
const workflowPreviewFrom = 18

// workflowPreview is how many lines that takes.
const workflowPreview = 2

// SetSize lays the list out.
func (l *workflowList) SetSize(width, height int) {
	l.register.SetSize(width, height)
	if l.previews() {
		l.table.setSize(width, height-2-workflowPreview)
	}
}

// previews reports whether there is room for the workflow under the cursor.
func (l *workflowList) previews() bool { return l.height >= workflowPreviewFrom }

// View renders the list, and below it the workflow under the cursor.
func (l *workflowList) View() string {
	w, ok := l.table.current()
	if !l.loaded || !ok || !l.previews() {
		return l.register.View()
	}
	return l.register.View() + "\n" + strings.Join(l.previewLines(w), "\n")
}

// previewLines say in full what the row of a workflow has no room for: its name
// and where its invokes go, and its binding.
func (l *workflowList) previewLines(w model.WorkflowInfo) []string {
	s, room := l.rt.styles, l.width-len(gutter)-1
	name, colour := workflowNameCell(w, true)
	name = strings.TrimLeft(name, " ")
	binding := "no REST path is bound to it: no call comes here"
	if w.Bound {
		binding = clean(w.Method + " " + w.Path)
	}
	left := max(room-cells(name), 0)
	return []string{
		gutter + s.palettes()[0][colour].on(clip(name, room)) + s.faint.Render(fitting(left, upstreamTexts(w)...)),
		gutter + s.faint.Render(clip(binding, room)),
	}
}

// upstreamTexts say where the invokes of a workflow go, shorter each.
func upstreamTexts(w model.WorkflowInfo) []string {
	if len(w.Upstreams) == 0 {
		return []string{" · no upstream", ""}
	}
	var full, names []string
	for _, u := range w.Upstreams {
		full = append(full, u.Environment+" → "+u.URL)
		names = append(names, u.Environment)
	}
	return []string{
		" · " + clean(strings.Join(full, ", ")),
		" · " + count(len(names), "upstream") + ": " + clean(strings.Join(names, ", ")),
		" · " + count(len(names), "upstream"), "",
	}
}
