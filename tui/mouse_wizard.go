package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
)

// click is on a row of the step, if it has any.
func (w *wizard) click(y int) (here, ok bool) {
	s, rows := w.part(w.step).(clicker)
	if !rows || w.saving {
		return false, false
	}
	return s.click(y - strings.Count(w.head(), "\n"))
}

func (w *wizard) double() key.Binding {
	switch w.step {
	case stepWorkflows:
		if w.workflows.filter.typing {
			return none
		}
		return chooserKeys.Mark
	case stepLimits:
		if w.limits.typing() {
			return none
		}
		return wizardKeys.Right
	}
	return wizardKeys.Next
}

// click is on a kind, or on what is said of it.
func (p *kindPart) click(y int) (here, ok bool) {
	if y < 0 || y >= p.ends[len(kinds)-1] {
		return false, false
	}
	on := index(y >= p.ends[0])
	here, p.cursor = on == p.cursor, on
	return here, true
}

func (p *environmentPart) click(y int) (here, ok bool) {
	if p.any < 0 || p.err != nil {
		return false, false
	}
	return p.window.click(y)
}

// click is on a slot, or on the line that goes on.
func (p *certificatePart) click(y int) (here, ok bool) {
	line := 0
	for slot := range p.slots {
		if first := line; y >= first && y <= first+index(p.filled(slot)) {
			here, p.cursor = p.cursor == slot, slot
			return here, true
		}
		line += 1 + index(p.filled(slot))
	}
	if y != line+1 {
		return false, false
	}
	here, p.cursor = p.cursor == 2, 2
	return here, true
}

// click is on a row, or on the note below it.
func (p *limitsPart) click(y int) (here, ok bool) {
	lines := map[limitsRow]int{rowExpiry: 1, rowDay: 2, rowQuery: 2}
	at := 0
	for i, row := range p.rows() {
		if row == rowQuery {
			at++ // the blank line above
		}
		if y >= at && y < at+lines[row] {
			here, p.cursor = i == p.cursor, i
			p.focus()
			return here, true
		}
		at += lines[row]
	}
	return false, false
}

// click is on a line of the review, or on the button, which a click presses.
func (p *reviewPart) click(y int) (here, ok bool) {
	if y < 0 || y >= len(p.seen) || p.seen[y] < 0 {
		return false, false
	}
	on := p.seen[y]
	here = on == p.window.cursor || on == len(p.lines())
	p.window.move(on - p.window.cursor)
	return here, true
}
