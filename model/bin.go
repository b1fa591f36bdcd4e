package model

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// The bin is where deleted keys are until Purge takes them: their secrets are
// denied as those of a deleted key, and each can be brought back.

// DeletedKey is a key in the bin. What it says of the key holds once that is
// restored; its certificates and workflows may be gone by then.
type DeletedKey struct {
	ID              ID      `json:"id"`
	Name            string  `json:"name"`
	Kind            Kind    `json:"kind"`
	Environment     string  `json:"environment"`               // the target environment; "": any, or none that is still there
	EnvironmentGone bool    `json:"environmentGone,omitempty"` // the target was deleted: the key cannot be restored
	Production      bool    `json:"production"`                // it may invoke production, once it is restored and enabled
	WorkflowCount   int     `json:"workflowCount"`
	Created         Instant `json:"created"`
	Deleted         Instant `json:"deleted"`
	PurgedFrom      Instant `json:"purgedFrom"`          // Purge takes it from then on
	NameTaken       bool    `json:"nameTaken,omitempty"` // another key has its name: it is restored under another
}

// BinQuery says which deleted keys to list.
type BinQuery struct {
	Offset int `json:"offset,omitempty"`
	Limit  int `json:"limit,omitempty"` // at most MaxPage, which zero means too
}

// BinPage is part of the list of deleted keys, those deleted last first.
type BinPage struct {
	Keys  []DeletedKey `json:"keys"`
	Total int          `json:"total"`
}

// DeletedKeys returns part of what is in the bin.
func (s *Session) DeletedKeys(ctx context.Context, q BinQuery) (BinPage, error) {
	if err := ctx.Err(); err != nil {
		return BinPage{}, err
	}
	if q.Limit <= 0 || q.Limit > MaxPage {
		q.Limit = MaxPage
	}
	page := BinPage{Keys: []DeletedKey{}}
	return page, s.service.read(func(st *state) error {
		bin := s.service.bin(st)
		page.Total = len(bin)
		from := min(max(q.Offset, 0), len(bin))
		for _, k := range bin[from:min(from+q.Limit, len(bin))] {
			page.Keys = append(page.Keys, st.deletedKey(k))
		}
		return nil
	})
}

// bin lists the deleted keys, those deleted last first.
func (st *state) bin() []*Key {
	left := len(st.keys) - len(st.names)
	bin := make([]*Key, 0, left)
	if left == 0 {
		return bin
	}
	for _, k := range st.keys {
		if k.State == Deleted {
			bin = append(bin, k)
		}
	}
	slices.SortFunc(bin, func(a, b *Key) int { return cmp.Or(-cmp.Compare(a.Changed, b.Changed), cmp.Compare(a.ID, b.ID)) })
	return bin
}

func (st *state) deletedKey(k *Key) DeletedKey {
	other, err := st.key(k.Name)
	return DeletedKey{
		ID: k.ID, Name: k.Name, Kind: k.Kind, Environment: st.environmentName(k.Environment), EnvironmentGone: st.targetGone(k),
		Production:    k.Environment == 0 || k.Environment == st.snapshot.environments.production.ID,
		WorkflowCount: st.workflowCount(k), Created: k.Created,
		Deleted:    k.Changed, // nothing changes a deleted key
		PurgedFrom: At(k.Changed.Time().Add(PurgeAfter)), NameTaken: err == nil && other.ID != k.ID,
	}
}

// targetGone reports whether the key's target environment was deleted.
func (st *state) targetGone(k *Key) bool {
	return k.Environment != 0 && st.snapshot.environments.byID[k.Environment] == nil
}

// deleted finds a key in the bin by id or by name, as key does among the others.
// ErrConflict when several have that name.
func (st *state) deleted(ref string) (*Key, error) {
	if id, ok := ParseID(ref); ok {
		if k := st.keys.of(id); k != nil && k.State == Deleted {
			return k, nil
		}
	}
	var found []*Key
	for _, k := range st.bin() {
		if compareFold(k.Name, ref) == 0 {
			found = append(found, k)
		}
	}
	switch len(found) {
	case 0:
		return nil, &objectError{ErrNotFound, "there is no deleted key called \"" + Clean(ref) + "\": see keyward key list --deleted"}
	case 1:
		return found[0], nil
	}
	return nil, conflict("%d deleted keys are called %q: say which by its id (keyward key list --deleted --json)", len(found), found[0].Name)
}

// RestoredKey is a key that came back from the bin.
type RestoredKey struct {
	KeyInfo
	// Emptied are the slots whose certificate belongs to another key by now. It
	// is not known, and empty, where the answer to the change was lost.
	Emptied []SlotName `json:"emptied"`
}

// RestoreKey brings a deleted key back, disabled: whoever still has its secrets
// may not use them before somebody enables it. It comes back with its rights, but
// for workflows that are gone; a certificate that another key has by now is left
// out. name is the one it gets, "" its own.
//
// ErrNotFound when no deleted key is called ref; ErrConflict when several are,
// when the name is taken, and when the key's target environment is gone, since
// without a target it could invoke every one.
func (s *Session) RestoreKey(ctx context.Context, ref, name string) (RestoredKey, error) {
	out := RestoredKey{}
	info, err := s.changeKey(ctx, KeyRestored, func(st *state, now Instant, p *plan) (*Key, error) {
		before, err := st.deleted(ref)
		if err != nil {
			return nil, err
		}
		after := before.clone()
		after.State = Disabled
		if name != "" {
			after.Name = name
		}
		if err := st.checkKeyName(after.Name, after.ID); err != nil {
			return nil, err
		}
		if st.targetGone(after) {
			return nil, conflict("the environment that the key %q was for is deleted: make a new key in its place", after.Name)
		}
		if err := st.settleWorkflows(after); err != nil {
			return nil, err
		}
		out.Emptied = st.emptyTaken(after)
		after.Changed = later(before.Changed, now)
		p.putKey(before, after)
		return after, nil
	})
	out.KeyInfo = info
	return out, err
}

// emptyTaken empties the slots whose certificate another key has.
func (st *state) emptyTaken(k *Key) []SlotName {
	emptied := []SlotName{}
	if k.Kind != CertificateKey {
		return emptied
	}
	for _, n := range SlotNames {
		slot := k.Slot(n)
		if _, taken := st.snapshot.certificates.find(&slot.Digest); taken && !slot.Digest.IsZero() {
			*slot = Slot{}
			emptied = append(emptied, n)
		}
	}
	return emptied
}

// PurgeableIn returns how long it is until Purge takes a key that was deleted
// then; 0 when it takes it now.
func PurgeableIn(deleted Instant, now time.Time) time.Duration {
	return max(deleted.Time().Add(PurgeAfter).Sub(now), 0)
}
