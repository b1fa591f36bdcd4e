package model

import (
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
)

// Replica is the enforcement state of a store that another process owns: what
// an attached endpoint decides from. Apply is for one goroutine at a time;
// Snapshot may be called from any. The zero value is empty and has no snapshot.
type Replica struct {
	snapshot atomic.Pointer[Snapshot]
	held     copies  // what the snapshot indexes
	coming   *copies // of a base, while it is being received
}

// copies are records as they came.
type copies struct {
	head         Head
	keys         map[ID]*Key
	workflows    map[ID]*Workflow
	environments map[ID]*Environment
}

// Snapshot returns the newest index, nil before the first base is whole.
func (r *Replica) Snapshot() *Snapshot { return r.snapshot.Load() }

// Apply takes the next update, and takes its records over: what a Follower of
// the same process hands out goes through its JSON form first. The error means
// that the update does not fit what came before, and that nothing of it was
// taken: the receiver begins anew, with a base, and decides from what it has
// meanwhile.
func (r *Replica) Apply(u Update) error {
	if err := u.check(); err != nil {
		return err
	}
	if u.Base || r.coming != nil {
		return r.applyBase(u)
	}
	old := r.snapshot.Load()
	if old == nil || u.After != old.seq || u.Head.Seq <= old.seq {
		return outOfTurn(u)
	}
	next, held, err := r.held.after(old, u)
	if err != nil {
		return fmt.Errorf("following the store: %w", err)
	}
	next.seq = u.Head.Seq
	r.held.workflows, r.held.environments = held.workflows, held.environments
	for id, k := range held.keys {
		if k == nil {
			delete(r.held.keys, id)
			continue
		}
		r.held.keys[id] = k
	}
	r.snapshot.Store(next)
	return nil
}

func outOfTurn(u Update) error {
	return fmt.Errorf("following the store: change %d came out of turn", u.Head.Seq)
}

// check refuses records that are none.
func (u *Update) check() error {
	r := &u.Records
	if slices.Contains(r.Keys, nil) || slices.Contains(r.Workflows, nil) || slices.Contains(r.Environments, nil) {
		return fmt.Errorf("following the store: change %d has an empty record", u.Head.Seq)
	}
	return nil
}

// applyBase takes a part of a base. Parts of one base have one head; a part with
// another begins another base, if it says so.
func (r *Replica) applyBase(u Update) error {
	if r.coming == nil || r.coming.head != u.Head {
		r.coming = nil
		if !u.Base {
			return outOfTurn(u)
		}
		r.coming = &copies{u.Head, map[ID]*Key{}, map[ID]*Workflow{}, map[ID]*Environment{}}
	}
	base := r.coming
	put(base.keys, u.Records.Keys, func(k *Key) ID { return k.ID })
	put(base.workflows, u.Records.Workflows, func(w *Workflow) ID { return w.ID })
	put(base.environments, u.Records.Environments, func(e *Environment) ID { return e.ID })
	if u.More {
		return nil
	}
	r.coming = nil
	next, err := NewSnapshot(u.Head.Seq, values(base.environments), values(base.workflows), maps.Values(base.keys))
	if err != nil {
		return fmt.Errorf("following the store: %w", err)
	}
	r.held = *base
	r.snapshot.Store(next)
	return nil
}

// after returns the snapshot that an update makes of old, with the workflows and
// environments that there are then and the keys that the update is about: nil
// for one that is no more. Nothing of c is written to.
func (c *copies) after(old *Snapshot, u Update) (*Snapshot, *copies, error) {
	next := *old
	snapshot := &next
	snapshot.begin()
	keys := make(map[ID]*Key, len(u.Records.Keys)+len(u.Gone))
	change := func(id ID, to *Key) {
		from, again := keys[id]
		if !again {
			from = c.keys[id]
		}
		snapshot = snapshot.withKey(from, to)
		keys[id] = to
	}
	for _, k := range u.Records.Keys {
		change(k.ID, k)
	}
	for _, id := range u.Gone {
		if c.keys[id] != nil {
			change(id, nil)
		}
	}
	snapshot.end()
	held := &copies{keys: keys}
	var moved bool
	var err error
	if held.workflows, moved = changed(c.workflows, u.Records.Workflows, u.Gone, func(w *Workflow) ID { return w.ID }); moved {
		if snapshot, err = snapshot.withWorkflows(values(held.workflows)); err != nil {
			return nil, nil, err
		}
	}
	if held.environments, moved = changed(c.environments, u.Records.Environments, u.Gone, func(e *Environment) ID { return e.ID }); moved {
		snapshot, err = snapshot.withEnvironments(values(held.environments))
	}
	return snapshot, held, err
}

// changed returns old with list put in and gone taken out, and whether that
// changes anything.
func changed[T any](old map[ID]*T, list []*T, gone []ID, id func(*T) ID) (map[ID]*T, bool) {
	moved := len(list) > 0
	for _, g := range gone {
		moved = moved || old[g] != nil
	}
	if !moved {
		return old, false
	}
	next := maps.Clone(old)
	put(next, list, id)
	for _, g := range gone {
		delete(next, g)
	}
	return next, true
}

func put[T any](to map[ID]*T, list []*T, id func(*T) ID) {
	for _, t := range list {
		to[id(t)] = t
	}
}

func values[T any](m map[ID]*T) []*T {
	list := make([]*T, 0, len(m))
	for _, t := range m {
		list = append(list, t)
	}
	return list
}
