package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// mostPrefixed is how many characters a path prefix holds: the most that the path
// of a binding has.
const mostPrefixed = 1024

// pathPrefix is what stands before the paths of an import: that of the document,
// until another one is typed.
type pathPrefix struct {
	input   textinput.Model
	typing  bool   // letters are text
	own     string // what the document says, "" for nothing
	base    string // what the plan is asked for
	before  string // base before the typing began
	filled  string // the text that the typing began with
	problem string // why what is typed is none
}

func newPathPrefix(s *styles, own string) pathPrefix {
	p := pathPrefix{input: newInput(s, "none"), own: own, base: own}
	p.input.Prompt, p.input.CharLimit = prefixLabel, mostPrefixed
	return p
}

const prefixLabel = "Path prefix: "

// open begins to type, behind what is there.
func (p *pathPrefix) open() {
	p.typing, p.before, p.problem = true, p.base, ""
	p.input.SetValue(textOnly(p.base))
	p.filled = p.input.Value()
	p.input.CursorEnd()
	p.input.Focus()
}

func (p *pathPrefix) close() {
	p.typing, p.problem = false, ""
	p.input.Blur()
}

// read takes what is typed for the prefix, and says what is wrong with it. A text
// that nobody touched stands for what it was made of.
func (p *pathPrefix) read() {
	p.problem = ""
	if p.input.Value() == p.filled {
		p.base = p.before
		return
	}
	base, err := model.ParsePathPrefix(p.input.Value())
	if err != nil {
		p.problem = sentence(err)
		return
	}
	p.base = base
}

// bindings are those that work while a prefix is typed.
func (p *pathPrefix) bindings() bindings {
	all := append([]key.Binding{prefixKeys.Keep, prefixKeys.Cancel}, typingMoveKeys.withoutEnds().all()...)
	return bindings{short: all[:4], full: [][]key.Binding{all}}
}

// prefixKey takes a key press or a paste while the prefix is typed. The plan
// follows what is typed.
func (i *importer) prefixKey(msg tea.KeyMsg) tea.Cmd {
	p, before := &i.prefix, i.prefix.base
	switch {
	case msg.Paste:
		typeInto(&p.input, msg)
		p.read()
	case matches(msg, prefixKeys.Keep):
		if p.problem == "" {
			p.close()
		}
	case matches(msg, prefixKeys.Cancel):
		p.base = p.before
		p.close()
	case !i.moveKey(msg, typingMoveKeys.withoutEnds()):
		typeInto(&p.input, msg)
		p.read()
	}
	if p.base == before {
		return nil
	}
	if i.listing.loading {
		i.listing.again = true
		return nil
	}
	return i.compare()
}

// prefixLine is the line above the table while the prefix is typed.
func (i *importer) prefixLine(where string) string {
	s, p := i.rt.styles, &i.prefix
	room := i.width - cells(where) - 6
	p.input.Width = max(room-cells(prefixLabel)-1, 8)
	left := clip(inputView(s, p.input), room)
	return gutter + left + blank(i.width-cells(left)-cells(where)-4) + s.faint.Render(where)
}

// prefixNote says, while the prefix is typed, what is wrong with it or what it
// comes to.
func (i *importer) prefixNote() []string {
	s, p := i.rt.styles, &i.prefix
	problem := p.problem
	if problem == "" && i.err != nil {
		problem = sentence(i.err)
	}
	if problem != "" {
		return cutLines(strings.Split(errorLines(s, problem, i.width), "\n"), importNote)
	}
	lines := faintLines(s, upperFirst(i.numbers())+".", i.width)
	text := "The document says " + prefixText(clean(p.own)) + "."
	if p.base != p.own {
		text += " Upstreams get calls under the path shown here."
	}
	return cutLines(append(lines, faintLines(s, text, i.width)...), importNote)
}

// prefixOrigin says where the prefix comes from, and what changes it; "" where
// there is none.
func (i *importer) prefixOrigin() string {
	base, tab := clean(i.plan.Base), importKeys.Prefix.Help().Key
	switch {
	case i.plan.Base != i.prefix.own:
		return "The document says " + prefixText(clean(i.prefix.own)) + " before the paths, not " + prefixText(base) + "; " + tab + " changes that."
	case base == "":
		return ""
	}
	return "The " + base + " comes from the servers of the document; " + tab + " changes it."
}

// prefixText is a path prefix in a sentence.
func prefixText(prefix string) string {
	if prefix == "" {
		return "none"
	}
	return prefix
}
