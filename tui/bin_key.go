package tui

import (
	"errors"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// deletedKey shows one key of the bin.
type deletedKey struct {
	rt    *runtime
	key   model.DeletedKey
	at    time.Time
	gone  bool // it was restored or purged
	width int
	latest
}

func newDeleted(rt *runtime, k model.DeletedKey, at time.Time) screen {
	return &deletedKey{rt: rt, key: k, at: at}
}

// Init needs nothing more than what the list knew.
func (d *deletedKey) Init() tea.Cmd { return nil }

// Title is the key's name.
func (d *deletedKey) Title() string { return d.key.Name }

// Typing is never.
func (d *deletedKey) Typing() bool { return false }

// Unsaved is never.
func (d *deletedKey) Unsaved() *prompt { return nil }

// SetSize lays the key out.
func (d *deletedKey) SetSize(width, _ int) { d.width = width }

// Update takes keys, and what is in the bin now.
func (d *deletedKey) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return d.press(msg)
	case changedMsg:
		if d.changed(msg) {
			return d.rt.loadBin(d.ask(d.rt))
		}
	case binMsg:
		mine, again := d.answered(msg.request)
		if mine && msg.err == nil {
			d.look(msg)
		}
		if again {
			return d.rt.loadBin(d.ask(d.rt))
		}
	}
	return nil
}

func (d *deletedKey) look(msg binMsg) {
	d.gone, d.at = true, msg.at
	for _, k := range msg.keys {
		if k.ID == d.key.ID {
			d.key, d.gone = k, false
		}
	}
}

func (d *deletedKey) press(msg tea.KeyMsg) tea.Cmd {
	if refusal := d.rt.refuse(); refusal != nil && matches(msg, binKeys.Restore) {
		return refusal
	}
	switch k := d.keys(); {
	case msg.Paste:
	case matches(msg, globalKeys.Back):
		return pop()
	case matches(msg, k.Restore):
		return askRestore(d.rt, d.key, d)
	}
	return nil
}

func (d *deletedKey) keys() binKeyMap {
	k := binKeys
	disable(&k.Open, &k.Purge, &k.Mark, &k.MarkAll)
	k.Restore.SetEnabled(!d.gone && !d.rt.locked())
	return k
}

// Keys are the bindings for the help line and the help screen.
func (d *deletedKey) Keys() help.KeyMap {
	k := d.keys()
	return bindings{short: []key.Binding{k.Restore, globalKeys.Back}, full: [][]key.Binding{{k.Restore}}}
}

// aim is the key that the screen is about.
func (d *deletedKey) aim() aim { return aim{key: d.key.ID, name: d.key.Name} }

// View renders what is known of the key.
func (d *deletedKey) View() string {
	s, k := d.rt.styles, d.key
	if d.gone {
		return "\n" + indent(s.warning.Render("! This key is not in the bin any more.")+"\n\nIt was restored, or purged.", 2)
	}
	environment := clean(k.Environment)
	switch {
	case k.EnvironmentGone:
		environment = s.warning.Render("! deleted") + s.faint.Render("   the key cannot be restored: make a new one in its place")
	case environment == "":
		environment = s.warning.Render("! any") + s.faint.Render("   every environment, production too")
	case k.Production:
		environment = s.production.Render(productionName(k.Environment))
	}
	kept := keptFor(k, d.at)
	if kept == "" {
		kept = s.warning.Render("! the next purge takes it")
	} else {
		kept += s.faint.Render("   then a purge may take it, " + k.PurgedFrom.Text())
	}
	state := s.faint.Render("✗ deleted") + s.faint.Render("   every call is refused")
	lines := []string{}
	for _, f := range [][2]string{
		{"Name", s.strong.Render(clean(k.Name))}, {"State", state}, {"Kind", k.Kind.Title()}, {"Environment", environment},
		{"Workflows", thousands(k.WorkflowCount)}, {"Created", k.Created.Text()}, {"Deleted", k.Deleted.Text()}, {"Kept for", kept},
	} {
		lines = append(lines, clip(gutter+s.label.Render(pad(f[0], labelWidth))+f[1], d.width))
	}
	note := placeKeys.Audit.Help().Key + " shows who deleted it, and what it was before."
	if k.NameTaken {
		note = "Another key has its name by now: it is restored under another. " + note
	}
	return strings.Join(lines, "\n") + "\n\n" + indent(s.faint.Render(wrap(note, min(d.width-4, 76))), 2)
}

