package tui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
)

// pathEntry is the line in which a path is typed.
type pathEntry struct {
	rt      *runtime
	input   textinput.Model
	request int
	names   []string // what the path may go on with
	problem string
}

func newPathEntry(rt *runtime) pathEntry {
	e := pathEntry{rt: rt, input: newInput(rt.styles, "")}
	e.input.CharLimit = 4096
	return e
}

func (e *pathEntry) setSize(width int) { e.input.Width = max(10, width-16) }

func (e *pathEntry) start(text string) {
	e.input.SetValue(text)
	e.input.CursorEnd()
	e.input.Focus()
	e.names, e.problem = nil, ""
}

func (e *pathEntry) typed(msg tea.KeyMsg) {
	e.names, e.problem = nil, ""
	typeInto(&e.input, msg)
}

// completed takes the answer to completePath, unless the path changed since.
func (e *pathEntry) completed(msg completedMsg) {
	if msg.request != e.request || !strings.HasPrefix(msg.text, e.input.Value()) {
		return
	}
	e.names, e.problem = msg.names, ""
	if msg.err != nil {
		e.problem = sentence(msg.err)
	}
	if clean(msg.text) == msg.text { // an input line cannot hold others
		e.input.SetValue(msg.text)
		e.input.CursorEnd()
	}
}

func (e *pathEntry) note(s *styles, width int) string {
	switch {
	case e.problem != "":
		return errorLines(s, e.problem, width)
	case len(e.names) > 0:
		return s.faint.Render(clip("  "+clean(strings.Join(e.names, "   ")), width))
	}
	return ""
}

func (p *picker) pathKey(msg tea.KeyMsg) tea.Cmd {
	e := &p.path
	switch {
	case matches(msg, pathKeys.Back):
		p.mode = picking
	case matches(msg, pathKeys.Complete):
		e.request = p.rt.next()
		return p.rt.completePath(e.request, p.files.dir, e.input.Value())
	case matches(msg, pathKeys.Open):
		if text := strings.TrimSpace(e.input.Value()); text != "" {
			e.problem = ""
			return p.open(text)
		}
	default:
		e.typed(msg)
	}
	return nil
}

// lowerFirst makes a sentence go on after a colon.
func lowerFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if next, _ := utf8.DecodeRuneInString(s[n:]); unicode.IsUpper(next) {
		return s // a word in capitals
	}
	return string(unicode.ToLower(r)) + s[n:]
}
