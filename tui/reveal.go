package tui

import (
	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// reveal shows the secrets of a key, once; of a certificate key, how to call
// with it. The secrets are in its fields, in the commands that copy or write
// one of them, and nowhere else; close lets go of them.
type reveal struct {
	rt            *runtime
	id            int
	info          model.KeyInfo
	secrets       [2]model.Secret
	use           *secretUse
	file          picked        // a certificate key's files, as far as they are known
	receipt       model.Receipt // of the change that made them
	never         *undo         // why that cannot be taken back; nil: that was said
	width, height int
	offset        int

	masked    bool
	hidden    int    // how often the mask was put on
	asking    int    // the question whether they may be shown again; 0: none is open
	forbidden string // why they are not shown again
	idle      int    // ticks since the last key press
	written   [2]string
	copied    [2]bool
	request   int
	notice    notice

	form    textinput.Model // where to write to
	writing bool
	slot    int // that is being written
}

// notice is one line of news in place.
type notice struct {
	kind statusKind
	text string
}

// revealTickMsg comes while a reveal is on the stack.
type revealTickMsg struct{ id int }

// revealShowMsg takes the mask off: the user did not leave after all. One that was
// sent before the mask was put on again does not.
type revealShowMsg struct{ id, hidden int }

// newReveal makes the screen that shows secrets, the primary first; a zero one
// is not shown.
func newReveal(rt *runtime, info model.KeyInfo, secrets [2]model.Secret) screen {
	return newRevealOf(rt, info, secrets, picked{})
}

// newRevealOf is newReveal for a key whose certificate is in files that are
// known.
func newRevealOf(rt *runtime, info model.KeyInfo, secrets [2]model.Secret, file picked) *reveal {
	r := &reveal{rt: rt, info: info, secrets: secrets, use: &secretUse{}, file: file, form: newInput(rt.styles, "")}
	r.form.CharLimit = 4096
	return r
}

// String returns no secret: fmt would look into the fields.
func (*reveal) String() string { return "the secrets of a key" }

// GoString returns no secret.
func (r *reveal) GoString() string { return r.String() }

// Init has the lists load anew, tells where the key is in force, and asks the
// terminal to tell when it loses the focus.
func (r *reveal) Init() tea.Cmd {
	r.id = r.rt.next()
	changed := send(changedMsg{key: r.info.Name})
	if r.never != nil {
		changed = tea.Batch(send(offerMsg{r.never}), changed)
	}
	if told := confirmed("", &r.receipt); told.text != "" {
		changed = tea.Batch(changed, send(told))
	}
	if !r.secret() {
		return changed
	}
	return tea.Batch(changed, tea.EnableReportFocus, r.rt.after(idleTick, revealTickMsg{r.id}))
}

// secret reports whether there is anything to keep from other eyes.
func (r *reveal) secret() bool { return !r.secrets[0].IsZero() || !r.secrets[1].IsZero() }

// close wipes the secrets, once the commands that copy or write them are done,
// and lets go of them. The frames that showed them were strings, which cannot be
// overwritten; nothing refers to those.
func (r *reveal) close() {
	r.use.leave(r.secrets)
	r.secrets = [2]model.Secret{}
	r.hide()
}

// Update takes a message.
func (r *reveal) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		r.idle = 0
		return r.key(msg)
	case hideMsg, tea.BlurMsg:
		if r.secret() {
			r.hide()
		}
	case revealShowMsg:
		if msg.id == r.id && msg.hidden == r.hidden {
			return r.show()
		}
	case mayShowMsg:
		r.gotMayShow(msg)
	case revealTickMsg:
		return r.tick(msg)
	case copiedMsg:
		r.gotCopied(msg)
	case writtenMsg:
		r.gotWritten(msg)
	}
	return nil
}

func (r *reveal) key(msg tea.KeyMsg) tea.Cmd {
	if r.masked {
		return r.show()
	}
	if r.writing {
		return r.formKey(msg)
	}
	if msg.Paste {
		return nil
	}
	k := r.bindings()
	switch {
	case matches(msg, k.CopyPrimary):
		return r.copySecret(0)
	case matches(msg, k.CopySecondary):
		return r.copySecret(1)
	case matches(msg, k.WritePrimary):
		r.open(0)
	case matches(msg, k.WriteSecondary):
		r.open(1)
	case matches(msg, k.CopyCall):
		r.request = r.rt.next()
		return r.rt.copyText(r.request, r.call().oneLine())
	case matches(msg, k.Up):
		r.offset = max(0, r.offset-1)
	case matches(msg, k.Down):
		r.offset++ // the view knows the end
	case matches(msg, k.Leave):
		return pop()
	}
	return nil
}

// SetSize gives the room.
func (r *reveal) SetSize(width, height int) {
	r.width, r.height = width, height
	r.form.Width = max(10, width-6)
}

// Title is the reveal's part of the breadcrumb.
func (r *reveal) Title() string { return r.info.Name }

// Typing holds while the path to write to is typed. A masked reveal takes
// every key, since any of them shows the secrets again.
func (r *reveal) Typing() bool { return r.writing || r.masked }

// bindings are the keys that mean something for what is shown.
func (r *reveal) bindings() revealKeyMap {
	k := revealKeys
	for slot, b := range [2][2]*key.Binding{{&k.CopyPrimary, &k.WritePrimary}, {&k.CopySecondary, &k.WriteSecondary}} {
		b[0].SetEnabled(!r.secrets[slot].IsZero())
		b[1].SetEnabled(!r.secrets[slot].IsZero() && !r.rt.remote())
	}
	return k
}

// Keys are those of the state that the screen is in.
func (r *reveal) Keys() help.KeyMap {
	k := r.bindings()
	all := []key.Binding{k.CopyPrimary, k.CopySecondary, k.WritePrimary, k.WriteSecondary, k.CopyCall, k.Leave}
	short := all
	if r.width < wideReveal && k.CopyPrimary.Enabled() && k.CopySecondary.Enabled() {
		short = r.pairs(k)
	}
	if r.masked || r.writing {
		disable(&k.Up, &k.Down)
	}
	switch {
	case r.masked:
		short = []key.Binding{k.Show}
		all = short
	case r.writing:
		short = []key.Binding{k.Write, k.CancelWrite}
		all = short
	}
	return bindings{short: short, full: [][]key.Binding{all, {k.Up, k.Down}}}
}

// Unsaved asks whether the secrets were stored. They are masked from the
// moment of asking: the answer may be the last key press.
func (r *reveal) Unsaved() *prompt {
	if !r.secret() {
		return nil
	}
	r.hide()
	p := &prompt{
		Title:   "Have you stored what you need of \"" + clean(r.info.Name) + "\"?",
		Lines:   []string{"It cannot be shown again. A lost secret has to be regenerated."},
		Confirm: "leave", OnNo: send(revealShowMsg{r.id, r.hidden}),
	}
	for slot, s := range r.secrets {
		if !s.IsZero() && !r.copied[slot] && r.written[slot] == "" {
			p.Danger = true
			p.Lines = append(p.Lines, "The "+model.SlotNames[slot].String()+" secret "+r.notKept())
		}
	}
	return p
}

// notKept says of a secret that it was stored nowhere by a key of this screen.
func (r *reveal) notKept() string {
	if r.rt.remote() {
		return "was not copied by a key: only the mouse can have taken it."
	}
	return "was neither copied nor written to a file from here."
}
