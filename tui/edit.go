package tui

import (
	"slices"
	"time"

	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
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

	environments    []model.EnvironmentInfo // to choose from
	environmentsErr error

	field    editField
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
	return push(newChooser(e.rt, "Permitted workflows", slices.Clone(e.workflows), func(names []string) tea.Cmd {
		return send(workflowsChosenMsg{e, names})
	}))
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
}

func (e *edit) step(n int) {
	fields := e.fields()
	i := slices.Index(fields, e.field) + n
	e.field = fields[min(max(i, 0), len(fields)-1)]
	e.focus()
}

func (e *edit) press(msg tea.KeyMsg) tea.Cmd {
	k := e.keys()
	switch {
	case e.saving:
		return nil
	case e.rt.locked() && (msg.Paste || matches(msg, editKeys.Save, editKeys.Left, editKeys.Right, editKeys.Reload)):
		return e.rt.refuse()
	case e.rt.locked() && matches(msg, k.Enter):
		return e.rt.refuse()
	case msg.Paste:
		e.typeText(msg)
	case matches(msg, k.Back):
		return pop()
	case matches(msg, k.Save):
		return e.save()
	case matches(msg, k.Reload):
		e.takeNewer()
	case matches(msg, k.Next):
		e.step(1)
	case matches(msg, k.Previous):
		e.step(-1)
	case matches(msg, k.Enter):
		return e.enter()
	case matches(msg, k.Left):
		e.turn(-1)
	case matches(msg, k.Right):
		e.turn(1)
	default:
		e.typeText(msg)
	}
	return nil
}

func (e *edit) typeText(msg tea.KeyMsg) {
	in := e.input()
	if in == nil || e.rt.locked() {
		return
	}
	before := in.Value()
	if typeInto(in, msg); in.Value() != before {
		delete(e.problems, e.field)
	}
}

func (e *edit) enter() tea.Cmd {
	switch e.field {
	case editWorkflows:
		return e.chooseWorkflows()
	case editSave:
		return e.save()
	}
	e.step(1)
	return nil
}

// turn takes the next or the previous value of a field that has a few.
func (e *edit) turn(n int) {
	switch e.field {
	case editQuery:
		e.query = !e.query
	case editEnvironment:
		names := e.choices()
		i := slices.Index(names, e.environment)
		e.environment = names[(i+n+len(names))%len(names)]
	}
	delete(e.problems, e.field)
}

// choices lists the environments that can be chosen; "" is any.
func (e *edit) choices() []string {
	names := []string{""}
	for _, env := range e.environments {
		names = append(names, env.Name)
	}
	if !slices.Contains(names, e.environment) {
		names = append(names, e.environment)
	}
	return names
}

// keys switches off what has no meaning now.
func (e *edit) keys() editKeyMap {
	k := editKeys
	turns := e.field == editEnvironment || e.field == editQuery
	k.Left.SetEnabled(turns)
	k.Right.SetEnabled(turns)
	k.Reload.SetEnabled(e.newer != nil)
	switch e.field {
	case editWorkflows:
		k.Enter.SetHelp(k.Enter.Help().Key, "choose")
	case editSave:
		k.Enter.SetHelp(k.Enter.Help().Key, "save")
	default:
		k.Enter.SetHelp(k.Enter.Help().Key, "next field")
	}
	if e.rt.locked() {
		disable(&k.Left, &k.Right, &k.Reload, &k.Save, &k.Enter)
	}
	return k
}

// Keys are the bindings for the help line and the help screen.
func (e *edit) Keys() help.KeyMap {
	k := e.keys()
	all := []key.Binding{k.Reload, k.Left, k.Save, k.Next, k.Enter, k.Back, k.Previous}
	return bindings{short: all, full: [][]key.Binding{all}}
}
