package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// window is the visible part of a list of any length, and the cursor in it.
type window struct{ cursor, offset, count, height int }

// resize sets how many rows there are and how many are seen.
func (w *window) resize(count, height int) {
	w.count, w.height = count, max(height, 1)
	w.move(0)
}

// move moves the cursor by n rows, as far as there are any.
func (w *window) move(n int) {
	w.cursor = max(0, min(w.cursor+n, w.count-1))
	w.offset = max(0, min(w.offset, w.cursor, w.count-w.height), w.cursor-w.height+1)
}

// key moves the cursor; it reports whether msg is a key that does.
func (w *window) key(msg tea.KeyMsg, k moveKeyMap) bool {
	n, ok := k.step(msg, w.height, w.count)
	w.move(n)
	return ok
}

// visible returns the rows that are seen.
func (w *window) visible() (from, to int) { return w.offset, min(w.offset+w.height, w.count) }

// rowLine renders one row of a list: the cursor and the mark are signs, not
// colours alone.
func rowLine(s *styles, text string, selected, marked bool, width int) string {
	switch {
	case selected:
		return s.selected.Render(pad("› "+text, width-1))
	case marked:
		return s.marked.Render(clip("  "+text, width-1))
	}
	return clip("  "+text, width-1)
}

// faintLines is advice: wrapped, in line with the rows.
func faintLines(s *styles, text string, width int) []string {
	lines := strings.Split(wrap(text, min(width-3, 96)), "\n")
	for i, line := range lines {
		lines[i] = gutter + s.faint.Render(line)
	}
	return lines
}

// errorLines is an error in place: a sign, and the text indented beside it.
func errorLines(s *styles, text string, width int) string {
	return noteLines(s.danger.Render, "✗ ", text, width)
}

// warningLines is a warning in place.
func warningLines(s *styles, text string, width int) string {
	return noteLines(s.warning.Render, "! ", text, width)
}

func noteLines(render func(...string) string, sign, text string, width int) string {
	lines := strings.Split(wrapWords(text, width-3), "\n")
	for i, line := range lines {
		lines[i] = render(sign + line)
		sign = "  "
	}
	return strings.Join(lines, "\n")
}

// wrapWords is wrap that leaves hyphens alone, for texts that name commands: an
// option that is broken cannot be read. No clean text holds the stand-in.
func wrapWords(s string, width int) string {
	const standIn = "\uE000"
	return strings.ReplaceAll(wrap(strings.ReplaceAll(s, "-", standIn), width), standIn, "-")
}
