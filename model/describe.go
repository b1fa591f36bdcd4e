package model

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// describe says in words what a change writes, for its audit entry: the object
// and each field with its old and its new value. Of a secret it says the hint.
func (st *state) describe(c *Change) (Object, []FieldChange) {
	var f fields
	switch {
	case len(c.Keys) > 0:
		w := c.Keys[0]
		object := Object{"key", newest(w, func(k *Key) ID { return k.ID }), newest(w, func(k *Key) string { return k.Name })}
		if w.After == nil {
			return object, nil // a purge: what the key was is in the entries before
		}
		f.key(st, orZero(w.Before), w.After)
		return object, f
	case len(c.Workflows) > 0:
		w := c.Workflows[0]
		f.workflow(st, orZero(w.Before), orZero(w.After))
		return Object{"workflow", newest(w, func(w *Workflow) ID { return w.ID }), newest(w, func(w *Workflow) string { return w.Name })}, f
	case len(c.Environments) > 0:
		w := c.Environments[0]
		f.environment(orZero(w.Before), orZero(w.After))
		for _, other := range c.Environments[1:] {
			f.add("production flag taken from", "", other.After.Name)
		}
		return Object{"environment", newest(w, func(e *Environment) ID { return e.ID }), newest(w, func(e *Environment) string { return e.Name })}, f
	}
	return Object{}, nil
}

// newest reads a write's new record or, where it removes one, the old.
func newest[T, V any](w Write[T], read func(*T) V) V {
	if w.After != nil {
		return read(w.After)
	}
	return read(w.Before)
}

func orZero[T any](v *T) *T {
	if v == nil {
		return new(T)
	}
	return v
}

// fields gathers what differs.
type fields []FieldChange

func (f *fields) add(field, from, to string) {
	if from != to {
		*f = append(*f, FieldChange{field, from, to})
	}
}

func (f *fields) key(st *state, a, b *Key) {
	f.add("name", a.Name, b.Name)
	f.add("kind", a.Kind.String(), b.Kind.String())
	f.add("state", a.State.String(), b.State.String())
	f.add("environment", targetText(st, a), targetText(st, b))
	f.add("expires", expiryText(a), expiryText(b))
	f.add("secrets in the query", queryText(a), queryText(b))
	f.workflows(st, a.Workflows, b.Workflows)
	for _, n := range SlotNames {
		f.slot(n.String(), a.Slot(n), b.Slot(n))
	}
}

func targetText(st *state, k *Key) string {
	switch {
	case k.ID == 0:
		return ""
	case k.Environment == 0:
		return "any"
	}
	return st.environmentName(k.Environment)
}

func expiryText(k *Key) string {
	if k.ID == 0 || k.Expires == 0 {
		return ""
	}
	return k.Expires.Text()
}

func queryText(k *Key) string {
	switch {
	case k.Kind != TokenKey:
		return ""
	case k.NoQuery:
		return "refused"
	}
	return "accepted"
}

// workflows lists what was permitted and what was forbidden, each with at most
// fifty names.
func (f *fields) workflows(st *state, a, b []ID) {
	f.add("permitted", "", st.workflowNames(b, a))
	f.add("no longer permitted", "", st.workflowNames(a, b))
}

// workflowNames names what is in list and not in without.
func (st *state) workflowNames(list, without []ID) string {
	const most = 50
	var names []string
	for _, id := range list {
		if _, found := slices.BinarySearch(without, id); found {
			continue
		}
		name := "a deleted one"
		if w := st.snapshot.workflows[id]; w != nil {
			name = w.Name
		}
		names = append(names, name)
	}
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

func (f *fields) slot(name string, a, b *Slot) {
	f.add(name, slotText(a), slotText(b))
	for i := range b.Grace() {
		if r := &b.Grace()[i]; !r.ended() && !slices.ContainsFunc(a.Grace(), func(o Retiring) bool { return o.Digest == r.Digest }) {
			f.add(name+" grace", "", r.Hint.String()+" works until "+r.Until.Text())
		}
	}
	if n := a.notEnded(); n > 0 && b.notEnded() == 0 {
		f.add(name+" grace", strconv.Itoa(n)+" replaced, still working", "ended")
	}
}

func slotText(s *Slot) string {
	switch {
	case s.Digest.IsZero():
		return ""
	case s.Certificate != nil:
		return fmt.Sprintf("certificate %s, SHA-256 %s", s.Certificate.SubjectText(), s.Digest)
	}
	return "secret " + s.Hint.String()
}

func (f *fields) workflow(st *state, a, b *Workflow) {
	f.add("name", a.Name, b.Name)
	f.add("method", a.Method, b.Method)
	f.add("path", a.Path, b.Path)
	for _, e := range st.environments {
		f.add("upstream in "+e.Name, a.Upstreams[e.ID], b.Upstreams[e.ID])
	}
}

func (f *fields) environment(a, b *Environment) {
	f.add("name", a.Name, b.Name)
	f.add("production", flagText(a), flagText(b))
	f.add("hosts", strings.Join(a.Hosts, ", "), strings.Join(b.Hosts, ", "))
}

func flagText(e *Environment) string {
	if e.Production {
		return "yes"
	}
	return ""
}
