package tui

import "dev.keyward/keyward/model"

// auditPreviewFrom is how high the screen is at least where the entry under the
// cursor is told of below the list: what fits a terminal of 24 lines, and a
// banner. In a lower one the lines are the list's.
const auditPreviewFrom = 18

// auditPreview is how many lines that takes.
const auditPreview = 2

// SetSize lays the list out.
func (l *auditList) SetSize(width, height int) {
	l.filteredList.SetSize(width, height)
	if l.previews() {
		l.table.setSize(width, height-2-auditPreview)
	}
}

// previews reports whether there is room for the entry under the cursor.
func (l *auditList) previews() bool { return l.height >= auditPreviewFrom }

// previewLines say in full what the row under the cursor has no room for: who did
// what to which object, and what that changed.
func (l *auditList) previewLines() []string {
	e, ok := l.table.current()
	if !ok {
		return []string{"", ""}
	}
	s, room := l.rt.styles, l.width-len(gutter)-1
	action, colour := actionCell(e)
	paint := s.palettes()[0][colour]
	rest := " · " + clean(e.Actor.String())
	at := " · " + e.Time.Time().UTC().Format("15:04:05")
	if e.Object.Name != "" {
		rest = "  " + clean(e.Object.Name) + rest
	}
	left := room - cells(action)
	return []string{
		gutter + paint.on(clip(action, room)) + clip(fitting(max(left, 0), rest+at, rest), max(left, 0)),
		gutter + s.faint.Render(clip(changedText(e), room)),
	}
}

// changedText is what an entry changed, and why.
func changedText(e model.Entry) string {
	summary := clean(e.Summary())
	switch {
	case e.Refused && summary == "":
		return "for want of rights; nothing was changed"
	case summary == "":
		return "nothing else is on record of it"
	}
	return summary
}
