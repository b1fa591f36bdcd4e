package model

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// Snapshot is all that decisions are made from: an immutable index of keys,
// bindings and environments at one point in the order of changes. Any number
// of goroutines may use one; a change makes another.
type Snapshot struct {
	seq          uint64
	secrets      table // of keys in every state: a deleted key's secrets are denied by name
	certificates table
	routes       *router
	workflows    map[ID]*Workflow
	environments *environments
	partial      bool // secrets is empty: whoever decides makes it whole first
}

// environments answers what a request's _profile or Host asks for.
type environments struct {
	byID       map[ID]*Environment
	byName     map[string]*Environment // folded
	byHost     map[string]*Environment // folded
	production *Environment
}

// Seq returns how many changes the snapshot has seen since the store was made.
func (s *Snapshot) Seq() uint64 { return s.seq }

// Routes returns how many bindings the snapshot can match.
func (s *Snapshot) Routes() int { return s.routes.bound }

// NewSnapshot indexes what a store holds, and takes it over. Keys that permit
// the same workflows come to share that set.
func NewSnapshot(seq uint64, envs []*Environment, workflows []*Workflow, keys func(yield func(*Key) bool)) (*Snapshot, error) {
	return newSnapshot(&Snapshot{seq: seq}, envs, workflows, keys)
}

func newSnapshot(s *Snapshot, envs []*Environment, workflows []*Workflow, keys func(yield func(*Key) bool)) (*Snapshot, error) {
	var err error
	if s.environments, err = indexEnvironments(envs); err != nil {
		return nil, err
	}
	if s.routes, s.workflows, err = indexWorkflows(workflows); err != nil {
		return nil, err
	}
	sets := idSets{}
	for k := range keys {
		k.Workflows = sets.shared(k.Workflows)
		if t := s.tableOf(k); t != nil {
			k.entries(t.put)
		}
	}
	return s, nil
}

// whole returns s with the secrets of the keys, which are those of s.
func (s *Snapshot) whole(keys []*Key) *Snapshot {
	if !s.partial {
		return s
	}
	next := *s
	next.partial = false
	for _, k := range keys {
		if k.Kind != CertificateKey {
			k.entries(next.secrets.put)
		}
	}
	return &next
}

// idSets finds sets of ids that were seen before: among many keys few differ,
// and what is shared stays in the processor's cache.
type idSets map[string][]ID

func (s idSets) shared(ids []ID) []ID {
	if len(ids) == 0 {
		return nil
	}
	name := make([]byte, 0, 256)
	for _, id := range ids {
		name = binary.LittleEndian.AppendUint64(name, uint64(id))
	}
	if set, ok := s[string(name)]; ok {
		return set
	}
	s[string(name)] = ids
	return ids
}

// tableOf returns the table that finds the key's slots, nil for none: a deleted
// certificate key is in none, so that its certificates may be registered anew,
// nor is a token key in a partial snapshot, nor no key at all.
func (s *Snapshot) tableOf(k *Key) *table {
	switch {
	case k == nil:
	case k.Kind == CertificateKey && k.State != Deleted:
		return &s.certificates
	case k.Kind != CertificateKey && !s.partial:
		return &s.secrets
	}
	return nil
}

// withKey returns a snapshot in which after stands in place of before; before
// is nil for a new key, after for one that is removed.
func (s *Snapshot) withKey(before, after *Key) *Snapshot {
	next := *s
	if t := next.tableOf(before); t != nil {
		before.entries(func(e tableEntry) { *t = t.without(e.digest(), before.ID) })
	}
	if t := next.tableOf(after); t != nil {
		after.entries(func(e tableEntry) { *t = t.with(e) })
	}
	return &next
}

// begin prepares s, which nobody else has seen yet, for several withKey in a row;
// the last of them is ended before anybody else sees it.
func (s *Snapshot) begin() { s.secrets.edit, s.certificates.edit = editBegun, editBegun }

func (s *Snapshot) end() { s.secrets.edit, s.certificates.edit = noEdit, noEdit }

// withWorkflows returns a snapshot with other workflows.
func (s *Snapshot) withWorkflows(workflows []*Workflow) (*Snapshot, error) {
	next := *s
	var err error
	next.routes, next.workflows, err = indexWorkflows(workflows)
	return &next, err
}

// withEnvironments returns a snapshot with other environments.
func (s *Snapshot) withEnvironments(envs []*Environment) (*Snapshot, error) {
	next := *s
	var err error
	next.environments, err = indexEnvironments(envs)
	return &next, err
}

func indexEnvironments(envs []*Environment) (*environments, error) {
	ix := &environments{
		byID: map[ID]*Environment{}, byName: map[string]*Environment{}, byHost: map[string]*Environment{},
	}
	for _, e := range envs {
		ix.byID[e.ID], ix.byName[Fold(e.Name)] = e, e
		for _, h := range e.Hosts {
			if other := ix.byHost[h]; other != nil {
				return nil, conflict("the host %s belongs to the environment %q already", h, other.Name)
			}
			ix.byHost[h] = e
		}
		if !e.Production {
			continue
		}
		if ix.production != nil {
			return nil, fmt.Errorf("indexing environments: both %q and %q carry the production flag", ix.production.Name, e.Name)
		}
		ix.production = e
	}
	if ix.production == nil {
		return nil, fmt.Errorf("indexing environments: none carries the production flag")
	}
	return ix, nil
}

func indexWorkflows(workflows []*Workflow) (*router, map[ID]*Workflow, error) {
	r, byID := &router{}, make(map[ID]*Workflow, len(workflows))
	for _, w := range workflows {
		byID[w.ID] = w
		if !w.Bound() {
			continue
		}
		binding, err := ParseBinding(w.Method, w.Path)
		if err != nil {
			return nil, nil, fmt.Errorf("indexing the workflow %q: %w", w.Name, err)
		}
		r.add(&route{w, binding})
	}
	return r, byID, nil
}

// Permitted returns the key's permitted workflows that are bound, by name:
// what the key's OpenAPI document lists.
func (s *Snapshot) Permitted(k *Key) []*Workflow {
	var out []*Workflow
	for _, id := range k.Workflows {
		if w := s.workflows[id]; w != nil && w.Bound() {
			out = append(out, w)
		}
	}
	slices.SortFunc(out, func(a, b *Workflow) int { return compareFold(a.Name, b.Name) })
	return out
}
