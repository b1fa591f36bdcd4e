package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// KeyBulk is what to do to several keys. One of Enable, Disable and Delete may
// be set; Permit and Forbid name workflows.
type KeyBulk struct {
	Enable  bool     `json:"enable,omitempty"`
	Disable bool     `json:"disable,omitempty"`
	Delete  bool     `json:"delete,omitempty"`
	Permit  []string `json:"permit,omitempty"`
	Forbid  []string `json:"forbid,omitempty"`
}

func (b KeyBulk) action() Action {
	switch {
	case b.Enable:
		return KeyEnabledAction
	case b.Disable:
		return KeyDisabledAction
	case b.Delete:
		return KeyDeletedAction
	}
	return KeyEdited
}

// check refuses what contradicts itself.
func (b KeyBulk) check() error {
	n := 0
	for _, set := range []bool{b.Enable, b.Disable, b.Delete} {
		if set {
			n++
		}
	}
	if n > 1 || b.Delete && len(b.Permit)+len(b.Forbid) > 0 {
		return Invalid("bulk", "several keys are enabled, disabled or deleted: choose one")
	}
	if n == 0 && len(b.Permit)+len(b.Forbid) == 0 {
		return Invalid("bulk", "there is nothing to do to the keys: say what")
	}
	return nil
}

// BulkResult is what bulk work did before it ended: the names of the keys that
// are as they were to be, in the order asked for.
type BulkResult struct {
	Done    []string `json:"done"`
	Changed int      `json:"changed"` // those of them that were not so before
}

// ChangeKeys does the same to several keys, named or by id, in batches of at
// most MaxBatch that are each done whole or not at all, with an audit entry for
// each key. The result says what was done also when the error is not nil: the
// batches before the one that failed. Errors are those of EditKey.
//
// A name that is there twice counts once.
func (s *Session) ChangeKeys(ctx context.Context, refs []string, b KeyBulk) (BulkResult, error) {
	out := BulkResult{Done: []string{}}
	if err := b.check(); err != nil {
		return out, err
	}
	if err := s.allFound(refs); err != nil { // better nothing than half for a slip of the pen
		return out, err
	}
	size := MaxBatch
	for len(refs) > 0 {
		batch := refs[:min(size, len(refs))]
		names, changed, err := s.changeKeys(ctx, batch, b)
		if errors.Is(err, ErrTooLarge) && len(batch) > 1 {
			size = len(batch) / 2
			continue
		}
		if err != nil {
			return out, err
		}
		out.Done = append(out.Done, names...)
		out.Changed += changed
		refs = refs[len(batch):]
	}
	return out, nil
}

