package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// promptRows are what a prompt is about where that is more than one thing: each a
// line, all of them, scrolled where they do not fit.
type promptRows struct {
	all  []string
	top  int // the first that is seen
	page int // how many were seen last
}

// fewestRows are seen at least, if there are so many, before anything else that a
// prompt says gives way.
const fewestRows = 3

// key scrolls; it reports whether msg is a key that does. No key scrolls where
// all is seen.
func (r *promptRows) key(msg tea.KeyMsg, k moveKeyMap) bool {
	if r.page == 0 || r.page >= len(r.all) {
		return false
	}
	n, ok := k.step(msg, r.page, len(r.all))
	r.top = max(min(r.top+n, len(r.all)-r.page), 0)
	return ok
}

// lines are the rows in that many lines. Where not all are seen the last line
// says how far down they are, and how the others are.
func (r *promptRows) lines(s *styles, width, room int) []string {
	if r.page = min(len(r.all), max(room, 0)); r.page < len(r.all) {
		r.page = max(r.page-1, 1)
	}
	r.top = max(min(r.top, len(r.all)-r.page), 0)
	var lines []string
	for _, row := range r.all[r.top : r.top+r.page] {
		lines = append(lines, clip(row, width))
	}
	if r.page < len(r.all) {
		text := "  " + thousands(r.top+r.page) + " of " + thousands(len(r.all)) + "; ↑↓ pgup pgdn show the others"
		lines = append(lines, s.faint.Render(pad(clip(text, width), width))) // the box stays as wide as it is
	}
	return lines
}

// withRows are what stands between the title and the answer where that is more
// than texts: the texts before the rows, the rows, the texts after them. Where
// there is little room blank lines go first, the texts before the rows next.
func (p *prompt) withRows(s *styles, width, room int) []string {
	before, after := wrapAll(p.Lines, width), wrapAll(p.After, width)
	rows := len(p.rows.all)
	blanks := 3
	for blanks > 0 && room-len(before)-len(after)-blanks < rows {
		blanks--
	}
	if blanks == 0 { // the one before the answer tells it apart
		blanks = 1
	}
	left := room - len(after) - blanks
	before = cutLines(before, max(left-min(rows, fewestRows+1), 0))
	var lines []string
	if blanks > 1 {
		lines = append(lines, "")
	}
	lines = append(append(lines, before...), p.rows.lines(s, width, left-len(before))...)
	if blanks > 2 && len(after) > 0 {
		lines = append(lines, "")
	}
	return append(append(lines, after...), "")
}

func wrapAll(texts []string, width int) []string {
	var lines []string
	for _, text := range texts {
		if text != "" {
			lines = append(lines, strings.Split(wrap(clean(text), width), "\n")...)
		}
	}
	return lines
}
