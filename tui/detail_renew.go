package tui

import (
	"errors"
	"fmt"
	"time"

	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// renewal asks which slot of a key gets something new, and for how long the old
// secret goes on working.
type renewal struct {
	rt            *runtime
	id            model.ID
	name          string
	width, height int

	key    model.KeyInfo
	at     time.Time
	loaded bool
	err    error
	latest     // of the key
	newest int // number of what is made

	slot, grace int      // what is chosen: of model.SlotNames, of graces
	asking      question // which one the cursor is in
	busy        bool
}

// question is one of the two of a renewal. The cursor stays within one, since
// moving it chooses there.
type question int

const (
	askSlot question = iota
	askGrace
)

// graces are the choices of how long an old secret goes on working.
var graces = [...]struct {
	time    time.Duration
	text    string
	meaning string
}{
	{0, "not at all", "refused from the next call on: after a leak"},
	{time.Hour, "1 hour", "callers are yours, and you change them now"},
	{24 * time.Hour, "24 hours", "callers are changed within a day"},
	{7 * 24 * time.Hour, "7 days", "others have to be told"},
}

const usualGrace = 2 // of graces: an outage is not the default

func newRenewal(rt *runtime, id model.ID, name string, slot model.SlotName) screen {
	r := &renewal{rt: rt, id: id, name: name, grace: usualGrace}
	if slot == model.Secondary {
		r.slot = 1
	}
	return r
}

// Init loads the key: the list knows too little of its slots.
func (r *renewal) Init() tea.Cmd { return r.load() }

func (r *renewal) load() tea.Cmd {
	return r.rt.openKey(r.ask(r.rt), r.id)
}

// news loads the key anew for what others did: why the last attempt failed stays
// to be seen.
func (r *renewal) news() tea.Cmd {
	cmd := r.load()
	r.quiet = true
	return cmd
}

func (r *renewal) opened(msg openedMsg) {
	if errors.Is(msg.err, model.ErrNotFound) || !r.quiet || !r.loaded {
		r.err = msg.err
	}
	if msg.err == nil {
		r.key, r.name, r.at, r.loaded = msg.key, msg.key.Name, msg.at, true
	}
}

// Title says what happens.
func (r *renewal) Title() string {
	if r.loaded && r.key.Kind == model.CertificateKey {
		return "Replace"
	}
	return "Regenerate"
}

// Typing is never.
func (r *renewal) Typing() bool { return false }

// Unsaved warns while the secret is being made: it would be shown to nobody.
func (r *renewal) Unsaved() *prompt {
	if !r.busy {
		return nil
	}
	return &prompt{Title: "Leave while the secret is being made?",
		Lines: []string{"It would replace the old one and be shown to nobody."}, Confirm: "leave", Danger: true}
}

// SetSize lays the questions out.
func (r *renewal) SetSize(width, height int) { r.width, r.height = width, height }

// Update takes keys, the key and what was made.
func (r *renewal) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		if msg.Paste {
			return nil
		}
		return r.press(msg)
	case openedMsg:
		mine, again := r.answered(msg.number)
		if mine && !r.busy {
			r.opened(msg)
		}
		if again && !r.busy {
			return r.load()
		}
	case changedMsg:
		if msg.deleted == r.id {
			return send(closeMsg{r})
		}
		if !r.busy && r.changed(msg) {
			return r.news()
		}
	case renewMsg:
		if msg.owner == r && !r.busy {
			return r.renew(msg)
		}
	case remadeMsg:
		if msg.number == r.newest && r.busy {
			return r.remade(msg)
		}
	case certificateChosenMsg:
		if msg.owner == r {
			return tea.Sequence(send(closeMsg{r}), askPutCertificate(r.rt, r.key, msg.slot, msg.certificate))
		}
	}
	return nil
}

// move moves the cursor within its question, which chooses.
func (r *renewal) move(n int) {
	if r.asking == askSlot {
		r.slot = min(max(r.slot+n, 0), len(model.SlotNames)-1)
	} else {
		r.grace = min(max(r.grace+n, 0), len(graces)-1)
	}
}

