package tui

import (
	"fmt"
	"net/url"
	"regexp"
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
	from    string   // the directory that a relative path begins in
	names   []string // some of what the path may go on with
	matches int      // how much that is
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
	e.names, e.matches, e.problem = msg.names, msg.matches, ""
	if msg.err != nil {
		e.problem = clean(msg.text) + ": " + lowerFirst(sentence(msg.err))
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
		return s.faint.Render(clip(fmt.Sprintf("  %s: %s", count(e.matches, "candidate"), clean(strings.Join(e.names, "   "))), width))
	}
	return ""
}

func (p *picker) pathKey(msg tea.KeyMsg) tea.Cmd {
	e := &p.path
	switch {
	case matches(msg, pathKeys.Back):
		p.mode = picking
		if p.files.dir != e.from { // it followed the path
			return p.goTo(e.from)
		}
	case matches(msg, pathKeys.Complete):
		e.request = p.rt.next()
		return p.rt.completePath(e.request, e.from, e.input.Value())
	case matches(msg, pathKeys.Open):
		if text := strings.TrimSpace(e.input.Value()); text != "" {
			e.problem = ""
			p.files.asked = clean(text)
			return p.openFrom(e.from, text)
		}
	default:
		e.typed(msg)
		return p.follow()
	}
	return nil
}

// follow has the list show the directory that a typed path has come to.
func (p *picker) follow() tea.Cmd {
	text := p.path.input.Value()
	if p.mode != typingPath || !strings.HasSuffix(text, "/") {
		return nil
	}
	cmd := p.openFrom(p.path.from, text)
	p.following = p.files.request
	return cmd
}

// plainPath is a path without what a shell or a file manager puts around it:
// quotes, backslashes before blanks, "file://". Other texts come back as they
// are.
func plainPath(text string) string {
	text = strings.TrimSpace(text)
	if n := len(text); n > 1 && (text[0] == '\'' || text[0] == '"') && text[n-1] == text[0] {
		return text[1 : n-1]
	}
	if u, err := url.Parse(text); err == nil && u.Scheme == "file" && (u.Host == "" || u.Host == "localhost") {
		return u.Path
	}
	if !strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "~") {
		return text
	}
	return escaped.ReplaceAllString(text, "$1")
}

// escaped is what a shell needs a backslash for. Before letters and digits a
// backslash is more likely a part of the name.
var escaped = regexp.MustCompile(`\\([^0-9A-Za-z])`)

// lowerFirst makes a sentence go on after a colon.
func lowerFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if next, _ := utf8.DecodeRuneInString(s[n:]); unicode.IsUpper(next) {
		return s // a word in capitals
	}
	return string(unicode.ToLower(r)) + s[n:]
}
