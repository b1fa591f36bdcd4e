package model

import (
	"fmt"
	"slices"
	"sync"
)

// state is everything in the store, indexed for people: the decision's own
// index is the snapshot in it.
type state struct {
	head         Head
	snapshot     *Snapshot
	keys         keyIndex    // in every state
	names        []*Key      // those not deleted, by name
	workflows    []*Workflow // by name
	environments []*Environment
	orders       map[KeySort][]*Key // other orders of names, made when first asked for
	held         []held             // the certificates of names by their end, made when first asked for
	lists        *sync.Pool         // the service's, see scratch
}

// newState takes the records over. Nobody decides from its snapshot where that
// is partial.
func newState(head Head, all Records, partial bool) (*state, error) {
	st := &state{
		head:         head,
		keys:         newKeyIndex(all.Keys),
		workflows:    all.Workflows,
		environments: all.Environments,
	}
	st.names = inNames(st.keys)
	slices.SortFunc(st.workflows, func(a, b *Workflow) int { return compareFold(a.Name, b.Name) })
	slices.SortFunc(st.environments, func(a, b *Environment) int { return compareFold(a.Name, b.Name) })
	var err error
	st.snapshot, err = newSnapshot(&Snapshot{seq: head.Seq, partial: partial}, st.environments, st.workflows, slices.Values([]*Key(st.keys)))
	return st, err
}

// key finds a key that is not deleted by id or by name. An id wins, so that no
// name catches what is meant for another key; checkKeyName refuses such a name.
func (st *state) key(ref string) (*Key, error) {
	if id, ok := ParseID(ref); ok {
		if k := st.keys.of(id); k != nil && k.State != Deleted {
			return k, nil
		}
	}
	i, found := slices.BinarySearchFunc(st.names, ref, func(k *Key, name string) int { return compareFold(k.Name, name) })
	if found {
		return st.names[i], nil
	}
	return nil, notFound("key", ref)
}

// workflow finds a workflow by id or by name, as key does.
func (st *state) workflow(ref string) (*Workflow, error) {
	if id, ok := ParseID(ref); ok {
		if w := st.snapshot.workflows[id]; w != nil {
			return w, nil
		}
	}
	i, found := slices.BinarySearchFunc(st.workflows, ref, func(w *Workflow, name string) int { return compareFold(w.Name, name) })
	if found {
		return st.workflows[i], nil
	}
	return nil, notFound("workflow", ref)
}

// environment finds an environment by id or by name, as key does.
func (st *state) environment(ref string) (*Environment, error) {
	if id, ok := ParseID(ref); ok {
		if e := st.snapshot.environments.byID[id]; e != nil {
			return e, nil
		}
	}
	if e := st.snapshot.environments.byName[Fold(ref)]; e != nil {
		return e, nil
	}
	return nil, notFound("environment", ref)
}

// environmentName returns the name of an environment, "" for none.
func (st *state) environmentName(id ID) string {
	if e := st.snapshot.environments.byID[id]; e != nil {
		return e.Name
	}
	return ""
}

// plan is a change with what comes of it: the indexes are made before the
// commit, so that nothing can fail after it.
type plan struct {
	change       Change
	each         []Action       // of a bulk change: what is done to each key; an entry each
	workflows    []*Workflow    // the new list, where workflows change
	environments []*Environment // likewise
	snapshot     *Snapshot
}

func (p *plan) empty() bool {
	c := &p.change
	return len(c.Keys)+len(c.Workflows)+len(c.Environments) == 0
}

func (p *plan) putKey(before, after *Key) {
	p.change.Keys = append(p.change.Keys, Write[Key]{before, after})
}

// index makes the snapshot that holds once the change is made.
func (p *plan) index(st *state) error {
	next := *st.snapshot
	next.seq++
	p.snapshot = &next
	p.snapshot.begin()
	for _, w := range p.change.Keys {
		p.snapshot = p.snapshot.withKey(w.Before, w.After)
	}
	p.snapshot.end()
	var err error
	if len(p.change.Workflows) > 0 {
		p.workflows = replaced(st.workflows, p.change.Workflows, func(a, b *Workflow) int { return compareFold(a.Name, b.Name) })
		if p.snapshot, err = p.snapshot.withWorkflows(p.workflows); err != nil {
			return err
		}
	}
	if len(p.change.Environments) > 0 {
		p.environments = replaced(st.environments, p.change.Environments, func(a, b *Environment) int { return compareFold(a.Name, b.Name) })
		p.snapshot, err = p.snapshot.withEnvironments(p.environments)
	}
	return err
}

// replaced returns list, which is sorted by compare, with the writes done.
func replaced[T any](list []*T, writes []Write[T], compare func(a, b *T) int) []*T {
	out := slices.Clone(list)
	for _, w := range writes {
		if w.Before != nil {
			out = slices.DeleteFunc(out, func(t *T) bool { return t == w.Before })
		}
		if w.After != nil {
			i, _ := slices.BinarySearchFunc(out, w.After, compare)
			out = slices.Insert(out, i, w.After)
		}
	}
	return out
}

// apply makes the planned change the state.
func (st *state) apply(p *plan, head Head) {
	st.head = head
	p.snapshot.seq = head.Seq
	st.snapshot = p.snapshot
	for _, w := range p.change.Keys {
		st.applyKey(w.Before, w.After)
	}
	if p.workflows != nil {
		st.workflows = p.workflows
		delete(st.orders, SortWorkflows)
	}
	if p.environments != nil {
		st.environments = p.environments
		delete(st.orders, SortEnvironment)
	}
}

func (st *state) applyKey(before, after *Key) {
	byName := func(a, b *Key) int { return compareFold(a.Name, b.Name) }
	if after == nil { // it was deleted before, and so is in no list
		st.keys = st.keys.without(before.ID)
		return
	}
	st.keys = st.keys.with(after)
	st.names = moved(st.names, before, after, byName)
	st.moveHeld(before, after)
	for sort, list := range st.orders {
		st.orders[sort] = moved(list, before, after, st.comparer(sort))
	}
}

// moved takes before out of a sorted list and puts after in, each in
// logarithmic time but for the copying.
func moved(list []*Key, before, after *Key, compare func(a, b *Key) int) []*Key {
	if before != nil && before.State != Deleted {
		if i, found := slices.BinarySearchFunc(list, before, compare); found {
			list = slices.Delete(list, i, i+1)
		}
	}
	if after.State != Deleted {
		i, _ := slices.BinarySearchFunc(list, after, compare)
		list = slices.Insert(list, i, after)
	}
	return list
}

// checkKeyName says why name cannot be k's: it breaks the rule or another key
// has it.
func (st *state) checkKeyName(name string, id ID) error {
	if err := CheckName(name); err != nil {
		return err
	}
	if other, err := st.key(name); err == nil && other.ID != id {
		return nameTaken("key", other.Name)
	}
	return nil
}

func nameTaken(noun, name string) error {
	return conflict("the name %q is taken by another %s: choose another (case does not tell names apart)", name, noun)
}

// checkSeen says when the object was changed after the editor looked at it.
func checkSeen(noun, name string, seen, changed Instant) error {
	if seen != 0 && seen != changed {
		return conflict("the %s %q was changed meanwhile: look at it again, then repeat the change", noun, name)
	}
	return nil
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
