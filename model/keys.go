package model

import (
	"context"
	"slices"
	"time"
)

// MaxGrace is the longest time for which a replaced secret may go on working.
const MaxGrace = 30 * 24 * time.Hour

// maxRetiring bounds the replaced secrets of one slot that still work.
const maxRetiring = 8

// maxPermitted bounds a key's permitted workflows; it keeps the record of a key
// well under a store's largest value.
const maxPermitted = 2000

// Key returns everything about the key with that name or id; ErrNotFound when
// there is none.
func (s *Session) Key(ctx context.Context, ref string) (KeyInfo, error) {
	if err := ctx.Err(); err != nil {
		return KeyInfo{}, err
	}
	var info KeyInfo
	err := s.service.read(func(st *state) error {
		k, err := st.key(ref)
		if err == nil {
			info = st.keyInfo(k, s.service.now())
		}
		return err
	})
	if err == nil {
		err = s.service.withUsage(ctx, &info)
	}
	return info, err
}

// CreateKey makes a key, enabled. ErrConflict when the name is taken or a
// certificate belongs to another slot already; ErrNotFound when a workflow or
// the environment is missing; ErrInvalid for the rest.
func (s *Session) CreateKey(ctx context.Context, d KeyDraft) (KeyInfo, error) {
	return s.changeKey(ctx, KeyCreated, func(st *state, now Instant, p *plan) (*Key, error) {
		id, err := NewID(s.service.random)
		if err != nil {
			return nil, err
		}
		k := &Key{ID: id, Kind: d.Kind, State: Enabled, NoQuery: d.NoQuery, Created: now}
		if err := st.fillKey(k, d, now, p); err != nil {
			return nil, err
		}
		p.putKey(nil, k)
		return k, nil
	})
}

func (st *state) fillKey(k *Key, d KeyDraft, now Instant, p *plan) error {
	if d.Kind != TokenKey && d.Kind != CertificateKey {
		return Invalid("kind", "a key is token-based or certificate-based: choose one")
	}
	if err := st.checkKeyName(d.Name, k.ID); err != nil {
		return err
	}
	k.Name, k.Changed = d.Name, now
	if err := st.setEnvironment(k, d.Environment); err != nil {
		return err
	}
	if err := k.setExpires(d.Expires, now); err != nil {
		return err
	}
	if err := st.permit(k, d.Workflows); err != nil {
		return err
	}
	if err := st.settleWorkflows(k); err != nil {
		return err
	}
	if d.Primary.IsZero() || d.Kind == TokenKey && d.Secondary.IsZero() {
		return Invalid("primary", "a %s key needs its %s first", d.Kind, d.Kind.thing())
	}
	if err := st.hold(k, Primary, d.Primary, now, p); err != nil {
		return err
	}
	if d.Secondary.IsZero() {
		return nil
	}
	return st.hold(k, Secondary, d.Secondary, now, p)
}

// thing names what a key of this kind holds in a slot.
func (k Kind) thing() string {
	if k == CertificateKey {
		return "certificate"
	}
	return "secret"
}

// hold puts h into a slot that may hold something already.
func (st *state) hold(k *Key, n SlotName, h Holding, now Instant, p *plan) error {
	slot := k.Slot(n)
	if k.Kind == TokenKey {
		if h.Digest.IsZero() || h.Certificate != nil {
			return Invalid(n.String(), "a token key holds a secret in its %s slot, not a certificate", n)
		}
		slot.Digest, slot.Hint, slot.Created = h.Digest, h.Hint, now
		return nil
	}
	if h.Certificate == nil {
		return Invalid(n.String(), "a certificate key holds a certificate in its %s slot, not a secret", n)
	}
	cert := *h.Certificate
	digest := cert.SHA256
	if err := st.certificateFree(k, n, digest); err != nil {
		return err
	}
	if cert.Expired(now.Time()) {
		return Invalid("certificate", "the certificate expired %s: use one that is valid", At(cert.NotAfter).Text())
	}
	p.change.Certificates = append(p.change.Certificates, h.Certificate)
	cert.DER = nil // the store keeps it apart, so that a million keys fit in memory
	*slot = Slot{Digest: digest, Created: now, Certificate: &cert}
	return nil
}

