package tui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// changes lists what the form would change, in words.
func (e *edit) changes() []string {
	var out []string
	add := func(changed bool, text string) {
		if changed {
			out = append(out, text)
		}
	}
	before := workflowNames(e.seen)
	add(e.name.Value() != e.seen.Name, "the name")
	add(e.environment != e.seen.Environment, "the environment: "+environmentText(e.environment))
	add(strings.TrimSpace(e.expires.Value()) != expiryText(e.seen.Expires), "the expiry")
	add(e.query != e.seen.Query, "whether secrets are accepted in the URL")
	add(!slices.Equal(sortedNames(e.workflows), sortedNames(before)),
		fmt.Sprintf("the workflows: %d instead of %d", len(e.workflows), len(before)))
	return out
}

func sortedNames(names []string) []string { return slices.Sorted(slices.Values(names)) }

func environmentText(name string) string {
	if name == "" {
		return "any"
	}
	return name
}

// wanted is the change that the form makes: only what differs.
func (e *edit) wanted() (model.KeyEdit, error) {
	w := model.KeyEdit{Seen: e.seen.Changed}
	if name := e.name.Value(); name != e.seen.Name {
		w.Name = &name
	}
	if e.environment != e.seen.Environment {
		environment := e.environment
		w.Environment = &environment
	}
	if text := e.expires.Value(); strings.TrimSpace(text) != expiryText(e.seen.Expires) {
		t, err := readExpiry(text, e.at)
		if err != nil {
			return w, err
		}
		w.Expires = &t
	}
	if e.query != e.seen.Query {
		noQuery := !e.query
		w.NoQuery = &noQuery
	}
	if !slices.Equal(sortedNames(e.workflows), sortedNames(workflowNames(e.seen))) {
		names := slices.Clone(e.workflows)
		w.Workflows = &names
	}
	return w, nil
}

// save checks what can be checked here and saves.
func (e *edit) save() tea.Cmd {
	e.problems = map[editField]string{}
	if !e.rt.locked() {
		trimInput(&e.name)
	}
	if len(e.changes()) == 0 {
		return tea.Sequence(pop(), status(statusInfo, "Nothing was changed."))
	}
	if refusal := e.rt.refuse(); refusal != nil {
		return refusal
	}
	w, err := e.wanted()
	if err != nil {
		e.complain(editExpires, err)
	}
	if err := model.CheckName(e.name.Value()); err != nil {
		e.complain(editName, err)
	}
	if len(e.problems) > 0 {
		return nil
	}
	return liveWhy("save the edit", send(editAgreedMsg{e, w}), e.stops(), e.reachable())
}

// editAgreedMsg says that the form may save that.
type editAgreedMsg struct {
	form *edit
	edit model.KeyEdit
}

// reachable is the key as a question about it has it: of the environments before
// and after the edit the one that is production.
func (e *edit) reachable() model.KeyRow {
	row := e.seen.KeyRow
	if !row.Production {
		row.Environment, row.Production = e.environment, e.environment == "" || e.production()
	}
	return row
}

func (e *edit) agreed(msg editAgreedMsg) tea.Cmd {
	if refusal := e.rt.refuse(); refusal != nil {
		return refusal // it came while the question was open
	}
	e.saving, e.newest = true, e.rt.next()
	return e.rt.saveKey(e.newest, e.seen, msg.edit)
}

// complain puts an error beside a field and the cursor into it.
func (e *edit) complain(f editField, err error) {
	e.problems[f] = sentence(err)
	if f != editForm {
		e.field = f
		e.focus()
	}
}

// saved takes the end of a save: the form closes, or says what is wrong where.
func (e *edit) saved(msg savedMsg) tea.Cmd {
	e.saving = false
	if msg.err == nil {
		done := fmt.Sprintf("%q is changed%s.", msg.key.Name, e.rt.unconfirmed(msg.receipt))
		return tea.Sequence(send(closeMsg{e}), send(outcomeMsg{done: done, receipt: msg.receipt, undo: msg.undo}))
	}
	e.at = msg.at
	var input *model.InputError
	switch {
	case msg.newer != nil:
		e.newer = msg.newer
		e.problems[editForm] = fmt.Sprintf("Somebody else changed this key at %s. Nothing was saved, and nothing that you typed is lost.", msg.newer.Changed.Text())
	case errors.As(msg.err, &input):
		e.complain(fieldOf(input.Field), msg.err)
	case errors.Is(msg.err, model.ErrConflict):
		e.complain(editName, msg.err)
	default:
		e.problems[editForm] = changeSentence(msg.err)
	}
	return nil
}

// news looks whether somebody else changed the key, and what there is to choose
// from now.
func (e *edit) news(msg changedMsg) tea.Cmd {
	var cmds []tea.Cmd
	if e.listing.changed(msg) {
		cmds = append(cmds, e.list())
	}
	if e.looking.changed(msg) {
		cmds = append(cmds, e.look())
	}
	return tea.Batch(cmds...)
}

func (e *edit) list() tea.Cmd { return e.rt.loadEnvironments(e.listing.ask(e.rt)) }

func (e *edit) look() tea.Cmd { return e.rt.openKey(e.looking.ask(e.rt), e.seen.ID) }

// opened tells at once what a save would come to: somebody else changed the key,
// or deleted it.
func (e *edit) opened(msg openedMsg) {
	if e.saving {
		return
	}
	text := ""
	switch {
	case errors.Is(msg.err, model.ErrNotFound):
		e.newer, text = nil, "Somebody else deleted this key meanwhile: it cannot be saved."
	case msg.err != nil || msg.key.Changed == e.seen.Changed:
		return
	default:
		e.newer = &msg.key
		text = fmt.Sprintf("Somebody else changed this key at %s. Nothing that you typed is lost.", msg.key.Changed.Text())
	}
	if e.problems == nil {
		e.problems = map[editField]string{}
	}
	e.problems[editForm] = text
}

func fieldOf(name string) editField {
	switch name {
	case "name":
		return editName
	case "environment":
		return editEnvironment
	case "expires":
		return editExpires
	case "workflows":
		return editWorkflows
	}
	return editForm
}

// takeNewer puts the form on top of the key as somebody else left it: fields
// that were not touched here take its values, the others keep what was typed.
func (e *edit) takeNewer() {
	mine := *e
	was := e.seen
	e.fill(*e.newer)
	e.newer, e.problems = nil, nil
	if mine.name.Value() != was.Name {
		e.name.SetValue(mine.name.Value())
	}
	if mine.environment != was.Environment {
		e.environment = mine.environment
	}
	if mine.expires.Value() != expiryText(was.Expires) {
		e.expires.SetValue(mine.expires.Value())
	}
	if mine.query != was.Query {
		e.query = mine.query
	}
	if !slices.Equal(sortedNames(mine.workflows), sortedNames(workflowNames(was))) {
		e.workflows = mine.workflows
	}
	e.focus()
}

// expiryText is an expiry as the form shows it: the day, where the key works
// through its end, else the moment; "" for never.
func expiryText(i model.Instant) string {
	t := i.Time()
	switch {
	case i == 0:
		return ""
	case t.Equal(model.EndOfDay(t)):
		return t.Format(time.DateOnly)
	}
	return t.Format(time.RFC3339)
}

// readExpiry reads the field: nothing or "never", or what the commands take.
func readExpiry(text string, now time.Time) (time.Time, error) {
	text = strings.TrimSpace(text)
	if text == "" || strings.EqualFold(text, "never") {
		return time.Time{}, nil
	}
	return model.ParseExpiry(text, now)
}
