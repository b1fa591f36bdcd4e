package model

import (
	"context"
	"slices"
)

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
