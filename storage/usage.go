package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"dev.keyward/keyward/model"
)

// Usage returns what is on record of the use of each of ids, in their order. A
// record that is not there, or that cannot be read, is one without calls: nothing
// is decided from it, and it is written anew with the next use.
func (s *Store) Usage(ctx context.Context, ids []model.UsageID) ([]model.Usage, error) {
	list := make([]model.Usage, 0, len(ids))
	keys := make([]string, 0, min(len(ids), s.kv.Limits().Keys))
	for from := 0; from < len(ids); from += cap(keys) {
		keys = keys[:0]
		for _, id := range ids[from:min(from+cap(keys), len(ids))] {
			keys = append(keys, useKey(id))
		}
		entries, _, err := s.kv.Get(ctx, keys...)
		if err != nil {
			return nil, fmt.Errorf("reading how keys were used: %w", away(err))
		}
		for i, e := range entries {
			list = append(list, s.usage(ids[from+i], e))
		}
	}
	return list, nil
}

// LastUses returns when the slots of keys were last used, as far as that is on
// record and can be read.
func (s *Store) LastUses(ctx context.Context) (*model.LastUses, error) {
	if last := s.last.Swap(nil); last != nil {
		return last, nil
	}
	last := &model.LastUses{}
	_, err := s.kv.Snapshot(ctx, []string{usagePrefix}, func(entries []Entry) error {
		for _, e := range entries {
			s.note(last, e.Key, e.Value)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading how keys were used: %w", away(err))
	}
	return last, nil
}

// note notes what the record of use under key says, where that is one of a slot.
func (c codec) note(last *model.LastUses, key string, value []byte) {
	id, slot, _ := strings.Cut(strings.TrimPrefix(key, usagePrefix), "/")
	for _, n := range model.SlotNames {
		if n.String() != slot {
			continue
		}
		var u struct {
			Last model.Instant `json:"last"`
		}
		if parsed, ok := model.ParseID(id); ok && c.brief.Unmarshal(value, &u) == nil {
			last.Note(parsed, n, u.Last)
		}
	}
}

func (s *Store) usage(id model.UsageID, e Entry) model.Usage {
	var u model.Usage
	if e.Rev == 0 || s.dec.Unmarshal(e.Value, &u) != nil || u.UsageID() != id {
		return id.Unused()
	}
	return u
}

// PutUsage keeps what is known of the use of some slots and workflows.
// model.ErrUnknownOutcome means that it may be kept or not, or will be.
func (s *Store) PutUsage(ctx context.Context, list []model.Usage) error {
	var tx Tx
	for _, u := range list {
		tx.Writes = append(tx.Writes, Write{Key: useKey(u.UsageID()), Value: s.encode(u)})
	}
	if len(tx.Writes) == 0 {
		return nil
	}
	switch _, err := s.kv.Commit(ctx, tx); {
	case err == nil:
		return nil
	case errors.Is(err, ErrUnknown):
		return fmt.Errorf("writing how keys were used: %w: %w", model.ErrUnknownOutcome, err)
	default:
		return fmt.Errorf("writing how keys were used: %w", away(err))
	}
}
