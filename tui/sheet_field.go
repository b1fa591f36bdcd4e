package tui

import (
	"slices"

	"github.com/charmbracelet/bubbles/textinput"
)

// sheetField is one field of a sheet: a text, or one of a few values.
type sheetField struct {
	name       string // of the field, as errors say it
	label      string
	about      string // stands before the label where it is told of elsewhere
	production bool   // its label is marked
	input      textinput.Model
	choices    []string // where there are any it is no text
	chosen     int
	was        string // the value that is saved, as far as it can be shown
	show       func(value string) string
	note       func() string // what it means, shown while it has the cursor
	same       func(a, b string) bool
	heading    string        // stands above it
	warning    func() string // shown wherever the cursor is; "" for none
	problem    string
}

func (s *sheet) text(name, label, value string, limit int) *sheetField {
	f := &sheetField{name: name, label: label, input: newInput(s.rt.styles, "")}
	f.input.Prompt, f.input.CharLimit = "", limit
	f.fill(value)
	return f
}

// fill puts a value that is saved into a text field. What of it cannot be shown
// is no change that the user made.
func (f *sheetField) fill(value string) {
	f.input.SetValue(clean(value))
	f.was = f.input.Value()
}

func choiceField(name, label, value string, choices []string) *sheetField {
	if !slices.Contains(choices, value) {
		choices = append(slices.Clone(choices), value)
	}
	return &sheetField{name: name, label: label, was: value, choices: choices, chosen: slices.Index(choices, value)}
}

func (f *sheetField) value() string {
	if f.choices != nil {
		return f.choices[f.chosen]
	}
	return f.input.Value()
}

// changed reports whether the field differs from what is saved.
func (f *sheetField) changed() bool {
	if f.same != nil {
		return !f.same(f.value(), f.was)
	}
	return f.value() != f.was
}

// rebase puts the field on top of what somebody else saved: a value that was
// typed stays.
func (f *sheetField) rebase(value string) {
	typed, changed := f.value(), f.changed()
	switch {
	case f.choices == nil:
		f.fill(value)
		if changed {
			f.input.SetValue(typed)
		}
		f.input.CursorEnd()
		return
	case !slices.Contains(f.choices, value):
		f.choices = append(f.choices, value)
	}
	if f.was = value; !changed {
		f.chosen = slices.Index(f.choices, value)
	}
}