// certificateFree says which slot of which key has the certificate already: it
// belongs to one slot of one key.
func (st *state) certificateFree(k *Key, n SlotName, d Digest) error {
	if e, found := st.snapshot.certificates.find(&d); found && !(e.key.ID == k.ID && e.slot == n) {
		return conflict("the certificate is the %s one of the key %q already: a certificate belongs to one slot of one key", e.slot, e.key.Name)
	}
	if k.Slot(n.Other()).Digest == d {
		return conflict("the certificate is this key's %s one already: a certificate belongs to one slot of one key", n.Other())
	}
	return nil
}

func (st *state) setEnvironment(k *Key, ref string) error {
	if ref == "" {
		k.Environment = 0
		return nil
	}
	e, err := st.environment(ref)
	if err == nil {
		k.Environment = e.ID
	}
	return err
}

func (k *Key) setExpires(t time.Time, now Instant) error {
	if !t.IsZero() && At(t) <= now {
		return pastExpiry(t)
	}
	k.Expires = At(t)
	return nil
}

// permit adds workflows, which must be bound, to the permitted ones.
func (st *state) permit(k *Key, refs []string) error {
	ids := slices.Clone(k.Workflows)
	for _, ref := range refs {
		w, err := st.workflow(ref)
		if err != nil {
			return err
		}
		if !w.Bound() {
			return Invalid("workflows", "the workflow %q is not bound to a REST path, and only bound workflows can be permitted: keyward workflow edit %q --method GET --path /…", w.Name, w.Name)
		}
		ids = append(ids, w.ID)
	}
	k.Workflows = sortIDs(ids)
	return nil
}

// settleWorkflows drops permissions for workflows that are gone, and bounds the
// rest.
func (st *state) settleWorkflows(k *Key) error {
	k.Workflows = slices.DeleteFunc(slices.Clone(k.Workflows), func(id ID) bool { return st.snapshot.workflows[id] == nil })
	if len(k.Workflows) > maxPermitted {
		return Invalid("workflows", "a key may permit %d workflows at most", maxPermitted)
	}
	return nil
}

func (st *state) forbid(k *Key, refs []string) error {
	for _, ref := range refs {
		w, err := st.workflow(ref)
		if err != nil {
			return err
		}
		k.Workflows = slices.DeleteFunc(slices.Clone(k.Workflows), func(id ID) bool { return id == w.ID })
	}
	return nil
}

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

