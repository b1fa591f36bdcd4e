package tui

import (
	"errors"
	"slices"
	"time"

	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// rotation shows both slots of a key side by side, how each is used, and what is
// to be done next so that a change cuts nobody off.
type rotation struct {
	rt            *runtime
	id            model.ID
	name          string
	width, height int

	key    model.KeyInfo
	at     time.Time
	loaded bool
	err    error
	latest

	on     int  // the slot whose renewal the steps are about, of model.SlotNames
	moved  bool // the cursor was moved there; else it is on the slot of the step that is to be done
	second int  // the line at which the second slot begins, 0: beside the first
	ends   int  // the line behind both
}

func newRotation(rt *runtime, id model.ID, name string) screen {
	return &rotation{rt: rt, id: id, name: name}
}

// Init loads the key.
func (r *rotation) Init() tea.Cmd { return r.load() }

func (r *rotation) load() tea.Cmd { return r.rt.openKey(r.ask(r.rt), r.id) }

// Title says of which key.
func (r *rotation) Title() string { return "Rotation of " + r.name }

// Typing is never.
func (r *rotation) Typing() bool { return false }

// Unsaved is never.
func (r *rotation) Unsaved() *prompt { return nil }

// SetSize lays the slots out.
func (r *rotation) SetSize(width, height int) { r.width, r.height = width, height }

// aim is the key.
func (r *rotation) aim() aim { return aim{key: r.id, name: r.name} }

// Update takes keys, the key and news.
func (r *rotation) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		if !msg.Paste {
			return r.press(msg)
		}
	case openedMsg:
		mine, again := r.answered(msg.number)
		if mine {
			if r.err = msg.err; msg.err == nil {
				r.moved = r.moved && sameSlots(r.key, msg.key)
				r.key, r.name, r.at, r.loaded = msg.key, msg.key.Name, msg.at, true
			}
		}
		if again {
			return r.load()
		}
	case changedMsg:
		if msg.deleted == r.id {
			return send(closeMsg{r})
		}
		if r.changed(msg) {
			return r.load()
		}
	case usedMsg:
		if r.loaded && !r.loading {
			return r.load()
		}
	case newForKeyMsg:
		if msg.owner == r {
			return pickForKey(r.rt, r, msg)
		}
	case certificateChosenMsg:
		if msg.owner == r {
			return askPutCertificate(r.rt, msg.key, msg.slot, msg.certificate)
		}
	}
	return nil
}

// slot is the one under the cursor.
func (r *rotation) slot() model.SlotInfo { return r.key.Slot(model.SlotNames[r.cursor()]) }

// cursor is the slot under the cursor: until it is moved that of the step that is
// to be done now.
func (r *rotation) cursor() int {
	if r.moved || !r.loaded {
		return r.on
	}
	return index(r.turnover().acts() == model.SlotNames[1])
}

// move puts the cursor on a slot.
func (r *rotation) move(to int) { r.on, r.moved = to, true }

// sameSlots reports whether a key's slots hold what they held.
func sameSlots(a, b model.KeyInfo) bool {
	for _, n := range model.SlotNames {
		if a.Slot(n).Created != b.Slot(n).Created || a.Slot(n).Empty != b.Slot(n).Empty {
			return false
		}
	}
	return true
}

func (r *rotation) press(msg tea.KeyMsg) tea.Cmd {
	if refusal := r.rt.refuse(); refusal != nil && matches(msg, actionKeys.Regenerate, certificateKeys.New, certificateKeys.Remove) {
		return refusal
	}
	switch k := r.keys(); {
	case matches(msg, globalKeys.Back):
		return pop()
	case matches(msg, k.Reload):
		return r.load()
	case matches(msg, k.Up):
		r.move(0)
	case matches(msg, k.Down):
		r.move(1)
	case matches(msg, k.Next):
		r.move(1 - r.cursor())
	case matches(msg, k.Open):
		return push(r.opens())
	case matches(msg, k.Regenerate):
		return push(newRenewal(r.rt, r.id, r.name, model.SlotNames[r.cursor()]))
	case matches(msg, k.New):
		return r.rt.newForKey(r, r.id)
	case matches(msg, k.Remove):
		return r.rt.takeOut(r.id, model.SlotNames[r.cursor()], r.slot().Certificate.SHA256)
	}
	return nil
}

// opens is the screen of the key, with the cursor on the slot.
func (r *rotation) opens() screen {
	d := &detail{rt: r.rt, id: r.id, name: r.name, key: r.key}
	d.cursor = d.find(stop{part: partSlot, slot: r.slot().Slot})
	return d
}

// rotationBindings are the bindings of the screen as they are on now.
type rotationBindings struct {
	rotationKeyMap
	Regenerate, New, Remove key.Binding
}

func (r *rotation) keys() rotationBindings {
	k := rotationBindings{rotationKeys, actionKeys.Regenerate, certificateKeys.New, certificateKeys.Remove}
	k.Regenerate.SetHelp(k.Regenerate.Help().Key, renewVerb(r.key.Kind)+" "+model.SlotNames[r.cursor()].String())
	if !r.loaded || errors.Is(r.err, model.ErrNotFound) {
		disable(&k.Open, &k.Up, &k.Down, &k.Next, &k.Regenerate, &k.New, &k.Remove)
		return k
	}
	if r.key.Kind != model.CertificateKey {
		disable(&k.New, &k.Remove)
	}
	k.Remove.SetEnabled(k.Remove.Enabled() && r.slot().Certificate != nil)
	if r.rt.locked() {
		disable(&k.Regenerate, &k.New, &k.Remove)
	}
	return k
}

// Keys are the bindings for the help line and the help screen.
func (r *rotation) Keys() help.KeyMap {
	k := r.keys()
	short := []key.Binding{k.Regenerate, k.Next, k.New, k.Remove, k.Open, globalKeys.Back}
	if k.New.Enabled() && r.slot().Empty { // that is what fills it
		short[0], short[1], short[2] = k.New, k.Next, k.Regenerate
	}
	if r.width < actionsWidth { // what is done here comes before where enter leads
		short = slices.Delete(short, 4, 5)
	}
	return bindings{
		short: short,
		full:  [][]key.Binding{{k.Regenerate, k.New, k.Remove, k.Open, k.Reload}, {k.Up, k.Down, k.Next}},
	}
}
