package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// picked is a certificate and where it came from.
type picked struct {
	certificate     model.Certificate
	source          string // a file's name, "pasted" or "generated"; clean
	certificateFile string // "" when pasted
	keyFile         string // as generated, or a file that looks like it beside the certificate
}

// pickerMode is what the picker is doing; each has its own keys.
type pickerMode int

const (
	picking    pickerMode = iota // a directory is shown
	typingPath                   // a path is typed
	reading                      // a file or a paste is being read
	accepting                    // a certificate is shown, to be accepted or not
	filling                      // the form of a certificate to generate
	generating                   // that certificate is being made
)

// picker finds the certificate for a slot: in a file, in a paste, or by making
// one. What it found is shown before it is accepted.
type picker struct {
	rt            *runtime
	heading       string
	done          func(picked) tea.Cmd
	width, height int
	mode          pickerMode
	request       int // the newest of whatever is under way
	pasted        string
	pem           typedPaste
	documents     func(Document, string) tea.Cmd // not nil: an OpenAPI document is looked for, and this takes it

	files     fileList
	path      pathEntry
	found     certificateView
	form      generateForm
	cancel    func() // gives up what is being generated
	refusal   string // why the last choice was not one
	refused   string // which choice that was
	following int    // the request that reads the directory of a path being typed
	typed     bool   // what is being read was typed as a path
	kept      string // what stays of a certificate that was made and not used
}

// newPicker makes a screen that finds a certificate for the key of that name,
// which generated files are called after. Once one is accepted it closes itself
// and runs done with it.
func newPicker(rt *runtime, title, name string, done func(picked) tea.Cmd) *picker {
	return &picker{
		rt: rt, heading: title, done: done,
		files: newFileList(rt), path: newPathEntry(rt), form: newGenerateForm(rt, name), found: certificateView{rt: rt},
	}
}

// Init reads the directory that the console was started in, and what was
// pasted before the picker opened.
func (p *picker) Init() tea.Cmd {
	if pasted := p.pasted; p.rt.remote() {
		p.pasted = ""
		return p.pasteText(pasted)
	}
	p.files.asked = "This directory"
	cmd := p.open(".")
	p.following = p.files.request // a path may be pasted before it is there
	if pasted := p.pasted; pasted != "" {
		p.pasted = ""
		return tea.Batch(cmd, p.paste(pasted))
	}
	return cmd
}

// open reads a directory, or the certificate in a file.
func (p *picker) open(path string) tea.Cmd {
	return p.openFrom(p.files.dir, path)
}

func (p *picker) openFrom(from, path string) tea.Cmd {
	p.files.request, p.files.loading = p.rt.next(), true
	return p.rt.readDirectory(p.files.request, from, path)
}

func (p *picker) read(path, name string) tea.Cmd {
	p.begin(name)
	if p.documents != nil {
		return p.rt.readDocument(p.request, path)
	}
	return p.rt.readCertificate(p.request, path)
}

func (p *picker) parse(text string) tea.Cmd {
	p.typed = false
	p.begin("What was pasted")
	if p.documents != nil {
		return p.rt.parseDocument(p.request, text)
	}
	return p.rt.parseCertificate(p.request, text)
}

func (p *picker) begin(what string) {
	p.mode, p.request = reading, p.rt.next()
	p.refusal, p.refused = "", what
}

// Update takes a message.
func (p *picker) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		if msg.Paste {
			return p.paste(string(msg.Runes))
		}
		return p.key(msg)
	case typedPauseMsg:
		return p.collected(msg)
	case directoryMsg:
		return p.opened(msg)
	case completedMsg:
		p.path.completed(msg)
		if msg.request == p.path.request {
			return p.follow()
		}
	case certificateMsg:
		return p.took(msg)
	case documentMsg:
		return p.tookDocument(msg)
	case spinnerTick:
		return p.form.tick(msg, p.mode == generating)
	}
	return nil
}

// opened takes the answer to open. What could not be opened leaves everything
// as it was.
func (p *picker) opened(msg directoryMsg) tea.Cmd {
	if msg.request != p.files.request {
		return nil
	}
	p.pointOut(msg.entries)
	p.files.loading = false
	switch {
	case msg.request == p.following && p.mode == typingPath: // it is being typed on
		if msg.err == nil && msg.file == "" {
			p.files.show(msg)
		}
	case msg.err != nil && p.mode == typingPath:
		p.path.problem = p.files.asked + ": " + lowerFirst(sentence(msg.err))
	case msg.err != nil:
		p.refuse(p.files.asked, sentence(msg.err))
	case msg.file != "":
		p.typed = p.mode == typingPath
		return p.read(msg.file, clean(msg.file))
	default:
		p.leavePath()
		p.files.show(msg)
	}
	return nil
}

func (p *picker) leavePath() {
	if p.mode == typingPath {
		p.mode = picking
	}
}

func (p *picker) refuse(what, why string) { p.refused, p.refusal = what, why }

