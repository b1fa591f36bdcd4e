package tui

import (
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/x/ansi"

	"dev.keyward/keyward/model"
)

// spotClicker is a clicker to which it matters how far to the right a click is.
type spotClicker interface {
	clickAt(x, y int) (here, ok bool)
}

// doubler is a screen on which a click on the cursor's place presses another key
// than the one that opens: what a person would expect of a click there.
type doubler interface{ double() key.Binding }

// wheeler is a screen that the wheel scrolls though no key moves its rows.
type wheeler interface{ wheel(n int) }

// none is a key that nothing has: a click there only moves the cursor.
var none key.Binding

// click moves the cursor to the row in line y of those that are seen.
func (w *window) click(y int) (here, ok bool) {
	from, to := w.visible()
	if y < 0 || from+y >= to {
		return false, false
	}
	here = from+y == w.cursor
	w.move(from + y - w.cursor)
	return here, true
}

func (d *detail) clickAt(x, y int) (here, ok bool) {
	if !d.loaded || d.gone {
		return false, false
	}
	if d.err != nil {
		y-- // the line that says so
	}
	pane := index(d.width >= twoPanes && x >= leftPane+2)
	if y < 0 || y >= len(d.seen[pane]) || d.seen[pane][y] < 0 {
		return false, false
	}
	here = d.cursor == d.seen[pane][y]
	d.cursor = d.seen[pane][y]
	return here, true
}

func (d *detail) double() key.Binding { return d.keys().Edit }

func (r *rotation) clickAt(x, y int) (here, ok bool) {
	if !r.loaded || r.err != nil || y < 0 || y >= r.ends {
		return false, false
	}
	on := index(r.second > 0 && y >= r.second || r.second == 0 && x >= r.width/2)
	here = on == r.cursor()
	r.move(on)
	return here, true
}

// click is on the slots first, then on the times.
func (r *renewal) click(y int) (here, ok bool) {
	lines := strings.Split(ansi.Strip(r.View()), "\n")
	choice := func(line string) bool {
		line = strings.TrimPrefix(strings.TrimPrefix(line, pointer), gutter)
		return strings.HasPrefix(line, "○ ") || strings.HasPrefix(line, "● ")
	}
	if !r.loaded || r.busy || y < 0 || y >= len(lines) || !choice(lines[y]) {
		return false, false
	}
	n := 0
	for _, line := range lines[:y] {
		n += index(choice(line))
	}
	if n < len(model.SlotNames) {
		here = r.asking == askSlot && r.slot == n
		r.asking, r.slot = askSlot, n
		return here, true
	}
	n -= len(model.SlotNames)
	here = r.asking == askGrace && r.grace == n
	r.asking, r.grace = askGrace, n
	return here, true
}

func (c *workflowChoices) click(y int) (here, ok bool) {
	if !c.known || c.err != nil {
		return false, false
	}
	return c.window.click(y - len(c.head()))
}

func (c *chooser) click(y int) (here, ok bool) { return c.choices.click(y) }

// double marks: what ends the choice is not for a click on a row.
func (c *chooser) double() key.Binding {
	if c.choices.filter.typing {
		return none
	}
	return chooserKeys.Mark
}

// pickerHead is how many lines stand above the rows: directory, filter, a blank.
const pickerHead = 3

func (p *picker) click(y int) (here, ok bool) {
	if p.mode != picking || p.rt.remote() || p.pem.active() {
		return false, false
	}
	return p.files.window.click(y - pickerHead)
}

func (p *picker) double() key.Binding { return pickerKeys.Open }

func (i *importer) click(y int) (here, ok bool) {
	if !i.loaded || i.work != nil || i.prefix.typing {
		return false, false
	}
	return i.filteredList.click(y)
}

func (i *importer) double() key.Binding { return i.keys().Mark }

func (s *endpointScreen) click(y int) (here, ok bool) {
	if here, ok = s.table.click(y - 1); ok {
		s.follow()
	}
	return here, ok
}

func (s *endpointScreen) double() key.Binding { return none }

// click is on a remedy or on the key.
func (w *why) click(y int) (here, ok bool) {
	y -= len(w.headline())
	if !w.loaded || y < 0 || y >= w.room() {
		return false, false
	}
	for stop, lines := range w.lines().stops {
		if at := w.top + y; at >= lines[0] && at <= lines[1] {
			here, w.cursor = stop == w.cursor, stop
			return here, true
		}
	}
	return false, false
}

// clickAt is on a field, or on the name of a language.
func (t *try) clickAt(x, y int) (here, ok bool) {
	if f, ok := t.fieldAt(y); ok {
		here = t.at == f
		t.step(int(f - t.at))
		return here, true
	}
	if y != t.tabsAt() || t.at != tryCode && y < len(t.head()) {
		return false, false
	}
	t.step(int(tryCode - t.at))
	x -= len(gutter) + labelWidth
	for i, l := range languages {
		if width := cells(l.name) + 2; x >= 0 && x < width {
			t.language = i
			break
		} else {
			x -= width + 1
		}
	}
	return false, true
}

// double takes the next method; a click into a text is one into a text.
func (t *try) double() key.Binding {
	if t.at == tryMethod {
		return t.keys().Right
	}
	return none
}

func (t *try) wheel(n int) { t.scroll(n) }

func (w *why) wheel(n int) { w.scroll(n) }

// unclickable are n lines of a form that belong to no field.
func unclickable(n int) []int { return slices.Repeat([]int{-1}, n) }

// click is on a field, or on the button, which a click presses.
func (s *sheet) click(y int) (here, ok bool) {
	if y < 0 || y >= len(s.seen) || s.seen[y] < 0 || s.saving || s.rt.locked() && s.seen[y] == len(s.fields) {
		return false, false
	}
	here, s.at = s.at == s.seen[y] || s.seen[y] == len(s.fields), s.seen[y]
	s.focus()
	return here, true
}

func (s *sheet) double() key.Binding {
	switch f := s.current(); {
	case f == nil:
		return s.keys().Save
	case f.choices != nil:
		return s.keys().Right
	}
	return none
}

func (e *edit) click(y int) (here, ok bool) {
	if y < 0 || y >= len(e.shown) || e.shown[y] == editForm || e.saving || e.rt.locked() && e.shown[y] == editSave {
		return false, false
	}
	here, e.field = e.field == e.shown[y] || e.shown[y] == editSave, e.shown[y]
	e.focus()
	return here, true
}

func (e *edit) double() key.Binding {
	switch e.field {
	case editWorkflows:
		return e.keys().Enter
	case editSave:
		return e.keys().Save
	}
	return e.keys().Right
}
