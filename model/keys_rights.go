package model

import (
	"slices"
	"time"
)

// maxPermitted bounds a key's permitted workflows; it keeps the record of a key
// well under a store's largest value.
const maxPermitted = 2000

func (st *state) setEnvironment(k *Key, ref string) error {
	if ref == "" {
		k.Environment = 0
		return nil
	}
	e, err := st.environment(ref)
	if err == nil {
		k.Environment = e.ID
	}
	return err
}

func (k *Key) setExpires(t time.Time, now Instant) error {
	if !t.IsZero() && At(t) <= now {
		return pastExpiry(t)
	}
	k.Expires = At(t)
	return nil
}

// permit adds workflows, which must be bound, to the permitted ones.
func (st *state) permit(k *Key, refs []string) error {
	ids := slices.Clone(k.Workflows)
	for _, ref := range refs {
		w, err := st.workflow(ref)
		if err != nil {
			return err
		}
		if !w.Bound() {
			return Invalid("workflows", "the workflow %q is not bound to a REST path, and only bound workflows can be permitted: keyward workflow edit %q --method GET --path /…", w.Name, w.Name)
		}
		ids = append(ids, w.ID)
	}
	k.Workflows = sortIDs(ids)
	return nil
}

// settleWorkflows drops permissions for workflows that are gone, and bounds the
// rest.
func (st *state) settleWorkflows(k *Key) error {
	k.Workflows = slices.DeleteFunc(slices.Clone(k.Workflows), func(id ID) bool { return st.snapshot.workflows[id] == nil })
	if len(k.Workflows) > maxPermitted {
		return Invalid("workflows", "a key may permit %d workflows at most", maxPermitted)
	}
	return nil
}

func (st *state) forbid(k *Key, refs []string) error {
	for _, ref := range refs {
		w, err := st.workflow(ref)
		if err != nil {
			return err
		}
		k.Workflows = slices.DeleteFunc(slices.Clone(k.Workflows), func(id ID) bool { return id == w.ID })
	}
	return nil
}

// unbound keeps of a key's permitted workflows those that have lost their
// binding: no list shows them for choosing, so that choosing anew does not
// speak of them.
func (st *state) unbound(ids []ID) []ID {
	return slices.DeleteFunc(slices.Clone(ids), func(id ID) bool {
		w := st.snapshot.workflows[id]
		return w == nil || w.Bound()
	})
}
