package tui

import (
	"context"
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// heldCertificate is the certificate in a slot with its DER, which alone can be
// put in again; nil where there is none, or it cannot be had now.
func (rt *runtime) heldCertificate(ctx context.Context, k model.KeyInfo, slot model.SlotName) *model.Certificate {
	if k.Slot(slot).Certificate == nil {
		return nil
	}
	c, err := rt.Backend.Certificate(ctx, k.ID.String(), slot)
	if err != nil || c.SHA256 != k.Slot(slot).Certificate.SHA256 {
		return nil
	}
	return &c
}

// undoCertificate puts the slot back to what it held: the certificate old, or
// nothing.
func (rt *runtime) undoCertificate(before, after model.KeyInfo, slot model.SlotName, old *model.Certificate) *undo {
	name := fmt.Sprintf("%q", after.Name)
	switch was := before.Slot(slot).Certificate; {
	case before.Changed == after.Changed: // it was so already
		return nil
	case was != nil && was.Expired(rt.Now()):
		return &undo{never: fmt.Sprintf("That cannot be taken back: the %s certificate that %s had has expired, and none that has is put in.", slot, name)}
	case was != nil && old == nil:
		return &undo{never: fmt.Sprintf("That cannot be taken back: the %s certificate that %s had could not be read.", slot, name)}
	}
	u := &undo{until: rt.Now().Add(undoTime), keys: []undoKey{undoOfKey(after)},
		what: fmt.Sprintf("putting a certificate into %s", name),
		done: fmt.Sprintf("The %s slot of %s is empty again: calls with the certificate are refused.", slot, name)}
	if old != nil {
		u.done = fmt.Sprintf("%s has its %s certificate again.", name, slot)
	}
	switch {
	case after.Slot(slot).Empty:
		u.what = fmt.Sprintf("removing a certificate of %s", name)
	case old != nil:
		u.what = fmt.Sprintf("replacing a certificate of %s", name)
	}
	u.back = func(ctx context.Context) tea.Msg {
		return takenBack(ctx, after.Name, after.Changed, rt.keyChanged(after.ID), func(ctx context.Context) error {
			_, err := rt.Backend.EditKey(ctx, after.ID.String(), model.KeyEdit{Slot: slot, Certificate: old, Seen: after.Changed})
			return err
		}, u)
	}
	return u
}

// keyChanged asks when a key was changed last.
func (rt *runtime) keyChanged(id model.ID) func(ctx context.Context) (model.Instant, error) {
	return func(ctx context.Context) (model.Instant, error) {
		k, err := rt.Backend.Key(ctx, id.String())
		return k.Changed, err
	}
}

// undoNever says that a secret which was made anew stays so.
func undoNever(k model.KeyInfo, slot model.SlotName) *undo {
	text := fmt.Sprintf("A regenerated secret cannot be taken back: the old %s one of %q is not kept.", slot, k.Name)
	if old := k.Slot(slot).Retiring; len(old) > 0 {
		text += " It works until " + old[len(old)-1].Until.Text() + "."
	}
	return &undo{never: text}
}
