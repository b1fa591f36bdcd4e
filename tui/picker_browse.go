package tui

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
)

// fileList is a directory of any size, filtered as the user types.
type fileList struct {
	rt      *runtime
	request int
	loading bool
	asked   string // what the newest request is for, clean
	dir     string
	entries []dirEntry
	more    bool
	hidden  bool
	kind    string // what a likely file is
	widest  int    // name of a likely file or a directory
	unseen  int    // hidden entries
	shown   []int  // of entries
	window  window
	filter  textinput.Model
	narrow  string // what a name has to begin with: the end of a path that is typed
	missing string // why there is nothing of a path that is typed, clean
}

func newFileList(rt *runtime) fileList {
	f := fileList{rt: rt, kind: "certificate", filter: newInput(rt.styles, "type to filter")}
	f.filter.CharLimit = 255
	f.filter.Focus()
	return f
}

func (f *fileList) setSize(width int) { f.filter.Width = max(10, width-16) }

// show takes a directory that was read. The cursor goes to the directory that
// the user came up from, or stays where it was in the same one.
func (f *fileList) show(msg directoryMsg) {
	from := f.dir
	cursor := ""
	if msg.dir == f.dir {
		if e, ok := f.current(); ok {
			cursor = e.name
		}
	} else {
		f.filter.SetValue("")
		if filepath.Dir(from) == msg.dir {
			cursor = filepath.Base(from)
		}
	}
	f.dir, f.entries, f.more, f.missing = msg.dir, msg.entries, msg.more, ""
	f.measure()
	f.window.cursor = 0
	f.refilter()
	for row, i := range f.shown {
		if f.entries[i].name == cursor {
			f.window.cursor = row
		}
	}
	f.window.move(0)
}

// measure looks once at every entry, for what each frame needs to know.
func (f *fileList) measure() {
	f.widest, f.unseen = 12, 0
	for _, e := range f.entries {
		if e.dir || e.likely {
			f.widest = max(f.widest, min(cells(e.shown)+1, 48))
		}
		f.unseen += index(hidden(e.name))
	}
}

func (f *fileList) refilter() {
	word := strings.ToLower(f.filter.Value())
	f.shown = f.shown[:0]
	for i, e := range f.entries {
		visible := f.hidden || hidden(f.narrow) || !hidden(e.name)
		if visible && strings.Contains(e.folded, word) && strings.HasPrefix(e.name, f.narrow) {
			f.shown = append(f.shown, i)
		}
	}
	f.window.resize(len(f.shown), f.window.height)
}

func (f *fileList) current() (dirEntry, bool) {
	if f.window.cursor < len(f.shown) {
		return f.entries[f.shown[f.window.cursor]], true
	}
	return dirEntry{}, false
}

// typed takes a key press for the filter.
func (f *fileList) typed(msg tea.KeyMsg) {
	before := f.filter.Value()
	typeInto(&f.filter, msg)
	if f.filter.Value() != before {
		f.window.cursor = 0
		f.refilter()
	}
}

func (p *picker) browseKey(msg tea.KeyMsg) tea.Cmd {
	f, empty := &p.files, p.files.filter.Value() == ""
	if p.pem.active() {
		return p.collect(msg)
	}
	p.refusal, p.kept = "", "" // they were about something else
	dots := p.dots
	p.dots = 0
	switch {
	case matches(msg, pickerKeys.Back):
		return p.leave()
	case p.documents == nil && matches(msg, pickerKeys.Generate):
		p.mode, p.refusal = filling, ""
		p.form.open()
	case matches(msg, pickerKeys.Reload):
		return p.goTo(f.dir)
	case matches(msg, pickerKeys.Open):
		return p.choose()
	case matches(msg, pickerKeys.Path) && (dots == 1 || dots == 2): // ./ and ../ were meant, not what is hidden
		f.hidden = f.hidden != (dots == 1)
		return p.typePath("../"[2-dots:])
	case matches(msg, pickerKeys.Path), empty && matches(msg, pickerKeys.Home):
		return p.typePath(f.filter.Value() + string(msg.Runes)) // no name has a "/"
	case matches(msg, pickerKeys.Complete):
		return tea.Batch(p.typePath(f.filter.Value()), p.complete())
	case empty && matches(msg, pickerKeys.Hidden):
		f.hidden, p.dots = !f.hidden, dots+1
		f.refilter()
	case empty && matches(msg, pickerKeys.Parent, pickerKeys.ParentLeft):
		return p.goTo(filepath.Dir(f.dir))
	case empty && matches(msg, pickerKeys.Enter):
		if e, ok := f.current(); ok && e.dir {
			return p.choose()
		}
	case f.window.key(msg, typingMoveKeys):
	default:
		f.typed(msg)
		if p.documents == nil {
			p.beginTyped()
		}
	}
	return nil
}

// leave clears the filter, or closes the picker.
func (p *picker) leave() tea.Cmd {
	if p.files.filter.Value() == "" {
		return pop()
	}
	p.files.filter.SetValue("")
	p.files.refilter()
	return nil
}

