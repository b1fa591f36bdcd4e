package tui

import tea "github.com/charmbracelet/bubbletea"

// filteredList is what every list with a filter above it has. The list that it
// is part of says with moved what follows when the user moves the cursor.
type filteredList[R any] struct {
	rt            *runtime
	table         table[R]
	width, height int
	filter        filterField

	loaded bool   // an answer came
	err    error  // of the newest answer
	moved  func() // not nil

	before *spotKept // where the cursor was when the filter began to be typed; nil: it was moved since
	back   *spotKept // where it goes with the next rows; nil: nowhere
}

// begin prepares an empty list; the placeholder says what its filter looks into.
func (l *filteredList[R]) begin(rt *runtime, placeholder string, moved func()) {
	l.rt, l.filter, l.moved = rt, newFilterField(rt.styles, placeholder), moved
}

// Typing reports whether the filter is being entered.
func (l *filteredList[R]) Typing() bool { return l.filter.typing }

// Unsaved is never: a list holds nothing.
func (l *filteredList[R]) Unsaved() *prompt { return nil }

// SetSize lays the list out.
func (l *filteredList[R]) SetSize(width, height int) {
	l.width, l.height = width, height
	l.table.setSize(width, height-2) // but for the toolbar and the heading
}

// moveKey moves the cursor, and reports whether the key press is one that does.
func (l *filteredList[R]) moveKey(msg tea.KeyMsg, k moveKeyMap) bool {
	n, ok := k.step(msg, l.table.height, l.table.total)
	if ok {
		l.before, l.back = nil, nil
		l.table.moveTo(l.table.cursor + n)
		l.moved()
	}
	return ok
}

// click puts the cursor on a row, below the line above the table.
func (l *filteredList[R]) click(y int) (here, ok bool) {
	if here, ok = l.table.click(y - 1); ok {
		l.before, l.back = nil, nil
		l.moved()
	}
	return here, ok
}

// where is the cursor's place among all that there are.
func (l *filteredList[R]) where(all int) string {
	text := thousands(l.table.cursor+1) + " of " + thousands(l.table.total)
	if l.table.total == 0 {
		text = "0"
	}
	if l.filter.Value() != "" {
		text += ", filtered from " + thousands(all)
	}
	return text
}

// toolLine is the line above the table: what went wrong, or the filter, or what
// is said otherwise, in the first form that fits; at its right where the cursor
// is.
func (l *filteredList[R]) toolLine(where string, otherwise ...string) string {
	s, left := l.rt.styles, ""
	room := l.width - cells(where) - 6
	switch {
	case l.err != nil:
		left = s.danger.Render(clip("✗ "+sentence(l.err)+" "+listKeys.Reload.Help().Key+" tries again.", room))
	case l.filter.shown():
		left = l.filter.view(s, room)
	default:
		left = s.faint.Render(fitting(room, otherwise...))
	}
	left = clip(left, room)
	return "  " + left + blank(l.width-cells(left)-cells(where)-4) + s.faint.Render(where)
}

// rows renders the table.
func (l *filteredList[R]) rows() string { return l.table.view(l.rt.styles, l.rt.styles.palettes()) }

// absent stands in place of a list that is not loaded yet: what it is of follows
// "the".
func (l *filteredList[R]) absent(what string) string {
	if l.err != nil {
		return failureView(l.rt.styles, "The "+what+" could not be loaded", l.err, l.width, l.height)
	}
	return "\n  " + l.rt.styles.faint.Render("Loading the "+what+" …")
}
