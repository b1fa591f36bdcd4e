package tui

import (
	"slices"
	"time"

	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// edit is the form that changes a key. It keeps what was typed until it is
// saved or thrown away: a refused save loses nothing.
type edit struct {
	rt            *runtime
	width, height int

	seen model.KeyInfo // the key as it was when the form opened, or was taken anew
	at   time.Time

	name, expires textinput.Model
	environment   string // "": any
	query         bool
	workflows     []string
	whole         bool // the expiry that stands there is the key's: typing takes its place

	environments    []model.EnvironmentInfo // to choose from
	environmentsErr error

	field    editField
	shown    []editField // of each line that is seen, editForm: none
	problems map[editField]string
	newer    *model.KeyInfo // after a conflict: the key as somebody else left it

	choose  bool // open the workflows at once
	saving  bool
	newest  int    // number of the newest save
	listing latest // of the environments
	looking latest // of the key as it is now
}

// editField is one field of the form.
type editField int

const (
	editName editField = iota
	editEnvironment
	editExpires
	editQuery
	editWorkflows
	editSave
	editForm // no field: problems of the whole
)

func newEdit(rt *runtime, k model.KeyInfo, at time.Time, p part) screen {
	e := &edit{rt: rt, at: at, name: newInput(rt.styles, ""), expires: newInput(rt.styles, "never")}
	e.name.CharLimit, e.expires.CharLimit = 2*model.MaxName, 40
	e.name.Prompt, e.expires.Prompt = "", ""
	e.name.Width, e.expires.Width = model.MaxName+1, 40
	e.fill(k)
	switch p {
	case partEnvironment:
		e.field = editEnvironment
	case partExpires:
		e.field = editExpires
	case partQuery:
		e.field = editQuery
	case partWorkflows, partWorkflow:
		e.field, e.choose = editWorkflows, true
	}
	e.focus()
	return e
}

// fill sets every field to what k says.
func (e *edit) fill(k model.KeyInfo) {
	e.seen, e.environment, e.query, e.workflows = k, k.Environment, k.Query, workflowNames(k)
	e.name.SetValue(k.Name)
	e.expires.SetValue(expiryText(k.Expires))
}

func workflowNames(k model.KeyInfo) []string {
	names := []string{}
	for _, w := range k.Workflows {
		if w.Path != "" { // an unbound one cannot be chosen, and stays
			names = append(names, w.Name)
		}
	}
	return names
}

// Init asks which environments there are.
func (e *edit) Init() tea.Cmd {
	cmds := []tea.Cmd{e.list()}
	if e.choose {
		cmds = append(cmds, e.chooseWorkflows())
	}
	return tea.Batch(cmds...)
}

// Title is the form's part of the breadcrumb.
func (e *edit) Title() string { return "Edit" }

// Typing reports whether a text field has the cursor.
func (e *edit) Typing() bool { return e.input() != nil && !e.rt.locked() }

// SetSize lays the form out.
func (e *edit) SetSize(width, height int) { e.width, e.height = width, height }

// Unsaved asks before changes are thrown away.
func (e *edit) Unsaved() *prompt {
	changes := e.changes()
	if len(changes) == 0 {
		return nil
	}
	lines := []string{}
	for _, c := range changes {
		lines = append(lines, "· "+c)
	}
	return &prompt{Title: "Leave without saving?", Lines: lines, Confirm: "throw the changes away"}
}

// Update takes keys, answers and news.
func (e *edit) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return e.press(msg)
	case environmentsMsg:
		mine, again := e.listing.answered(msg.request)
		if mine && (msg.err == nil || e.environments == nil) {
			e.environments, e.environmentsErr = msg.environments, msg.err
		}
		if again {
			return e.list()
		}
	case workflowsChosenMsg:
		if msg.owner == e {
			e.workflows = msg.names
			delete(e.problems, editWorkflows)
		}
	case editAgreedMsg:
		if msg.form == e && !e.saving {
			return e.agreed(msg)
		}
	case savedMsg:
		if msg.number == e.newest && e.saving {
			return e.saved(msg)
		}
	case openedMsg:
		mine, again := e.looking.answered(msg.number)
		if mine {
			e.opened(msg)
		}
		if again {
			return e.look()
		}
	case changedMsg:
		if msg.deleted == e.seen.ID {
			return send(closeMsg{e})
		}
		return e.news(msg)
	}
	return nil
}

// workflowsChosenMsg is what the chooser brought to the form.
type workflowsChosenMsg struct {
	owner *edit
	names []string
}

func (e *edit) chooseWorkflows() tea.Cmd {
	c := newChooser(e.rt, "Permitted workflows", slices.Clone(e.workflows), func(names []string) tea.Cmd {
		return send(workflowsChosenMsg{e, names})
	}).(*chooser)
	c.live = e.liveText()
	return push(c)
}

// fields lists the fields that this key has, in their order.
func (e *edit) fields() []editField {
	if e.seen.Kind == model.TokenKey {
		return []editField{editName, editEnvironment, editExpires, editQuery, editWorkflows, editSave}
	}
	return []editField{editName, editEnvironment, editExpires, editWorkflows, editSave}
}

// input returns the text field under the cursor, or nil.
func (e *edit) input() *textinput.Model {
	switch e.field {
	case editName:
		return &e.name
	case editExpires:
		return &e.expires
	}
	return nil
}

func (e *edit) focus() {
	e.name.Blur()
	e.expires.Blur()
	if in := e.input(); in != nil {
		in.Focus()
		in.CursorEnd()
	}
	e.whole = e.field == editExpires && e.expires.Value() != "" && e.expires.Value() == expiryText(e.seen.Expires) && !e.rt.locked()
}

func (e *edit) step(n int) {
	fields := e.fields()
	i := slices.Index(fields, e.field) + n
	e.field = fields[min(max(i, 0), len(fields)-1)]
	e.focus()
}