// choose opens the directory under the cursor, or reads the file.
func (p *picker) choose() tea.Cmd {
	e, ok := p.files.current()
	switch {
	case !ok || p.files.loading:
		return nil
	case e.dir:
		return p.goTo(filepath.Join(p.files.dir, e.name))
	}
	p.typed = false
	return p.read(filepath.Join(p.files.dir, e.name), e.shown)
}

// goTo reads a directory; until it is there, this one stays.
func (p *picker) goTo(dir string) tea.Cmd {
	p.files.asked, p.refusal = clean(dir), ""
	return p.open(dir)
}

// browseView is the directory, the filter or the path, and the list.
func (p *picker) browseView() string {
	s, f := p.rt.styles, &p.files
	first := gutter + s.label.Render("Directory ") + clipLeft(p.shortPath(f.dir), p.width-14)
	second := gutter + s.label.Render("Filter    ") + inputView(s, f.filter)
	if p.mode == typingPath {
		second = gutter + s.label.Render("Path      ") + inputView(s, p.path.input)
	}
	var foot []string
	if note := p.note(); note != "" {
		foot = append([]string{""}, strings.Split(note, "\n")...)
	}
	third := ""
	if p.found.purpose != "" { // the way at the top may not have the room
		third = gutter + s.label.Render("For       ") + clip(p.found.purpose, p.width-14)
	}
	lines := []string{first, clip(second, p.width), third}
	height := max(1, p.height-len(lines)-len(foot)-1)
	f.window.resize(len(f.shown), height)
	lines = append(lines, f.rows(p.width)...)
	lines = append(lines, s.faint.Render(clip("  "+f.count(), p.width)))
	return strings.Join(append(lines, foot...), "\n")
}

// note is what has to be said below the list.
func (p *picker) note() string {
	s := p.rt.styles
	switch {
	case p.mode == typingPath:
		return p.path.note(s, p.width)
	case p.refusal != "":
		return errorLines(s, p.refused+": "+lowerFirst(p.refusal), p.width)
	case p.kept != "":
		return warningLines(s, p.kept, p.width)
	}
	if p.documents != nil {
		return strings.Join(faintLines(s, documentNote, p.width), "\n")
	}
	if !p.generates() {
		return strings.Join(faintLines(s, "A certificate in PEM can be pasted here, too.", p.width), "\n")
	}
	return strings.Join(faintLines(s, "A certificate in PEM can be pasted here, too. "+
		pickerKeys.Generate.Help().Key+" makes a self-signed one, for testing.", p.width), "\n")
}

func (f *fileList) rows(width int) []string {
	s := f.rt.styles
	if f.missing != "" {
		return []string{s.faint.Render(clip("  "+f.missing, width))}
	}
	if len(f.shown) == 0 {
		switch {
		case f.loading:
			return []string{s.faint.Render("  Reading the directory…")}
		case f.narrow != "":
			return []string{s.faint.Render("  Nothing here begins so.")}
		case f.filter.Value() != "":
			return []string{s.faint.Render("  Nothing here matches; esc shows all again.")}
		}
		return []string{s.faint.Render("  There is nothing in this directory.")}
	}
	from, to := f.window.visible()
	var lines []string
	for row := from; row < to; row++ {
		e := f.entries[f.shown[row]]
		text := e.shown
		switch {
		case e.dir:
			text = clip(text, width-4) + "/"
		case e.likely:
			text = pad(text, min(f.widest, width-17)) + "  " + f.kind
		}
		lines = append(lines, rowLine(s, text, row == f.window.cursor, e.likely, width))
	}
	return lines
}

// count is how much of the directory is shown.
func (f *fileList) count() string {
	if f.dir == "" || f.missing != "" {
		return ""
	}
	text := thousands(len(f.shown)) + " entries"
	sought := f.filter.Value() != "" || f.narrow != ""
	switch n := len(f.shown); {
	case sought:
		text = fmt.Sprintf("%s of %s match", thousands(n), thousands(len(f.entries)))
	case n == 1:
		text = "1 entry"
	}
	if len(f.shown) > f.window.height {
		text = fmt.Sprintf("%s of ", thousands(f.window.cursor+1)) + text
		if sought {
			text = fmt.Sprintf("%s of %s that match", thousands(f.window.cursor+1), thousands(len(f.shown)))
		}
	}
	if f.more {
		text += fmt.Sprintf("; there are more than %s: type a path for one that is missing", thousands(maxEntries))
	}
	if f.unseen > 0 && !f.hidden {
		text += fmt.Sprintf(", %s hidden", thousands(f.unseen))
	}
	return text
}

// shortPath is a path for the screen, home as "~".
func (p *picker) shortPath(path string) string {
	home := p.rt.Env("HOME")
	if rest, ok := strings.CutPrefix(path, home); ok && home != "" && home != "/" && (rest == "" || rest[0] == '/') {
		path = "~" + rest
	}
	return clean(path)
}
