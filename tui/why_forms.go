package tui

import (
	"fmt"
	"slices"
	"strings"

	"dev.keyward/keyward/model"
)

// newBoundWorkflowForm makes a workflow for a call that has none: its method, its
// path and a name are filled in. What looks like the id of one thing is a
// variable, so that calls for the others match as well.
func newBoundWorkflowForm(rt *runtime, method, path string) screen {
	f := newWorkflowForm(rt, model.WorkflowInfo{}).(*workflowForm)
	m := f.field("method")
	for i, choice := range m.choices {
		if choice == method {
			m.chosen = i
		}
	}
	called := clean(path)
	proposed, ids := withVariables(called)
	field := f.field("path")
	field.input.SetValue(proposed)
	if len(ids) > 0 {
		note := field.note
		field.note = func() string {
			if field.value() != proposed {
				return note()
			}
			return fmt.Sprintf("%s was called: %s. Write %s for that alone.", called, variablesText(ids), called)
		}
	}
	f.field("name").input.SetValue(boundName(method, proposed))
	f.field("name").input.CursorEnd()
	for _, filled := range f.fields { // what was filled in is nothing that the user would lose
		filled.was = filled.value()
	}
	f.focus()
	return f
}

// mostVariables is how many ids of a path become variables.
const mostVariables = 9

// withVariables puts a variable in the place of each segment of a path that
// looks like an id, and returns those segments.
func withVariables(path string) (proposed string, ids []string) {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if !idLike(segment) || len(ids) == mostVariables {
			continue
		}
		ids = append(ids, segment)
		segments[i] = variableName(len(ids))
	}
	return strings.Join(segments, "/"), ids
}

func variableName(n int) string {
	if n == 1 {
		return "{id}"
	}
	return fmt.Sprintf("{id%d}", n)
}

// variablesText says which variable stands for which segment.
func variablesText(ids []string) string {
	if len(ids) == 1 {
		return "{id} stands for " + ids[0] + ", or anything else there"
	}
	var parts []string
	for i, id := range ids {
		parts = append(parts, variableName(i+1)+" for "+id)
	}
	return strings.Join(parts, ", ") + ", or anything else there"
}

// leastHexadecimal is how many hexadecimal digits in a row are an id rather than a
// word: those of a MongoDB ObjectId are 24, and no English word of so many has
// the letters a to f alone.
const leastHexadecimal = 12

// idLike reports whether a segment looks like the id of one thing: a number, a
// UUID, or so many hexadecimal digits.
func idLike(segment string) bool {
	digits := strings.Trim(segment, "0123456789") == ""
	plain := strings.ReplaceAll(segment, "-", "")
	hexadecimal := strings.Trim(strings.ToLower(plain), "0123456789abcdef") == ""
	switch {
	case segment == "":
		return false
	case digits:
		return true
	case len(segment) == 36 && len(plain) == 32:
		return hexadecimal
	}
	return hexadecimal && plain == segment && len(segment) >= leastHexadecimal
}

// boundName proposes a name for a workflow as an import does for an operation
// without an id: the method and the path, with "-" for each run of characters
// that a name cannot have.
func boundName(method, path string) string {
	var b strings.Builder
	gap := false
	for _, r := range method + "/" + path {
		if r < 0x80 && r != ' ' && model.CheckName("x"+string(r)+"x") == nil {
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			gap = false
			continue
		}
		gap = true
	}
	name := b.String()
	return strings.TrimRight(name[:min(len(name), model.MaxName)], "-")
}

// newBindingForm changes a workflow, with the cursor on its path.
func newBindingForm(rt *runtime, w model.WorkflowInfo) screen {
	f := newWorkflowForm(rt, w).(*workflowForm)
	f.at = slices.Index(f.fields, f.field("path"))
	f.focus()
	return f
}

// clashes is the workflow with that id, of those whose binding may be changed.
func (w *why) clashes(id model.ID) (model.WorkflowInfo, bool) {
	for _, c := range w.clashing {
		if c.ID == id {
			return c, true
		}
	}
	return model.WorkflowInfo{}, false
}

// showRemedies scrolls to the end, where the remedies are, if one of them has the
// cursor: show goes back as far as that needs.
func (w *why) showRemedies() {
	if s, ok := w.here(); ok && s.remedy >= 0 && w.height > 0 {
		w.scroll(len(w.lines().text))
	}
}

// newUpstreamForm changes a workflow, with the cursor on its upstream in an
// environment, which has that name until they are loaded.
func newUpstreamForm(rt *runtime, w model.WorkflowInfo, environment model.ID, name string) screen {
	f := newWorkflowForm(rt, w).(*workflowForm)
	u := f.text(upstreamField+environment.String(), name, upstreamOf(w, name), 4096)
	u.about = "Upstream: "
	f.fields = append(f.fields, u)
	f.at = len(f.fields) - 1
	f.focus()
	return f
}
