package tui

import (
	"fmt"
	"strings"

	"dev.keyward/keyward/model"
)

// View renders the form, scrolled to the field with the cursor where it does
// not fit.
func (e *edit) View() string {
	var lines []string
	of := map[int]editField{} // by line
	from, to := 0, 0
	if p := e.problems[editForm]; p != "" {
		lines = append(lines, e.problem(p, 2)...)
		if e.newer != nil {
			lines = append(lines, strings.Split(indent(wrap(editKeys.Reload.Help().Key+" takes the new version, with your changes on top.", e.width-6), 4), "\n")...)
		}
		lines = append(lines, "")
	}
	for _, f := range e.fields() {
		if f == editSave && lines[len(lines)-1] != "" {
			lines = append(lines, "")
		}
		if f == e.field {
			from = len(lines)
		}
		for _, line := range e.fieldLines(f) {
			of[len(lines)] = f
			lines = append(lines, line)
		}
		if f == e.field {
			to = len(lines)
		}
		if f == e.field || e.problems[f] != "" {
			lines = append(lines, "")
		}
	}
	top := scrolled(0, from, to, len(lines), e.height)
	end := min(top+e.height, len(lines))
	e.shown = make([]editField, end-top)
	for i := range e.shown {
		if f, ok := of[top+i]; ok {
			e.shown[i] = f
		} else {
			e.shown[i] = editForm
		}
	}
	return strings.Join(lines[top:end], "\n")
}

// fieldLines renders a field: label and value, what it means, what is wrong.
func (e *edit) fieldLines(f editField) []string {
	s := e.rt.styles
	lead, label := gutter, s.label
	if f == e.field {
		lead, label = s.marked.Render(pointer), s.strong
	}
	if f == editSave && e.rt.locked() {
		return []string{lead + s.faint.Render(lockedText(len(e.changes()) > 0))}
	}
	if f == editSave {
		return []string{lead + label.Render("[ Save ]") + "  " + s.faint.Render(e.standing())}
	}
	name, value, note := e.fieldText(f)
	lines := []string{lead + label.Render(pad(name, labelWidth)) + value}
	if note != "" && f == e.field {
		for _, line := range strings.Split(wrap(note, min(e.width-labelWidth-4, 64)), "\n") {
			lines = append(lines, blank(labelWidth+2)+s.faint.Render(line))
		}
	}
	if p := e.problems[f]; p != "" {
		lines = append(lines, e.problem(p, labelWidth+2)...)
	}
	return lines
}

// standing says how far the form is from being saved.
func (e *edit) standing() string {
	n := len(e.changes())
	switch {
	case e.saving:
		return "saving …"
	case n == 0:
		return "nothing is changed yet"
	}
	return count(n, "change") + ", not saved yet"
}

func (e *edit) problem(text string, left int) []string {
	lines := strings.Split(wrap("✗ "+text, min(e.width-left-2, 72)), "\n")
	for i, line := range lines {
		lines[i] = blank(left) + e.rt.styles.danger.Render(line)
	}
	return lines
}

func (e *edit) fieldText(f editField) (label, value, note string) {
	s := e.rt.styles
	e.name.Width = min(model.MaxName+1, e.width-labelWidth-4)
	switch f {
	case editName:
		return "Name", inputView(s, e.name), "The workflow gets it as \"Key: NAME\". Callers do not send it: renaming breaks no call."
	case editEnvironment:
		return "Environment", e.turning(f, e.environmentValue()), e.environmentNote()
	case editExpires:
		return "Expires", e.expiryValue(), e.expiryNote()
	case editQuery:
		if e.query {
			return "In the URL", e.turning(f, "accepted"), "?auth-key=SECRET works. URLs are often logged: better for no caller to use it."
		}
		return "In the URL", e.turning(f, "refused"), "Only the Authorization header works, which is recommended."
	}
	return "Workflows", count(len(e.workflows), "workflow") + " permitted", e.workflowsNote()
}

// turning renders a value that the arrow keys change.
func (e *edit) turning(f editField, value string) string {
	if f != e.field || e.rt.locked() {
		return value
	}
	return e.rt.styles.accent.Render("‹ ") + value + e.rt.styles.accent.Render(" ›")
}

func (e *edit) environmentValue() string {
	s := e.rt.styles
	switch {
	case e.environment == "":
		return s.warning.Render("! any")
	case e.production():
		return s.production.Render(productionName(e.environment))
	}
	return clean(e.environment)
}

// production reports whether the chosen environment carries the flag.
func (e *edit) production() bool {
	for _, env := range e.environments {
		if env.Name == e.environment {
			return env.Production
		}
	}
	return e.environment == e.seen.Environment && e.seen.Production
}

func (e *edit) environmentNote() string {
	if e.environmentsErr != nil {
		return "The environments could not be loaded: " + sentence(e.environmentsErr)
	}
	text := e.targetNote()
	if stops := e.stops(); stops != "" {
		text += " " + stops
	}
	return text
}

// stops says which calls of the key are refused once it has another environment,
// "" where none is.
func (e *edit) stops() string {
	switch was := e.seen.Environment; {
	case e.environment == was || e.environment == "":
		return ""
	case was == "":
		return "Calls of this key to other environments stop: they are refused from the save on."
	case e.seen.Production:
		return fmt.Sprintf("Calls of this key to %q, which name no environment, stop: they are refused from the save on.", was)
	default:
		return fmt.Sprintf("Calls of this key with %s stop: they are refused from the save on.", model.ProfilePair(was))
	}
}

func (e *edit) targetNote() string {
	switch {
	case e.environment == "":
		return "Every environment, production too. A target environment is the recommended practice."
	case e.production():
		return "Production. Calls need not name it."
	}
	return "Calls must carry " + model.ProfilePair(e.environment) + "."
}

func (e *edit) workflowsNote() string {
	const most = 3
	if len(e.workflows) == 0 {
		return "None: every call is refused."
	}
	names := e.workflows[:min(most, len(e.workflows))]
	text := strings.Join(names, ", ")
	if more := len(e.workflows) - len(names); more > 0 {
		text += fmt.Sprintf(" and %s more", thousands(more))
	}
	return clean(text)
}
