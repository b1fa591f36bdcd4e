package tui

import (
	"context"
	"fmt"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// undo takes the last change back: of one key or of several, of a workflow, of an
// environment.
type undo struct {
	what  string        // is taken back, in words: "disabling \"orders\""
	bulk  model.KeyBulk // what taking it back does to the keys
	keys  []undoKey
	until time.Time
	// back takes the change back, in place of bulk. It captures values.
	back  func(ctx context.Context) tea.Msg
	done  string  // said once back has; "": that it is as it was before the edit
	again string  // what it does to a key, as a question has it: "delete it again"; "": as bulk says
	ask   *prompt // asked first, in place of what keys of production ask; nil: nothing
	// never says, as a sentence, why the change cannot be taken back: all else is
	// empty then. It stands in the place of what could be taken back before.
	never string
	// lost looks whether the change can still be taken back: why not, "" if so. nil
	// where it can as long as one of the keys is as the change left it.
	lost func(ctx context.Context) (why string, err error)
}

// undoKey is a key as the change left it. One that is otherwise by now was
// changed by somebody, and is left alone.
type undoKey struct {
	id          model.ID
	name        string
	changed     model.Instant
	environment string
	production  bool
	forbid      []string // the workflows, by id, that it was permitted with the change
	enabled     bool     // a deleted one was
}

// undoOfKey is a key as a change has left it.
func undoOfKey(k model.KeyInfo) undoKey {
	return undoKey{id: k.ID, name: k.Name, changed: k.Changed, environment: k.Environment, production: k.Production}
}

// rows are the keys as far as a question about them needs that.
func (u *undo) rows() []model.KeyRow {
	rows := make([]model.KeyRow, len(u.keys))
	for i, k := range u.keys {
		rows[i] = model.KeyRow{ID: k.id, Name: k.name, Environment: k.environment, Production: k.production}
	}
	return rows
}

// undoTime is how long a change can be taken back.
const undoTime = 30 * time.Second

// undoOverMsg says that the time of an undo is over.
type undoOverMsg struct{ undo *undo }

// offerMsg offers an undo, or says of what was done that it cannot be taken back.
type offerMsg struct{ undo *undo }

// undoAgreedMsg says that a change is to be taken back; asked, that a question
// about it was answered, which may take as long as it likes.
type undoAgreedMsg struct {
	undo  *undo
	asked bool
}

// undoGoesOnMsg gives an undo the time that was left when a question about it was
// opened, which was not answered with yes.
type undoGoesOnMsg struct{ was, undo *undo }

// undoKeyMap works on every screen while there is something to take back.
type undoKeyMap struct{ Undo key.Binding }

var undoKeys = undoKeyMap{Undo: bind("u", "undo", "u")}

// offer keeps what can be taken back, in place of what could before.
func (a *app) offer(u *undo) tea.Cmd {
	if u == nil {
		return nil
	}
	a.undo, a.undoRows, a.undoLook, a.undoLeft, a.undoHeld = u, u.rows(), latest{}, undoTime, false
	if u.never != "" {
		return a.rt.after(undoTime, undoOverMsg{u})
	}
	return tea.Batch(a.rt.after(undoTime, undoOverMsg{u}), a.rt.undoTick(u))
}

// undoOver ends the offer, unless there is a newer one.
func (a *app) undoOver(msg undoOverMsg) {
	switch {
	case a.undo != msg.undo:
	case a.asksUndo() || a.undoHeld:
		a.undoHeld = true
	default:
		a.undo = nil
	}
}

// undoGoesOn goes on with an undo after a question about it, unless that was asked
// again meanwhile: its time stands still for the answer.
func (a *app) undoGoesOn(msg undoGoesOnMsg) tea.Cmd {
	switch {
	case a.undo != msg.was:
		return nil
	case a.asksUndo():
		return a.rt.undoTick(a.undo)
	}
	a.undo, a.undoHeld = msg.undo, false
	return tea.Batch(a.rt.after(a.undoLeft, undoOverMsg{msg.undo}), a.rt.undoTick(msg.undo))
}

// undoes reports whether a change can be taken back from what is seen: not where
// text is entered, nor where secrets are shown.
func (a *app) undoes() bool { return a.undo != nil && a.undo.never == "" && a.undoing() }

// undoing reports whether the key of the undo means that on what is seen, be
// there something to take back or not.
func (a *app) undoing() bool {
	return !a.rt.locked() && !a.secret() && !a.top().Typing()
}

// undoText is the offer, for the status line.
func (a *app) undoText() string {
	return fmt.Sprintf("%s takes back %s. %s", undoKeys.Undo.Help().Key, clip(clean(a.undo.what), max(a.width-30, 20)), a.undoLeftText())
}

// hinted is how much of what an undo takes back ends what is said of the change.
const hinted = 60

// undoHint ends what is said of a change for as long as it can be taken back, ""
// where text is about something else.
func (a *app) undoHint(text string) string {
	if text == "" || text != a.undoSaid || !a.undoes() {
		return ""
	}
	return " " + undoKeys.Undo.Help().Key + " takes back " + clip(clean(a.undo.what), hinted) + ". " + a.undoLeftText()
}

// undoLeftText is how long a change can be taken back still.
func (a *app) undoLeftText() string {
	return fmt.Sprintf("%d s left.", int((a.undoLeft+time.Second-1)/time.Second))
}

// undoTicked takes how much of the time of an undo is left.
func (a *app) undoTicked(msg undoTickMsg) tea.Cmd {
	switch {
	case a.undo != msg.undo:
		return nil
	case a.asksUndo():
		a.undoHeld = true
		return a.rt.undoTick(msg.undo)
	case a.undoHeld:
		return a.rt.undoLater(msg.undo, a.undoLeft)
	}
	if a.undoLeft = min(max(msg.left, 0), undoTime); a.undoLeft == 0 {
		return nil
	}
	return a.rt.undoTick(msg.undo)
}

// undoKey takes the key that takes the last change back, or says why there is
// nothing to take back.
func (a *app) undoKey() tea.Cmd {
	switch u := a.undo; {
	case u == nil:
		return status(statusInfo, fmt.Sprintf("There is nothing to take back: the last change can be, for %d s.", int(undoTime.Seconds())))
	case u.never != "":
		return status(statusWarning, u.never)
	}
	p := a.undoQuestion()
	if p == nil {
		return send(undoAgreedMsg{undo: a.undo})
	}
	p.undo, p.OnYes = a.undo, send(undoAgreedMsg{undo: a.undo, asked: true})
	return ask(*p)
}

// undoQuestion is asked before a change of production is taken back, nil for
// another. What was done stands meanwhile, and so does the time to take it back.
func (a *app) undoQuestion() *prompt {
	u, live := a.undo, 0
	if u.ask != nil {
		p := *u.ask
		return &p
	}
	for _, r := range a.undoRows {
		live += index(r.Production)
	}
	if live == 0 {
		return nil
	}
	p := livePrompt(liveTitle(u.verb(), live, a.undoRows), u.verb(), nil)
	p.Lines = []string{"◆ This is production. " + upperFirst(clip(clean(u.what), hinted)) + " stands until you say yes; the time for it stands still."}
	return &p
}

// asksUndo reports whether a question about the undo is open.
func (a *app) asksUndo() bool {
	return a.prompt != nil && a.prompt.undo != nil && a.prompt.undo == a.undo
}

// undoAgreed takes a change back, once.
func (a *app) undoAgreed(msg undoAgreedMsg) tea.Cmd {
	if refusal := a.rt.refuse(); refusal != nil {
		return refusal // it came while the question was open
	}
	if a.undo != msg.undo { // so did the end of its time, or what somebody else did
		if a.undo != nil && a.undo.never != "" {
			return status(statusWarning, a.undo.never)
		}
		return status(statusWarning, tooLate())
	}
	a.undo = nil
	a.status = statusMsg{statusInfo, "Taking back " + clip(clean(msg.undo.what), hinted) + " …"}
	return a.rt.takeBack(msg.undo, msg.asked)
}

// verb is what taking back does to the keys, as a question about production has
// it.
func (u *undo) verb() string {
	it := "it"
	if len(u.keys) > 1 {
		it = "them"
	}
	switch {
	case u.again != "":
		return u.again
	case u.bulk.Enable:
		return "enable " + it + " again"
	case u.bulk.Disable:
		return "disable " + it + " again"
	}
	return "take it back"
}

func tooLate() string {
	return fmt.Sprintf("Not taken back: that is more than %d s ago.", int(undoTime.Seconds()))
}

// openHelp shows the help screen of what is seen.
func (a *app) openHelp() {
	a.help = newHelpScreen(a.rt, a.top(), len(a.stack) == 1, a.notes())
	if here := a.placeBindings(); len(here) > 0 {
		a.help.groups = append(a.help.groups, here)
	}
	if a.tours() {
		a.help.groups = append(a.help.groups, []key.Binding{tourKeys.Next})
	}
	if a.undoes() {
		a.help.groups = append(a.help.groups, []key.Binding{undoKeys.Undo})
	}
	if a.commands() {
		k := mouseKeys
		k.Toggle.SetEnabled(!a.secret())
		a.help.groups = append(a.help.groups, []key.Binding{paletteKeys.Open, k.Toggle})
	}
}
