package model

import (
	"context"
	"slices"
	"time"
)

// MaxGrace is the longest time for which a replaced secret may go on working.
const MaxGrace = 30 * 24 * time.Hour

// maxRetiring bounds the replaced secrets of one slot that are kept.
const maxRetiring = 8

// cutOff is until when a secret works that was replaced without a grace period,
// ended by that, or was past its grace period when the next one was replaced: a
// time that no clock comes back to. It is kept so that a call that still uses it
// is told from one with a secret that never was.
const cutOff Instant = 1

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

// retire moves the slot's secret into its grace period, or cuts it off with those
// that are in theirs. Where there are too many, those go that ended first.
func (s *Slot) retire(now Instant, grace time.Duration) error {
	list := slices.Clone(s.Grace())
	until := now + Instant(grace)
	if grace == 0 {
		until = cutOff
	}
	for i := range list {
		if grace == 0 || past(list[i].Until, now) {
			list[i].Until = cutOff
		}
	}
	for len(list) >= maxRetiring {
		i := slices.IndexFunc(list, func(r Retiring) bool { return past(r.Until, now) })
		if i < 0 {
			return Invalid("grace", "%d replaced secrets of this slot still work: wait for one to end, or regenerate without a grace period, which ends them all", maxRetiring)
		}
		list = slices.Delete(list, i, i+1)
	}
	s.setGrace(append(list, Retiring{s.Digest, s.Hint, until}))
	return nil
}
