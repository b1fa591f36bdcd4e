package tui

import (
	"fmt"

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
	first         string // a path that is opened once the directory is there
	pem           typedPaste
	documents     func(Document, string) tea.Cmd // not nil: an OpenAPI document is looked for, and this takes it

	files     fileList
	path      pathEntry
	found     certificateView
	form      generateForm
	cancel    func() // gives up what is being read or generated
	refusal   string // why the last choice was not one
	refused   string // which choice that was
	following int    // the request that reads the directory of a path being typed
	typed     bool   // what is being read was typed as a path
	dots      int    // how often what is hidden was shown or not, just now
	straight  bool   // it begins with the form of a certificate to generate
	kept      string // what stays of a certificate that was made and not used
	slotText  string // which key's slot it is for, and whether that is live; "" for none
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

// newSlotPicker is newPicker for a slot of a key, which it says wherever it asks.
func newSlotPicker(rt *runtime, slot model.SlotName, k model.KeyRow, done func(picked) tea.Cmd) *picker {
	name := k.Name
	p := newPicker(rt, fmt.Sprintf("New %s certificate of %s", slot, clean(name)), name, done)
	p.found.purpose = fmt.Sprintf("the %s certificate of %s", slot, clean(name))
	p.slotText = slotText(slot, name, k.Environment, k.Production)
	return p
}

// Init reads the directory that the console was started in, and what was
// pasted before the picker opened.
func (p *picker) Init() tea.Cmd {
	if pasted := p.pasted; p.rt.remote() {
		p.pasted = ""
		return p.pasteText(pasted)
	}
	if p.straight {
		p.mode = filling
		p.form.open()
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

func (p *picker) startPath(text string) {
	if p.mode != typingPath {
		p.path.from = p.files.dir
	}
	p.mode, p.refusal = typingPath, ""
	p.path.start(text)
}

// typePath begins to type a path, with what was typed of it so far.
func (p *picker) typePath(text string) tea.Cmd {
	p.files.filter.SetValue("")
	p.startPath(text)
	return p.follow()
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

// close gives up what is being read or generated.
func (p *picker) close() {
	p.pem.drop()
	p.giveUp()
}

func (p *picker) giveUp() {
	if p.cancel != nil {
		p.cancel()
	}
}
