package tui

import "strings"

// View renders the form, scrolled to the field with the cursor where it does
// not fit.
func (s *sheet) View() string {
	var lines []string
	var fields []int
	from, to := 0, 0
	if s.problem != "" {
		lines = append(lines, s.problemLines(s.problem, 2)...)
		if s.newer {
			lines = append(lines, strings.Split(indent(wrap(editKeys.Reload.Help().Key+" takes the new version, with your changes on top.", s.width-6), 4), "\n")...)
		}
		lines = append(lines, "")
	}
	for i, f := range s.fields {
		if f.heading != "" {
			if lines[len(lines)-1] != "" {
				lines = append(lines, "")
			}
			lines = append(lines, gutter+s.rt.styles.label.Render(clip(f.heading, s.width-4)))
		}
		if i == s.at {
			from = len(lines)
		}
		fields = append(fields, unclickable(len(lines)-len(fields))...)
		lines = append(lines, s.fieldLines(f, i == s.at)...)
		for len(fields) < len(lines) {
			fields = append(fields, i)
		}
		if i == s.at {
			to = len(lines)
		}
		if i == s.at || f.problem != "" {
			lines = append(lines, "")
		}
	}
	if lines[len(lines)-1] != "" {
		lines = append(lines, "")
	}
	if s.at == len(s.fields) {
		from, to = len(lines), len(lines)+1
	}
	fields = append(append(fields, unclickable(len(lines)-len(fields))...), len(s.fields))
	lines = append(lines, s.saveLine())
	top := scrolled(0, from, to, len(lines), s.height)
	s.seen = fields[top:min(top+s.height, len(lines))]
	return strings.Join(lines[top:min(top+s.height, len(lines))], "\n")
}

// fieldLines renders a field: label and value, what it means, what is wrong.
func (s *sheet) fieldLines(f *sheetField, on bool) []string {
	st := s.rt.styles
	lead, style := gutter, st.label
	if on {
		lead, style = st.marked.Render(pointer), st.strong
	}
	label := clean(f.label)
	if f.production {
		label, style = "◆ "+label, st.production // the note says the word
	}
	lines := []string{lead + style.Render(pad(clip(label, labelWidth-1), labelWidth)) + s.valueText(f, on)}
	if on && f.note != nil {
		for _, line := range strings.Split(wrap(clean(f.note()), min(s.width-labelWidth-4, 64)), "\n") {
			lines = append(lines, blank(labelWidth+2)+st.faint.Render(line))
		}
	}
	if f.warning != nil {
		if text := clean(f.warning()); text != "" {
			lines = append(lines, s.noteLines("! "+text, labelWidth+2, st.warning.Render)...)
		}
	}
	if f.problem != "" {
		lines = append(lines, s.problemLines(f.problem, labelWidth+2)...)
	}
	return lines
}

func (s *sheet) valueText(f *sheetField, on bool) string {
	st := s.rt.styles
	if f.choices == nil {
		return inputView(st, f.input)
	}
	value := clean(f.value())
	if f.show != nil {
		value = f.show(f.value())
	}
	if on && len(f.choices) > 1 && !s.rt.locked() {
		return st.accent.Render("‹ ") + value + st.accent.Render(" ›")
	}
	return value
}

// saveLine is the button, and how far the form is from being saved.
func (s *sheet) saveLine() string {
	st := s.rt.styles
	if s.rt.locked() {
		return gutter + st.faint.Render(lockedText(s.Unsaved() != nil))
	}
	lead, label := gutter, st.label
	if s.at == len(s.fields) {
		lead, label = st.marked.Render(pointer), st.strong
	}
	n := 0
	for _, f := range s.fields {
		if f.changed() {
			n++
		}
	}
	text := count(n, "change") + ", not saved yet"
	switch {
	case s.saving:
		text = "saving …"
	case s.button != "":
		text = ""
	case n == 0:
		text = "nothing is changed yet"
	}
	return lead + label.Render("[ "+s.buttonText()+" ]") + "  " + st.faint.Render(text)
}

func (s *sheet) problemLines(text string, left int) []string {
	return s.noteLines("✗ "+text, left, s.rt.styles.danger.Render)
}

// noteLines wraps a text and paints each of its lines.
func (s *sheet) noteLines(text string, left int, on func(...string) string) []string {
	lines := strings.Split(wrap(text, min(s.width-left-2, 72)), "\n")
	for i, line := range lines {
		lines[i] = blank(left) + on(line)
	}
	return lines
}
