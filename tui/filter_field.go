package tui

import (
	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
)

// mostFiltered is how many characters a filter holds: more than any SHA-256 with
// its colons or any name has, and less than a document that was pasted by
// mistake.
const mostFiltered = 200

// filterField is the filter of a list: it is typed after its key was pressed,
// and goes on to hold when it was typed. What it lets through is the list's
// affair, which is told when the text is another.
type filterField struct {
	input  textinput.Model
	typing bool // letters are text
}

// newFilterField returns a filter without a text; the placeholder says what it
// looks into.
func newFilterField(s *styles, placeholder string) filterField {
	f := filterField{input: newInput(s, placeholder)}
	f.input.Prompt = "/ "
	f.input.CharLimit = mostFiltered
	return f
}

// open begins to type, behind what is there.
func (f *filterField) open() {
	f.typing = true
	f.input.Focus()
}

// keep ends the typing; the text goes on to hold.
func (f *filterField) keep() {
	f.typing = false
	f.input.Blur()
}

// clear ends the typing and takes the text away.
func (f *filterField) clear() {
	f.keep()
	f.input.Reset()
}

// Value is the text, "" where everything is let through.
func (f *filterField) Value() string { return f.input.Value() }

// shown reports whether there is something to see of the filter.
func (f *filterField) shown() bool { return f.typing || f.Value() != "" }

// key takes a key press or a paste while the filter is typed. Keys that are no
// text go to move, which reports whether it had a use for them. The answer is
// whether the text is another, so that the list has to be filtered anew.
func (f *filterField) key(msg tea.KeyMsg, move func(tea.KeyMsg, moveKeyMap) bool) (changed bool) {
	before := f.Value()
	switch {
	case msg.Paste:
		typeInto(&f.input, msg)
	case matches(msg, filterKeys.Keep):
		f.keep()
	case matches(msg, filterKeys.Clear):
		f.clear()
	case !move(msg, typingMoveKeys.withoutEnds()):
		typeInto(&f.input, msg)
	}
	return f.Value() != before
}

// bindings are those that work while the filter is typed.
func (f *filterField) bindings() bindings {
	all := append([]key.Binding{filterKeys.Keep, filterKeys.Clear}, typingMoveKeys.withoutEnds().all()...)
	return bindings{short: all[:4], full: [][]key.Binding{all}}
}

// view renders the filter in room cells: the input while it is typed, else what
// was typed.
func (f *filterField) view(s *styles, room int) string {
	if !f.typing {
		return s.accent.Render(f.input.Prompt) + clip(clean(f.Value()), room-len(f.input.Prompt))
	}
	f.input.Width = max(room-4, 8)
	return clip(inputView(s, f.input), room)
}