// unbound keeps of a key's permitted workflows those that have lost their
// binding: no list shows them for choosing, so that choosing anew does not
// speak of them.
func (st *state) unbound(ids []ID) []ID {
	return slices.DeleteFunc(slices.Clone(ids), func(id ID) bool {
		w := st.snapshot.workflows[id]
		return w == nil || w.Bound()
	})
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

// SetKeyEnabled lets the key work, or stops it; a key that is so already stays
// so without a change. It is in force before it returns.
func (s *Session) SetKeyEnabled(ctx context.Context, ref string, enabled bool) (KeyInfo, error) {
	action, to := KeyDisabledAction, Disabled
	if enabled {
		action, to = KeyEnabledAction, Enabled
	}
	return s.alterKey(ctx, action, ref, func(_ *state, _ Instant, k *Key, _ *plan) error {
		k.State = to
		return nil
	})
}

// RegenerateKey puts a new secret into a token key's slot; the other slot is
// not touched. The old secret works for grace longer, 0 to MaxGrace. Without a
// grace the slot's earlier secrets that were still in theirs end as well.
func (s *Session) RegenerateKey(ctx context.Context, ref string, n SlotName, h Holding, grace time.Duration) (KeyInfo, error) {
	return s.alterKey(ctx, KeyRegenerated, ref, func(st *state, now Instant, k *Key, p *plan) error {
		switch {
		case n == NoSlot:
			return Invalid("slot", "say which slot to regenerate: primary or secondary")
		case k.Kind != TokenKey:
			return Invalid("slot", "the key %q is certificate-based and has no secret: replace its certificate instead", k.Name)
		case grace < 0 || grace > MaxGrace:
			return Invalid("grace", "the grace period is between 0 and %d days", MaxGrace/(24*time.Hour))
		}
		if err := k.Slot(n).retire(now, grace); err != nil {
			return err
		}
		return st.hold(k, n, h, now, p)
	})
}

// retire moves the slot's secret into its grace period, or drops it.
func (s *Slot) retire(now Instant, grace time.Duration) error {
	if grace == 0 {
		s.Retiring = nil
		return nil
	}
	list := slices.DeleteFunc(slices.Clone(s.Grace()), func(r Retiring) bool { return past(r.Until, now) })
	if len(list) == maxRetiring {
		return Invalid("grace", "%d replaced secrets of this slot still work: wait for one to end, or regenerate without a grace period, which ends them all", maxRetiring)
	}
	s.setGrace(append(list, Retiring{s.Digest, s.Hint, now + Instant(grace)}))
	return nil
}

// DeleteKey ends a key: it goes into the bin, from which RestoreKey brings it
// back until Purge takes it. Its name is free at once; its secrets stay on record
// as deleted, its certificates may be registered anew.
func (s *Session) DeleteKey(ctx context.Context, ref string) error {
	_, err := s.alterKey(ctx, KeyDeletedAction, ref, func(_ *state, _ Instant, k *Key, _ *plan) error {
		k.State = Deleted
		return nil
	})
	return err
}

// alterKey changes a copy of the key with that name or id.
func (s *Session) alterKey(ctx context.Context, action Action, ref string, alter func(*state, Instant, *Key, *plan) error) (KeyInfo, error) {
	return s.changeKey(ctx, action, func(st *state, now Instant, p *plan) (*Key, error) {
		before, err := st.key(ref)
		if err != nil {
			return nil, err
		}
		after := before.clone()
		if err := alter(st, now, after, p); err != nil {
			return nil, err
		}
		if same(before, after) {
			return before, nil
		}
		after.Changed = later(before.Changed, now)
		p.putKey(before, after)
		return after, nil
	})
}

// later returns now, or the instant after before where the clock stands or
// jumped back: Changed tells two versions of a record apart.
func later(before, now Instant) Instant { return max(now, before+1) }

func same(a, b *Key) bool {
	return a.Name == b.Name && a.State == b.State && a.NoQuery == b.NoQuery && a.Environment == b.Environment &&
		a.Expires == b.Expires && slices.Equal(a.Workflows, b.Workflows) && sameSlot(&a.Primary, &b.Primary) && sameSlot(&a.Secondary, &b.Secondary)
}

func sameSlot(a, b *Slot) bool {
	return a.Digest == b.Digest && slices.Equal(a.Grace(), b.Grace())
}

// changeKey runs one change that is about one key and returns that key.
func (s *Session) changeKey(ctx context.Context, action Action, decide func(*state, Instant, *plan) (*Key, error)) (KeyInfo, error) {
	var id ID
	err := s.change(ctx, action, func(st *state, now Instant) (*plan, error) {
		p := &plan{}
		k, err := decide(st, now, p)
		if err != nil {
			return nil, err
		}
		id = k.ID
		return p, nil
	})
	if err != nil {
		return KeyInfo{}, err
	}
	var info KeyInfo
	_ = s.service.read(func(st *state) error {
		if k := st.keys.of(id); k != nil {
			info = st.keyInfo(k, s.service.now())
		}
		return nil
	})
	// The change is made, whether its caller waits and whether its use can be read.
	_ = s.service.withUsage(context.WithoutCancel(ctx), &info)
	return info, nil
}
