package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// opens reports whether a remedy of these kinds can be carried out.
func (n *neededToOpen) opens(r model.Remedy) bool {
	there := true
	switch {
	case r.Kind == model.RegisterCertificate && r.Key != 0:
		_, there = n.holders[r.Key]
	case r.Kind == model.ChangeEnvironment:
		_, there = n.environments[r.Environment]
	}
	return there
}

// openFor opens the screen for a remedy that is not about the key of the call.
func (w *why) openFor(r model.Remedy) tea.Cmd {
	switch r.Kind {
	case model.RegisterCertificate:
		if k, ok := w.more.holders[r.Key]; ok {
			return push(newRenewal(w.rt, k.ID, k.Name, slotToFill(k, model.NoSlot, w.at)))
		}
		return tea.Sequence(push(newCertificateList(w.rt)), status(statusInfo,
			"Choose the key by a certificate that it has: "+certificateKeys.New.Help().Key+" puts the caller's into its other slot."))
	case model.MakeKey:
		return push(newWizard(w.rt))
	case model.ChangeEnvironment:
		return push(newHostsForm(w.rt, w.more.environments[r.Environment]))
	case model.MakeEnvironment:
		return push(newNamedEnvironmentForm(w.rt, r.Name))
	}
	return nil
}

// newHostsForm changes an environment, with the cursor on its hosts.
func newHostsForm(rt *runtime, e model.EnvironmentInfo) screen {
	f := newEnvironmentForm(rt, e).(*environmentForm)
	f.at = 1
	f.focus()
	return f
}

// newNamedEnvironmentForm makes an environment of that name.
func newNamedEnvironmentForm(rt *runtime, name string) screen {
	f := newEnvironmentForm(rt, model.EnvironmentInfo{}).(*environmentForm)
	f.field("name").input.SetValue(clean(name))
	f.field("name").input.CursorEnd()
	f.focus()
	return f
}

// slotToFill is the slot of a key into which a new certificate goes when a call by
// used was refused: the empty one, so that the other stays; else one that has
// expired, first that which the call used; else the one that ends first.
func slotToFill(k model.KeyInfo, used model.SlotName, at time.Time) model.SlotName {
	order := []model.SlotName{model.Primary, model.Secondary}
	if used == model.Secondary {
		order = []model.SlotName{model.Secondary, model.Primary}
	}
	for _, n := range order {
		if k.Slot(n).Empty {
			return n
		}
	}
	for _, n := range order {
		if c := k.Slot(n).Certificate; c != nil && c.Expired(at) {
			return n
		}
	}
	return firstToGo(k)
}

// retargets reports whether a remedy lets a key invoke production that may not so
// far: whoever does that looks for it.
func (w *why) retargets(r model.Remedy) bool {
	return r.Kind == model.ChangeTarget && w.call.Production && w.key != nil && !w.key.Production
}

// renewal is which of these remedies the regenerate key carries out.
func (w *why) renewal() model.RemedyKind {
	if _, ok := w.remedy(model.RegenerateSlot); ok {
		return model.RegenerateSlot
	}
	if _, ok := w.remedy(model.RegisterCertificate); ok {
		return model.RegisterCertificate
	}
	return model.RenewCertificate
}

// making is which of the two remedies the key that makes something carries out.
func (w *why) making() model.RemedyKind {
	if _, ok := w.remedy(model.MakeKey); ok {
		return model.MakeKey
	}
	return model.BindWorkflow
}
