package tui

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
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
	at      string   // the path to the directory that is shown, as it was typed; "": from
	chosen  bool     // the cursor was moved to what is meant
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
	e.names, e.problem, e.at, e.chosen = nil, "", "", false
}

func (e *pathEntry) typed(msg tea.KeyMsg) {
	e.names, e.problem, e.chosen = nil, "", false
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
		p.leavePath()
		if p.files.dir != e.from { // it followed the path
			return p.goTo(e.from)
		}
	case matches(msg, pathKeys.Complete):
		return p.complete()
	case matches(msg, pathKeys.Open):
		return p.openPath()
	case p.files.window.key(msg, typingMoveKeys.withoutEnds()):
		e.chosen = len(p.files.shown) > 0
	default:
		e.typed(msg)
		return p.follow()
	}
	return nil
}

// complete goes on with the path as far as there is one way only.
func (p *picker) complete() tea.Cmd {
	e := &p.path
	e.request = p.rt.next()
	return p.rt.completePath(e.request, e.from, e.input.Value())
}

// openPath opens what is typed, or what is meant by it: the entry that the
// cursor was moved to, or the only one that begins so.
func (p *picker) openPath() tea.Cmd {
	e, f := &p.path, &p.files
	text := strings.TrimSpace(e.input.Value())
	entry, ok := f.current()
	exact := slices.ContainsFunc(f.shown, func(i int) bool { return f.entries[i].name == f.narrow })
	meant := f.missing == "" && !f.loading && ok && (e.chosen || f.narrow != "" && !exact && len(f.shown) == 1)
	switch {
	case meant:
		text = e.at + entry.name
	case text == "":
		return nil
	}
	e.problem, f.asked = "", clean(text)
	return p.openFrom(e.from, text)
}

// follow has the list show the directory that a typed path has come to, and of
// it what begins as the path ends.
func (p *picker) follow() tea.Cmd {
	if p.mode != typingPath {
		return nil
	}
	at, last := splitPath(p.path.input.Value())
	p.files.narrow = last
	p.files.window.cursor = 0
	p.files.refilter()
	if at == p.path.at {
		return nil
	}
	p.path.at = at
	if at == "" {
		at = "."
	}
	cmd := p.openFrom(p.path.from, at)
	p.following = p.files.request
	return cmd
}

// splitPath divides a path that is typed after its last "/". Home is a directory
// without one, too.
func splitPath(text string) (dir, last string) {
	if text == "~" {
		return "~/", ""
	}
	at := strings.LastIndexByte(text, '/') + 1
	return text[:at], text[at:]
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