func (r *renewal) press(msg tea.KeyMsg) tea.Cmd {
	switch k := r.keys(); {
	case r.busy:
		return nil
	case r.loaded && r.rt.locked() && matches(msg, renewKeys.Go):
		return r.rt.refuse()
	case matches(msg, k.Back):
		return pop()
	case matches(msg, k.Reload):
		return r.load()
	case matches(msg, k.Up):
		r.move(-1)
	case matches(msg, k.Down):
		r.move(1)
	case matches(msg, k.Next), matches(msg, k.Previous):
		r.asking = askGrace - r.asking // there are two
	case matches(msg, k.Go):
		return r.confirm()
	}
	return nil
}

// confirm asks once more, with what is going to happen.
func (r *renewal) confirm() tea.Cmd {
	if refusal := r.rt.refuse(); refusal != nil {
		return refusal
	}
	slot := model.SlotNames[r.slot]
	if r.key.Kind == model.CertificateKey {
		return pickCertificate(r.rt, r, r.key.KeyRow, slot)
	}
	return ask(prompt{
		Title:   fmt.Sprintf("Regenerate the %s secret of %q?", slot, r.name),
		Lines:   r.asked(),
		Confirm: "regenerate",
		Danger:  graces[r.grace].time == 0,
	}.twice("regenerate", send(renewMsg{r, r.slot, r.grace}), r.stake(), r.key.KeyRow))
}

// renewMsg is the answer to confirm, with what that asked about: a key that was
// typed ahead may have chosen something else before the question was seen.
type renewMsg struct {
	owner       *renewal
	slot, grace int
}

func (r *renewal) renew(msg renewMsg) tea.Cmd {
	r.slot, r.grace = msg.slot, msg.grace
	r.busy, r.err, r.newest = true, nil, r.rt.next()
	return r.rt.remake(r.newest, r.id, model.SlotNames[r.slot], graces[r.grace].time)
}

func (r *renewal) remade(msg remadeMsg) tea.Cmd {
	r.busy = false
	if msg.err != nil {
		r.err = errors.New(changeSentence(msg.err))
		return nil
	}
	shown := newRevealOf(r.rt, msg.key, msg.secrets, picked{})
	shown.receipt = msg.receipt
	never := undoNever(msg.key, model.SlotNames[r.slot])
	return tea.Sequence(send(offerMsg{never}), send(swapMsg{r, shown})) // which has the lists load anew
}

// consequence says what regenerating does.
func (r *renewal) consequence() string {
	n := model.SlotNames[r.slot]
	slot, g := r.key.Slot(n), graces[r.grace]
	text := fmt.Sprintf("The old %s secret, %s, is refused from its next call on", n, slot.Hint)
	switch {
	case g.time > 0:
		text = fmt.Sprintf("The old %s secret, %s, goes on working for %s more", n, slot.Hint, g.text)
	case len(slot.Retiring) > 0:
		text += ", and so is what it replaced and still works"
	}
	return text + fmt.Sprintf(". The %s one is not touched.", n.Other())
}

func (r *renewal) keys() renewBindings {
	k := renewBindings{renewKeys, detailKeys.Reload}
	for _, b := range []*key.Binding{&k.Up, &k.Down, &k.Next, &k.Previous, &k.Go} {
		b.SetEnabled(r.loaded && !r.busy)
	}
	if r.rt.locked() {
		k.Go.SetEnabled(false)
	}
	if r.key.Kind == model.CertificateKey {
		k.Next.SetEnabled(false)
		k.Previous.SetEnabled(false)
		k.Go.SetHelp(k.Go.Help().Key, "choose the certificate")
	}
	k.Reload.SetEnabled(!r.busy)
	k.Back.SetEnabled(!r.busy)
	return k
}

// renewBindings are the bindings of the screen as they are on now.
type renewBindings struct {
	renewKeyMap
	Reload key.Binding
}

// Keys are the bindings for the help line and the help screen.
func (r *renewal) Keys() help.KeyMap {
	k := r.keys()
	return bindings{
		short: []key.Binding{k.Next, k.Up, k.Down, k.Go, k.Back},
		full:  [][]key.Binding{{k.Up, k.Down, k.Next, k.Previous, k.Go, k.Reload}},
	}
}
