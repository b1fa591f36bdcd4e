package model

import (
	"fmt"
	"maps"
	"sync/atomic"
)

// Replica is the enforcement state of a store that another process owns: what
// an attached endpoint decides from. Apply is for one goroutine at a time;
// Snapshot may be called from any. The zero value is empty and has no snapshot.
type Replica struct {
	snapshot atomic.Pointer[Snapshot]

	keys         map[ID]*Key
	workflows    map[ID]*Workflow
	environments map[ID]*Environment
	base         bool // a base is being received
}

// Snapshot returns the newest index, nil before the first base is whole.
func (r *Replica) Snapshot() *Snapshot { return r.snapshot.Load() }

// Apply takes the next update. The error means that it does not fit what came
// before: the receiver begins anew, with a base, and decides from what it has
// meanwhile.
func (r *Replica) Apply(u Update) error {
	if u.Base || r.base {
		return r.applyBase(u)
	}
	old := r.snapshot.Load()
	if old == nil || u.Head.Seq <= old.seq {
		return fmt.Errorf("following the store: change %d came out of turn", u.Head.Seq)
	}
	next, err := r.after(old, u)
	if err != nil {
		return err
	}
	next.seq = u.Head.Seq
	r.snapshot.Store(next)
	return nil
}

func (r *Replica) applyBase(u Update) error {
	if u.Base && !r.base {
		r.keys, r.workflows, r.environments = map[ID]*Key{}, map[ID]*Workflow{}, map[ID]*Environment{}
	}
	r.base = u.More
	put(r.keys, u.Records.Keys, func(k *Key) ID { return k.ID })
	put(r.workflows, u.Records.Workflows, func(w *Workflow) ID { return w.ID })
	put(r.environments, u.Records.Environments, func(e *Environment) ID { return e.ID })
	if u.More {
		return nil
	}
	next, err := NewSnapshot(u.Head.Seq, values(r.environments), values(r.workflows), maps.Values(r.keys))
	if err != nil {
		return fmt.Errorf("following the store: %w", err)
	}
	r.snapshot.Store(next)
	return nil
}

// after returns the snapshot that an update makes of old.
func (r *Replica) after(old *Snapshot, u Update) (*Snapshot, error) {
	next := *old
	snapshot := &next
	for _, k := range u.Records.Keys {
		snapshot = snapshot.withKey(r.keys[k.ID], k)
		r.keys[k.ID] = k
	}
	workflows, environments := len(u.Records.Workflows) > 0, len(u.Records.Environments) > 0
	put(r.workflows, u.Records.Workflows, func(w *Workflow) ID { return w.ID })
	put(r.environments, u.Records.Environments, func(e *Environment) ID { return e.ID })
	for _, id := range u.Gone {
		if k := r.keys[id]; k != nil {
			snapshot = snapshot.withKey(k, nil)
			delete(r.keys, id)
		}
		if r.workflows[id] != nil {
			workflows = true
			delete(r.workflows, id)
		}
		if r.environments[id] != nil {
			environments = true
			delete(r.environments, id)
		}
	}
	var err error
	if workflows {
		if snapshot, err = snapshot.withWorkflows(values(r.workflows)); err != nil {
			return nil, err
		}
	}
	if environments {
		snapshot, err = snapshot.withEnvironments(values(r.environments))
	}
	return snapshot, err
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
