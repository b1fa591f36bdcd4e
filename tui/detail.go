package tui

import (
	"errors"
	"time"

	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// detail shows everything about one key. Its cursor goes from stop to stop: a
// stop is something that enter changes, or a line to read.
type detail struct {
	rt            *runtime
	id            model.ID
	name          string
	width, height int

	key    model.KeyInfo
	at     time.Time
	loaded bool
	gone   bool
	err    error
	latest

	copied int      // number of the newest copy
	cursor int      // which stop
	top    [2]int   // first visible line of each pane
	seen   [2][]int // the stop of each line of the panes that is seen, -1: none
}

// stop is one place of the cursor.
type stop struct {
	part part
	slot model.SlotName
	line int // of the workflows
}

// part is what a stop is about.
type part int

const (
	partName part = iota
	partState
	partEnvironment
	partExpires
	partQuery
	partSlot
	partWorkflows
	partWorkflow
	partCall
)

func newDetail(rt *runtime, id model.ID, name string) screen {
	return &detail{rt: rt, id: id, name: name}
}

// Init loads the key.
func (d *detail) Init() tea.Cmd { return d.load() }

func (d *detail) load() tea.Cmd {
	return d.rt.openKey(d.ask(d.rt), d.id)
}

// Title is the key's name.
func (d *detail) Title() string { return d.name }

// Typing is never: fields are changed on a screen of their own.
func (d *detail) Typing() bool { return false }

// Unsaved is never.
func (d *detail) Unsaved() *prompt { return nil }

// SetSize lays the key out.
func (d *detail) SetSize(width, height int) { d.width, d.height = width, height }

// Update takes keys, the key and news.
func (d *detail) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		if msg.Paste {
			return nil
		}
		return d.press(msg)
	case openedMsg:
		mine, again := d.answered(msg.number)
		if mine {
			d.opened(msg)
		}
		if again {
			return d.load()
		}
	case changedMsg:
		if msg.deleted == d.id {
			return send(closeMsg{d})
		}
		if d.changed(msg) {
			return d.load()
		}
	case usedMsg:
		if d.loaded && !d.gone && !d.loading {
			return d.load()
		}
	case copiedMsg:
		if msg.request == d.copied {
			return d.callCopied(msg)
		}
	case certificateChosenMsg:
		if msg.owner == d {
			return askPutCertificate(d.rt, d.key, msg.slot, msg.certificate)
		}
	}
	return nil
}

func (d *detail) opened(msg openedMsg) {
	d.err, d.gone = msg.err, errors.Is(msg.err, model.ErrNotFound)
	if msg.err != nil {
		return
	}
	d.key, d.name, d.at, d.loaded = msg.key, msg.key.Name, msg.at, true
	d.move(0)
}

// stops lists the places of the cursor, from the top.
func (d *detail) stops() []stop {
	list := []stop{{part: partName}, {part: partState}, {part: partEnvironment}, {part: partExpires}}
	if d.key.Kind == model.TokenKey {
		list = append(list, stop{part: partQuery})
	}
	for _, n := range model.SlotNames {
		list = append(list, stop{part: partSlot, slot: n})
	}
	list = append(list, stop{part: partWorkflows})
	for i := range d.key.Workflows {
		list = append(list, stop{part: partWorkflow, line: i})
	}
	return append(list, stop{part: partCall})
}

func (d *detail) here() stop { return d.stops()[d.cursor] }

func (d *detail) move(n int) { d.cursor = min(max(d.cursor+n, 0), len(d.stops())-1) }

func (d *detail) press(msg tea.KeyMsg) tea.Cmd {
	k := d.keys()
	switch {
	case matches(msg, globalKeys.Back):
		return pop()
	case matches(msg, k.Reload):
		return d.load()
	case !d.loaded:
		return nil
	}
	if n, ok := moveKeys.step(msg, max(d.height-4, 1), len(d.stops())); ok {
		d.move(n)
		return nil
	}
	if refusal := d.rt.refuse(); refusal != nil && matches(msg, detailKeys.Edit, detailKeys.Remove, actionKeys.Enable, actionKeys.Regenerate, actionKeys.Delete, actionKeys.Permit) {
		return refusal
	}
	switch {
	case matches(msg, k.Edit):
		return d.change(d.here())
	case matches(msg, k.Enable):
		return askEnabled(d.rt, d.key.KeyRow)
	case matches(msg, k.Regenerate):
		return push(newRenewal(d.rt, d.id, d.name, d.here().slot))
	case matches(msg, k.Remove):
		return askRemoveCertificate(d.rt, d.key, d.here().slot)
	case matches(msg, k.Permit):
		return choosePermitted(d.rt, []model.ID{d.id}, d.name)
	case matches(msg, k.Delete):
		return askDelete(d.rt, d.key.KeyRow)
	case matches(msg, k.CopyCall):
		return d.copyCall()
	}
	return nil
}

// change opens what changes the stop.
func (d *detail) change(s stop) tea.Cmd {
	switch s.part {
	case partState:
		return askEnabled(d.rt, d.key.KeyRow)
	case partSlot:
		if d.key.Kind == model.CertificateKey {
			return pickCertificate(d.rt, d, d.key.KeyRow, s.slot)
		}
		return push(newRenewal(d.rt, d.id, d.name, s.slot))
	case partCall:
		s.part = partWorkflows // none is permitted that could be called
	}
	return push(newEdit(d.rt, d.key, d.at, s.part))
}

// detailBindings are the bindings of the screen as they are on now.
type detailBindings struct {
	detailKeyMap
	actionKeyMap
}

func (d *detail) keys() detailBindings {
	k := detailBindings{detailKeys, actionKeys}
	if !d.loaded || d.gone {
		disable(&k.Edit, &k.Remove, &k.Enable, &k.Regenerate, &k.Delete, &k.Permit, &k.CopyCall)
		return k
	}
	here := d.here()
	callable := len(d.call()) > 0
	k.CopyCall = d.rt.callBinding(k.CopyCall)
	k.CopyCall.SetEnabled(callable)
	k.Edit.SetEnabled(here.part != partCall || !callable)
	if here.part == partCall {
		k.Edit.SetHelp(k.Edit.Help().Key, "permit workflows")
	}
	k.Enable.SetHelp(k.Enable.Help().Key, enableVerb(d.key.Enabled))
	k.Regenerate.SetHelp(k.Regenerate.Help().Key, renewVerb(d.key.Kind))
	k.Remove.SetEnabled(d.key.Kind == model.CertificateKey && here.part == partSlot &&
		!d.key.Slot(here.slot).Empty && !d.key.Slot(here.slot.Other()).Empty)
	if d.rt.locked() {
		disable(&k.Edit, &k.Remove, &k.Enable, &k.Regenerate, &k.Delete, &k.Permit)
	}
	return k
}

// Keys are the bindings for the help line and the help screen.
func (d *detail) Keys() help.KeyMap {
	k := d.keys()
	short := []key.Binding{k.Edit, k.Enable, k.Regenerate, k.Remove, k.Delete, k.CopyCall, k.Permit, globalKeys.Back}
	if d.loaded && d.here().part == partCall {
		short = []key.Binding{k.Edit, k.CopyCall, k.Enable, k.Regenerate, k.Delete, globalKeys.Back}
	}
	return bindings{
		short: short,
		full:  [][]key.Binding{{k.Edit, k.Enable, k.Regenerate, k.Permit, k.Remove, k.Delete, k.CopyCall, k.Reload}, moveKeys.all()},
	}
}

// aim is the key that the screen is about.
func (d *detail) aim() aim { return aim{key: d.id, name: d.name} }
