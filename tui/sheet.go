package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
)

// sheet is what the forms of workflows and of environments share: fields, Save
// below them, and a place for what is wrong with the whole. It keeps what was
// typed until it is saved or thrown away: a refused save loses nothing.
type sheet struct {
	rt            *runtime
	width, height int

	fields  []*sheetField
	at      int    // the field with the cursor; len(fields) is Save
	seen    []int  // the field of each line that is seen, -1: none
	problem string // of no field
	newer   bool   // somebody else changed the object; Reload takes that
	fresh   bool   // it is being made
	saving  bool
	newest  int // number of the newest save

	button string // what the button says; "": Save

	save func() tea.Cmd // when nothing is wrong that is seen here
	take func() tea.Cmd // takes what somebody else saved, under what was typed
	edit func(f *sheetField) tea.Cmd
}

// SetSize lays the form out.
func (s *sheet) SetSize(width, height int) {
	s.width, s.height = width, height
	s.focus()
}

// Typing reports whether a text field has the cursor.
func (s *sheet) Typing() bool {
	f := s.current()
	return f != nil && f.choices == nil && !s.rt.locked()
}

// Unsaved asks before changes are thrown away.
func (s *sheet) Unsaved() *prompt {
	var lines []string
	for _, f := range s.fields {
		if f.changed() {
			lines = append(lines, "· "+f.about+f.label)
		}
	}
	if lines == nil {
		return nil
	}
	return &prompt{Title: "Leave without saving?", Lines: lines, Confirm: "throw it away"}
}

// current returns the field with the cursor, nil on Save.
func (s *sheet) current() *sheetField {
	if s.at < len(s.fields) {
		return s.fields[s.at]
	}
	return nil
}

func (s *sheet) field(name string) *sheetField {
	for _, f := range s.fields {
		if f.name == name {
			return f
		}
	}
	return nil
}

// focus puts the text cursor at the end of the field with the cursor; the others
// show how they begin. An input scrolls as its cursor moves, so that each has to
// know its width before.
func (s *sheet) focus() {
	for i, f := range s.fields {
		if f.choices != nil {
			continue
		}
		was := f.input.Position()
		on := i == s.at && f.input.Focused()
		f.input.Blur()
		f.input.Width = max(s.width-labelWidth-5, 8)
		f.input.CursorStart()
		switch {
		case on:
			f.input.Focus()
			f.input.SetCursor(was)
		case i == s.at:
			f.input.Focus()
			f.input.CursorEnd()
		}
	}
}

func (s *sheet) step(n int) {
	last := len(s.fields) // the button
	if s.rt.locked() {
		last--
	}
	s.at = min(max(s.at+n, 0), last)
	s.focus()
}

func (s *sheet) press(msg tea.KeyMsg) tea.Cmd {
	k := s.keys()
	switch {
	case s.saving:
		return nil
	case s.rt.locked() && matches(msg, editKeys.Save, editKeys.Right):
		return s.rt.refuse()
	case msg.Paste:
		return s.typeText(msg)
	case matches(msg, k.Back):
		return pop()
	case matches(msg, k.Save):
		return s.trySave()
	case matches(msg, k.Reload):
		s.newer, s.problem = false, ""
		return s.take()
	case matches(msg, k.Next):
		s.step(1)
	case matches(msg, k.Previous):
		s.step(-1)
	case matches(msg, k.Enter):
		if s.current() == nil {
			return s.trySave()
		}
		s.step(1)
	case matches(msg, k.Left):
		return s.turn(-1)
	case matches(msg, k.Right):
		return s.turn(1)
	default:
		return s.typeText(msg)
	}
	return nil
}

func (s *sheet) typeText(msg tea.KeyMsg) tea.Cmd {
	f := s.current()
	if f == nil || f.choices != nil || s.rt.locked() {
		return nil
	}
	before := f.input.Value()
	if typeInto(&f.input, msg); f.input.Value() == before {
		return nil
	}
	f.problem = ""
	return s.edit(f)
}

// turn takes the next or the previous value of a field that has a few.
func (s *sheet) turn(n int) tea.Cmd {
	f := s.current()
	f.chosen = (f.chosen + n + len(f.choices)) % len(f.choices)
	f.problem = ""
	return s.edit(f)
}

// trimName takes the blanks around a name away: nobody means them.
func (s *sheet) trimName() {
	if f := s.field("name"); f != nil && f.choices == nil && !s.rt.locked() {
		trimInput(&f.input)
	}
}

// trimInput takes the blanks around what was typed away.
func trimInput(m *textinput.Model) {
	if text := strings.TrimSpace(m.Value()); text != m.Value() {
		m.SetValue(text)
	}
}

// trySave saves, unless there is nothing to save or nothing can be.
func (s *sheet) trySave() tea.Cmd {
	s.trimName()
	if !s.fresh && s.Unsaved() == nil {
		return tea.Sequence(pop(), status(statusInfo, "Nothing was changed."))
	}
	if refusal := s.rt.refuse(); refusal != nil {
		return refusal
	}
	s.problem = ""
	for _, f := range s.fields {
		f.problem = ""
	}
	return s.save()
}

// complain puts an error beside the field with that name, and the cursor into
// it; above the form where there is none.
func (s *sheet) complain(name string, err error) {
	for i, f := range s.fields {
		if f.name == name {
			f.problem, s.at = sentence(err), i
			s.focus()
			return
		}
	}
	s.problem = changeSentence(err)
}

// keys switches off what has no meaning now.
func (s *sheet) keys() editKeyMap {
	k := editKeys
	f := s.current()
	turns := f != nil && len(f.choices) > 1
	k.Left.SetEnabled(turns)
	k.Right.SetEnabled(turns)
	k.Reload.SetEnabled(s.newer)
	does := "next field"
	if f == nil {
		does = strings.ToLower(s.buttonText())
	}
	k.Enter.SetHelp(k.Enter.Help().Key, does)
	k.Save.SetHelp(k.Save.Help().Key, strings.ToLower(s.buttonText()))
	if s.rt.locked() { // it shows, and takes nothing
		disable(&k.Left, &k.Right, &k.Reload, &k.Save)
		k.Enter.SetEnabled(f != nil)
	}
	return k
}

func (s *sheet) buttonText() string {
	if s.button == "" {
		return "Save"
	}
	return s.button
}

// Keys are the bindings for the help line and the help screen.
func (s *sheet) Keys() help.KeyMap {
	k := s.keys()
	all := []key.Binding{k.Reload, k.Left, k.Save, k.Next, k.Enter, k.Back, k.Previous, k.Right}
	return bindings{short: all[:7], full: [][]key.Binding{all}}
}
