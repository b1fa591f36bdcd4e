package model

import "context"

// EditKey changes what e names and leaves the rest. Errors are those of
// CreateKey; ErrConflict too when e.Seen is not the newest.
func (s *Session) EditKey(ctx context.Context, ref string, e KeyEdit) (KeyInfo, error) {
	return s.alterKey(ctx, KeyEdited, ref, func(st *state, now Instant, k *Key, p *plan) error {
		if err := checkSeen("key", k.Name, e.Seen, k.Changed); err != nil {
			return err
		}
		if e.Name != nil {
			if err := st.checkKeyName(*e.Name, k.ID); err != nil {
				return err
			}
			k.Name = *e.Name
		}
		if e.NoQuery != nil {
			if k.Kind != TokenKey {
				return Invalid("query", "the key %q is certificate-based and has no secret that a query could carry", k.Name)
			}
			k.NoQuery = *e.NoQuery
		}
		if err := st.editRights(k, e, now); err != nil {
			return err
		}
		return st.editCertificate(k, e, now, p)
	})
}

func (st *state) editRights(k *Key, e KeyEdit, now Instant) error {
	if e.Environment != nil {
		if err := st.setEnvironment(k, *e.Environment); err != nil {
			return err
		}
	}
	if e.Expires != nil {
		if err := k.setExpires(*e.Expires, now); err != nil {
			return err
		}
	}
	if e.Workflows != nil {
		k.Workflows = st.unbound(k.Workflows)
		if err := st.permit(k, *e.Workflows); err != nil {
			return err
		}
	}
	if err := st.permit(k, e.Permit); err != nil {
		return err
	}
	if err := st.forbid(k, e.Forbid); err != nil || e.Workflows == nil && e.Permit == nil && e.Forbid == nil {
		return err
	}
	return st.settleWorkflows(k)
}

func (st *state) editCertificate(k *Key, e KeyEdit, now Instant, p *plan) error {
	switch {
	case e.Slot == NoSlot && e.Certificate == nil:
		return nil
	case e.Slot == NoSlot:
		return Invalid("slot", "say which slot the certificate goes into: primary or secondary")
	case k.Kind != CertificateKey:
		return Invalid("slot", "the key %q is token-based: its secrets are regenerated, not replaced by a certificate", k.Name)
	case e.Certificate != nil:
		return st.hold(k, e.Slot, Holding{Certificate: e.Certificate}, now, p)
	case k.Slot(e.Slot.Other()).IsZero():
		return Invalid("slot", "the %s certificate is the key's only one: put another in first, or disable the key", e.Slot)
	}
	*k.Slot(e.Slot) = Slot{}
	return nil
}
