package model

import (
	"context"
	"errors"
	"fmt"
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
// A key that is there twice counts once. A key is the one that its name meant
// when the call began, even if it has another name by now.
func (s *Session) ChangeKeys(ctx context.Context, refs []string, b KeyBulk) (BulkResult, error) {
	out := BulkResult{Done: []string{}}
	if err := b.check(); err != nil {
		return out, err
	}
	keys, err := s.keysNamed(refs) // better nothing than half for a slip of the pen
	if err != nil {
		return out, err
	}
	for size, part := MaxBatch, 0; len(keys) > 0; {
		batch := keys[:min(size, len(keys))]
		names, changed, err := s.changeKeys(ctx, part, batch, b)
		if errors.Is(err, ErrTooLarge) && len(batch) > 1 {
			size = len(batch) / 2
			continue
		}
		if err != nil {
			return out, err
		}
		out.Done = append(out.Done, names...)
		out.Changed += changed
		keys = keys[len(batch):]
		if changed > 0 {
			part++
		}
	}
	return out, nil
}

// namedKey is a key with what the caller called it.
type namedKey struct {
	id  ID
	ref string
}

// keysNamed finds each key once, in the order asked for.
func (s *Session) keysNamed(refs []string) ([]namedKey, error) {
	keys, seen := make([]namedKey, 0, len(refs)), make(map[ID]bool, len(refs))
	return keys, s.service.read(func(st *state) error {
		for _, ref := range refs {
			k, err := st.key(ref)
			if err != nil {
				return err
			}
			if !seen[k.ID] {
				seen[k.ID] = true
				keys = append(keys, namedKey{k.ID, ref})
			}
		}
		return nil
	})
}

func (s *Session) changeKeys(ctx context.Context, part int, keys []namedKey, b KeyBulk) (names []string, changed int, err error) {
	err = s.changePart(ctx, part, b.action(), func(st *state, now Instant) (*plan, error) {
		p := &plan{}
		names = names[:0]
		for _, key := range keys {
			before := st.keys.of(key.id)
			if before == nil || before.State == Deleted {
				return nil, notFound("key", key.ref)
			}
			names = append(names, before.Name)
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
	for size, part := MaxBatch, 0; ; part++ {
		n, err := s.purge(ctx, part, age, size)
		switch {
		case errors.Is(err, ErrTooLarge) && size > 1:
			size /= 2
			part-- // it was not used
			continue
		case err != nil:
			return keys, fmt.Errorf("purging deleted keys (%d are gone): %w", keys, err)
		case n == 0:
			return keys, nil
		}
		keys += n
	}
}

func (s *Session) purge(ctx context.Context, part int, age time.Duration, most int) (keys int, err error) {
	var gone []ID
	err = s.changePart(ctx, part, KeyPurged, func(st *state, now Instant) (*plan, error) {
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
		s.service.usage.forget(id, SlotNames[:]...)
	}
	return len(gone), nil
}