// took takes a certificate, or why there is none.
func (p *picker) took(msg certificateMsg) tea.Cmd {
	if msg.request != p.request || p.mode != reading && p.mode != generating {
		return nil
	}
	made := p.mode == generating
	switch {
	case msg.err != nil && made:
		p.mode = filling
		p.form.failed(msg.err)
	case msg.err != nil && p.typed: // the path can be mended
		p.mode = typingPath
		p.path.problem = p.refused + ": " + lowerFirst(refusalText(msg.err))
	case msg.err != nil:
		p.mode = picking
		p.refuse(p.refused, refusalText(msg.err))
	default:
		p.mode = accepting
		p.found.show(msg, p.rt.Now(), made)
		p.found.setSize(p.width, p.height)
	}
	if made {
		p.cancel = nil
		return p.open(p.files.dir) // the new files are in it
	}
	return nil
}

// paste takes a pasted text: one line goes where typing goes, anything longer
// can only be meant as a certificate. None of it is shown.
func (p *picker) paste(text string) tea.Cmd {
	if p.rt.remote() {
		return p.pasteText(text)
	}
	line := strings.Trim(text, "\r\n")
	if !strings.ContainsAny(line, "\r\n") && (p.mode == picking || p.mode == typingPath) {
		line = plainPath(line)
	}
	switch {
	case p.mode == reading || p.mode == generating:
		return nil
	case p.wholeDocument(line):
		return p.parse(text)
	case p.documents == nil && strings.Contains(text, "-----BEGIN") || strings.ContainsAny(line, "\r\n") || len(line) > 255 && !strings.HasPrefix(line, "/"):
		return p.parse(text)
	case p.mode == filling:
		p.form.typed(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(line), Paste: true})
	case p.mode == accepting:
		return nil
	case p.mode == picking && (strings.HasPrefix(line, "/") || strings.HasPrefix(line, "~")):
		p.startPath(line)
		return p.follow()
	case p.mode == picking:
		p.files.typed(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(line), Paste: true})
	case p.mode == typingPath && strings.HasPrefix(line, "/") && strings.Trim(p.path.input.Value(), "~/") == "":
		p.startPath(line) // it is whole without what was typed
		return p.follow()
	case p.mode == typingPath:
		p.path.typed(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(line), Paste: true})
	}
	return nil
}

func (p *picker) startPath(text string) {
	p.mode, p.refusal, p.path.from = typingPath, "", p.files.dir
	p.path.start(text)
}

// View renders the mode.
func (p *picker) View() string {
	switch {
	case p.pem.active():
		return gutter + p.rt.styles.faint.Render(clip("Reading what is typed or pasted, to its last line; esc stops.", p.width))
	case p.mode == reading:
		return gutter + p.rt.styles.faint.Render(clip("Reading "+p.sought()+"…", p.width))
	case p.mode == accepting:
		return p.found.view()
	case p.mode == filling || p.mode == generating:
		return p.form.view(p.files.dir, p.mode == generating, p.width, p.height)
	}
	switch {
	case p.rt.remote() && p.documents != nil:
		return p.pasteDocumentView()
	case p.rt.remote():
		return p.pasteView()
	}
	return p.browseView()
}

// SetSize gives the room.
func (p *picker) SetSize(width, height int) {
	p.width, p.height = width, height
	p.files.setSize(width)
	p.path.setSize(width)
	p.form.setSize(width)
	p.found.setSize(width, height)
}

// Title is what the certificate is for.
func (p *picker) Title() string { return p.heading }

// Typing holds wherever letters are text.
func (p *picker) Typing() bool {
	return p.mode == picking || p.mode == typingPath || p.mode == filling
}

// Unsaved is nil: there is nothing to lose. Files that were made stay, and what
// is being made is given up.
func (p *picker) Unsaved() *prompt { return nil }

// close gives up what is being generated.
func (p *picker) close() {
	p.pem.drop()
	if p.cancel != nil {
		p.cancel()
	}
}

// Keys are those of the mode.
func (p *picker) Keys() help.KeyMap {
	var short, more []key.Binding
	k := pickerKeys
	switch p.mode {
	case picking:
		if p.rt.remote() {
			short = []key.Binding{pasteKeys.Back}
			break
		}
		for _, b := range []*key.Binding{&k.ParentLeft, &k.Path, &k.Home, &k.Hidden, &k.Enter, &k.Parent} {
			b.SetEnabled(p.files.filter.Value() == "") // else they are text
		}
		if !k.Path.Enabled() {
			k.Back = listKeys.Clear
		}
		k.Generate.SetEnabled(p.documents == nil)
		short = []key.Binding{k.Open, k.ParentLeft, k.Path, k.Hidden, k.Generate, k.Back}
		more = append(typingMoveKeys.all(), k.Enter, k.Parent, k.Reload)
	case typingPath:
		short = []key.Binding{pathKeys.Open, pathKeys.Complete, pathKeys.Back}
	case accepting:
		accept := acceptKeys.Accept
		accept.SetEnabled(p.found.usable())
		short = []key.Binding{accept, acceptKeys.Back}
		more = []key.Binding{acceptKeys.Up, acceptKeys.Down}
	case filling:
		short = []key.Binding{formKeys.Submit, formKeys.Next, formKeys.Previous, formKeys.Left, formKeys.Right, formKeys.Back}
	case generating:
		short = []key.Binding{formKeys.Cancel}
	}
	return bindings{short: short, full: [][]key.Binding{short, more}}
}