// restoreForm asks before a key is restored, and under which name: its own stands
// there, or one like it where that is taken.
type restoreForm struct {
	sheet
	key     model.DeletedKey
	enables string // how the key is enabled once it is restored
	over    screen // shows the key as deleted, and goes with the form once it is not; nil: none
}

// restoreAgreedMsg says that the form may restore its key under that name.
type restoreAgreedMsg struct {
	form *restoreForm
	name string
}

func newRestoreForm(rt *runtime, k model.DeletedKey, over screen) *restoreForm {
	f := &restoreForm{key: k, over: over, enables: actionKeys.Enable.Help().Key + " on the list enables it"}
	f.rt, f.fresh, f.button = rt, true, "Restore"
	suggested := restoredName(k)
	name := f.text("name", "Name", suggested, 2*model.MaxName)
	name.note = func() string {
		const fine = "Callers do not send the name: with another one their secrets work as before, once the key is enabled."
		if k.NameTaken {
			return "Another key is called " + k.Name + " by now. " + fine
		}
		return fine
	}
	state := choiceField("state", "State", "disabled", []string{"disabled"})
	state.show = func(string) string { return "disabled: no call works until you enable it" }
	f.fields = []*sheetField{name, f.target(), state}
	if !k.NameTaken { // nothing has to be typed
		f.at = len(f.fields)
	}
	f.save = f.send
	f.edit = func(*sheetField) tea.Cmd { return nil }
	f.take = func() tea.Cmd { return nil }
	f.focus()
	return f
}

// target shows what the key is for.
func (f *restoreForm) target() *sheetField {
	t := choiceField("environment", "Environment", f.key.Environment, []string{f.key.Environment})
	t.show = func(value string) string {
		if value == "" {
			return f.rt.styles.warning.Render("! any") + "   every environment, production too"
		}
		if f.key.Production {
			return f.rt.styles.production.Render(productionName(value))
		}
		return clean(value)
	}
	return t
}

// Init needs nothing.
func (f *restoreForm) Init() tea.Cmd { return nil }

// Title is the form's part of the breadcrumb.
func (f *restoreForm) Title() string { return "Restore" }

func (f *restoreForm) send() tea.Cmd {
	name := f.field("name").value()
	if err := model.CheckName(name); err != nil {
		f.complain("name", err)
		return nil
	}
	return live("restore it", send(restoreAgreedMsg{f, name}), rowOf(f.key))
}

// Update takes keys and the end of the restore.
func (f *restoreForm) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return f.press(msg)
	case restoreAgreedMsg:
		if msg.form == f && !f.saving {
			f.saving, f.newest = true, f.rt.next()
			return f.rt.restoreAs(f.newest, f.key.ID, msg.name, f.enables)
		}
	case restoreAsMsg:
		if f.saving && msg.number == f.newest {
			return f.restored(msg.end)
		}
	}
	return nil
}

func (f *restoreForm) restored(end outcomeMsg) tea.Cmd {
	f.saving = false
	switch {
	case end.err == nil:
		done := screen(f)
		if f.over != nil {
			done = f.over
		}
		return tea.Sequence(send(closeMsg{done}), send(end))
	case errors.Is(end.err, model.ErrConflict), errors.Is(end.err, model.ErrInvalid):
		f.complain("name", end.err)
	default:
		f.problem = changeSentence(end.err)
	}
	return nil
}
