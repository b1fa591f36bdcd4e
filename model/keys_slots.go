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