func (s *Session) allFound(refs []string) error {
	return s.service.read(func(st *state) error {
		for _, ref := range refs {
			if _, err := st.key(ref); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Session) changeKeys(ctx context.Context, refs []string, b KeyBulk) (names []string, changed int, err error) {
	err = s.change(ctx, b.action(), func(st *state, now Instant) (*plan, error) {
		p := &plan{}
		names = names[:0]
		var seen []ID
		for _, ref := range refs {
			before, err := st.key(ref)
			if err != nil {
				return nil, err
			}
			if slices.Contains(seen, before.ID) {
				continue
			}
			seen, names = append(seen, before.ID), append(names, before.Name)
			after := before.clone()
			if err := st.alterInBulk(after, b); err != nil {
				return nil, err
			}
			if same(before, after) {
				continue
			}
			after.Changed = later(before.Changed, now)
			p.putKey(before, after)
			p.each = append(p.each, b.action())
		}
		changed = len(p.each)
		return p, nil
	})
	return names, changed, err
}

func (st *state) alterInBulk(k *Key, b KeyBulk) error {
	switch {
	case b.Enable:
		k.State = Enabled
	case b.Disable:
		k.State = Disabled
	case b.Delete:
		k.State = Deleted
	}
	return st.editRights(k, KeyEdit{Permit: b.Permit, Forbid: b.Forbid}, 0)
}

// PurgeAfter is how long a deleted key stays on record at least: its secrets are
// denied as those of a deleted key, and it can be told who they were.
const PurgeAfter = 14 * 24 * time.Hour

// Purge removes the keys that were deleted before PurgeAfter, or longer ago
// still where age is longer, and their digests with them: whoever presents one
// is unknown from then on. It works in batches, with an audit entry for each
// key, and returns how many keys are gone, also when the error is not nil.
func (s *Session) Purge(ctx context.Context, age time.Duration) (keys int, err error) {
	if age == 0 {
		age = PurgeAfter
	}
	if age < PurgeAfter {
		return 0, Invalid("older-than", "a deleted key stays on record for %d days at least: say %dd or more", PurgeAfter/(24*time.Hour), PurgeAfter/(24*time.Hour))
	}
	size := MaxBatch
	for {
		n, err := s.purge(ctx, age, size)
		switch {
		case errors.Is(err, ErrTooLarge) && size > 1:
			size /= 2
			continue
		case err != nil:
			return keys, fmt.Errorf("purging deleted keys (%d are gone): %w", keys, err)
		case n == 0:
			return keys, nil
		}
		keys += n
	}
}

func (s *Session) purge(ctx context.Context, age time.Duration, most int) (keys int, err error) {
	var gone []ID
	err = s.change(ctx, KeyPurged, func(st *state, now Instant) (*plan, error) {
		p := &plan{}
		gone = gone[:0]
		before := At(now.Time().Add(-age))
		for _, k := range st.keys {
			if k.State == Deleted && k.Changed < before && len(gone) < most {
				p.putKey(k, nil)
				p.each = append(p.each, KeyPurged)
				gone = append(gone, k.ID)
			}
		}
		return p, nil
	})
	if err != nil {
		return 0, err
	}
	for _, id := range gone {
		s.service.usage.forget(id)
	}
	return len(gone), nil
}

// Settled is what became of a change whose answer was lost.
type Settled struct {
	Done    bool     `json:"done"` // false: it was not made, and never will be
	Objects []Object `json:"objects,omitempty"`
}

// settleSteps bounds how many entries are looked through for those of a change:
// as many commits as a store remembers the ids of.
const settleSteps = 4096

// Settle decides for good what became of the change with that request id. After
// a change that was not made, another attempt needs another id. It may be asked
// again: the answer stays the same.
func (s *Session) Settle(ctx context.Context, request string) (Settled, error) {
	svc := s.service
	select {
	case <-svc.queue:
		defer func() { svc.queue <- struct{}{} }()
	case <-ctx.Done():
		return Settled{}, ctx.Err()
	}
	_, taken, err := svc.store.Settle(ctx, Change{ID: request})
	if err != nil || !taken {
		return Settled{}, err
	}
	// The id may have been taken by an earlier Settle whose answer was lost. A
	// change that was made has its entries.
	objects, err := svc.objectsOf(ctx, request)
	return Settled{Done: len(objects) > 0, Objects: objects}, err
}

// objectsOf returns what the change with that request id was about.
func (s *Service) objectsOf(ctx context.Context, request string) ([]Object, error) {
	var head Head
	if err := s.read(func(st *state) error { head = st.head; return nil }); err != nil {
		return nil, err
	}
	const step = 256
	var objects []Object
	for upper := head.Seq; upper > 0 && upper+settleSteps > head.Seq; {
		lower := max(1, upper-min(upper, step)+1)
		entries, err := s.store.Entries(ctx, lower, upper)
		if err != nil {
			return nil, err
		}
		var part []Object
		for _, e := range entries {
			if e.Request == request {
				part = append(part, e.Object)
			}
		}
		objects = append(part, objects...)
		if len(objects) > 0 && len(part) < len(entries) && (len(part) == 0 || entries[0].Request != request) {
			return objects, nil // where it begins has been seen
		}
		upper = lower - 1
	}
	return objects, nil
}
