package tui

import (
	"strings"

	"dev.keyward/keyward/model"
)

// workflowPreviewFrom is how high the screen is at least where the workflow under
// the cursor is told of below the list: what fits a terminal of 24 lines, and a
// banner. In a lower one the lines are the list's, but for one where the calls
// have no column.
const workflowPreviewFrom = 18

// workflowPreview is how many lines that takes, and workflowCalls the place of the
// column of calls.
const (
	workflowPreview = 2
	workflowCalls   = 5
)

// SetSize lays the list out.
func (l *workflowList) SetSize(width, height int) {
	l.register.SetSize(width, height)
	l.table.setSize(width, height-2-l.previewed())
}

// previewed is how many lines the workflow under the cursor has below the list.
func (l *workflowList) previewed() int {
	switch {
	case l.previews():
		return workflowPreview
	case !l.callsShown():
		return 1
	}
	return 0
}

// callsShown reports whether the list has room for the column of calls.
func (l *workflowList) callsShown() bool {
	widths, _ := l.table.layout()
	return widths[workflowCalls] > 0
}

// previews reports whether there is room for the workflow under the cursor.
func (l *workflowList) previews() bool { return l.height >= workflowPreviewFrom }

// View renders the list, and below it the workflow under the cursor.
func (l *workflowList) View() string {
	w, ok := l.table.current()
	if !l.loaded || !ok || l.previewed() == 0 {
		return l.register.View()
	}
	return l.register.View() + "\n" + strings.Join(l.previewLines(w), "\n")
}

// previewLines say in full what the row of a workflow has no room for: its name
// and where its invokes go, its binding, and how often it was called where that
// has no column. With room for one line only, that is the line.
func (l *workflowList) previewLines(w model.WorkflowInfo) []string {
	s, room := l.rt.styles, l.width-len(gutter)-1
	name, colour := workflowNameCell(w, true)
	name = strings.TrimLeft(name, " ")
	binding := "no REST path is bound to it: no call comes here"
	if w.Bound {
		binding = clean(w.Method + " " + w.Path)
	}
	calls, last := "", ""
	if !l.callsShown() {
		calls, last = l.callsTexts(w)
		calls = " · " + calls
	}
	paint := s.palettes()[0][colour].on
	if !l.previews() {
		name = clip(name, max(room-cells(calls+last), 0))
		return []string{gutter + paint(name) + s.faint.Render(clip(calls+last, room))}
	}
	if cells(binding+calls+last) <= room {
		calls += last
	}
	left := max(room-cells(name), 0)
	return []string{
		gutter + paint(clip(name, room)) + s.faint.Render(fitting(left, upstreamTexts(w)...)),
		gutter + s.faint.Render(clip(clip(binding, max(room-cells(calls), 0))+calls, room)),
	}
}

// callsTexts say how often a workflow was called and, to go on with, when last.
func (l *workflowList) callsTexts(w model.WorkflowInfo) (calls, last string) {
	last = l.rt.lastUsed(w.LastCall, l.at)
	switch {
	case w.Calls == 0 && w.LastCall == 0 && l.rt.degraded != "":
		return "calls unknown", ""
	case w.Calls == 0:
		return "no call on record", ""
	case w.Calls == 1:
		return "1 call", ", " + last
	}
	return quantity(w.Calls) + " calls", ", the last " + last
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
