package model

import (
	"context"
	"maps"
	"slices"
	"sync"
)

func (w *Workflow) ref() WorkflowRef {
	return WorkflowRef{ID: w.ID, Name: w.Name, Method: w.Method, Path: w.Path}
}

// Workflows returns every workflow, by name.
func (s *Session) Workflows(ctx context.Context) ([]WorkflowInfo, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out := []WorkflowInfo{}
	err := s.service.read(func(st *state) error {
		counts, production := st.permissionCounts()
		for _, w := range st.workflows {
			info := st.workflowInfo(w, counts[w.ID], st.reachedFrom(production))
			info.Production = production[w.ID] || st.servesProduction(w)
			out = append(out, info)
		}
		return nil
	})
	if err == nil {
		err = s.service.withCalls(ctx, out)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Workflow returns everything about the workflow with that name or id;
// ErrNotFound when there is none.
func (s *Session) Workflow(ctx context.Context, ref string) (WorkflowInfo, error) {
	if err := ctx.Err(); err != nil {
		return WorkflowInfo{}, err
	}
	var info WorkflowInfo
	err := s.service.read(func(st *state) error {
		w, err := st.workflow(ref)
		if err == nil {
			keys, production := st.permitting(w.ID)
			info = st.workflowInfo(w, len(keys), st.reaches())
			info.ProductionKeys = production
			info.Production = production > 0 || st.servesProduction(w)
			info.Keys = keys[:min(len(keys), MostNamed)]
		}
		return err
	})
	if err != nil {
		return WorkflowInfo{}, err
	}
	one := []WorkflowInfo{info}
	if err := s.service.withCalls(ctx, one); err != nil {
		return WorkflowInfo{}, err
	}
	return one[0], nil
}

// permissionCounts counts, for each workflow, the keys that permit it, and says
// whether one of them may invoke production.
func (st *state) permissionCounts() (counts map[ID]int, production map[ID]bool) {
	counts, production = make(map[ID]int, len(st.workflows)), make(map[ID]bool, len(st.workflows))
	for _, k := range st.names {
		live := st.invokesProduction(k)
		for _, id := range k.Workflows {
			if counts[id]++; live {
				production[id] = true
			}
		}
	}
	return counts, production
}

// invokesProduction reports whether a key may invoke production.
func (st *state) invokesProduction(k *Key) bool {
	return k.Environment == 0 || k.Environment == st.snapshot.environments.production.ID
}

// servesProduction reports whether a workflow has an upstream for production.
func (st *state) servesProduction(w *Workflow) bool {
	return w.Upstreams[st.snapshot.environments.production.ID] != ""
}

// reachedFrom says of a workflow whether calls of production reach it, given
// those that a key for production permits.
func (st *state) reachedFrom(permitted map[ID]bool) func(*Workflow) bool {
	return func(w *Workflow) bool { return permitted[w.ID] || st.servesProduction(w) }
}

// reaches is reachedFrom for a few workflows: it looks through the keys when it
// is asked first.
func (st *state) reaches() func(*Workflow) bool {
	permitted := sync.OnceValue(func() map[ID]bool { _, production := st.permissionCounts(); return production })
	return func(w *Workflow) bool { return st.servesProduction(w) || permitted()[w.ID] }
}

// permitting returns the names of the keys that permit a workflow, in order: first
// those that may invoke production, of which it returns the number.
func (st *state) permitting(workflow ID) (names []string, production int) {
	var others []string
	for _, k := range st.names {
		switch {
		case !slices.Contains(k.Workflows, workflow):
		case st.invokesProduction(k):
			names = append(names, k.Name)
		default:
			others = append(others, k.Name)
		}
	}
	return append(names, others...), len(names)
}

// withCalls adds to each workflow how it was called.
func (s *Service) withCalls(ctx context.Context, list []WorkflowInfo) error {
	ids := make([]UsageID, len(list))
	for i := range list {
		ids[i] = UsageID{list[i].ID, NoSlot}
	}
	uses, err := s.usageOf(ctx, ids...)
	if err != nil {
		return err
	}
	for i := range list {
		list[i].Calls, list[i].LastCall = uses[i].Allowed, uses[i].Last
	}
	return nil
}

// workflowInfo is everything about w but how it was called. production says
// whether calls of production reach a workflow.
func (st *state) workflowInfo(w *Workflow, keys int, production func(*Workflow) bool) WorkflowInfo {
	info := WorkflowInfo{
		WorkflowRef: w.ref(), Bound: w.Bound(), Variables: []string{}, Upstreams: []UpstreamInfo{},
		KeyCount: keys, Created: w.Created, Changed: w.Changed, Overlaps: []Clash{},
	}
	for _, e := range st.environments {
		if url := w.Upstreams[e.ID]; url != "" {
			info.Upstreams = append(info.Upstreams, UpstreamInfo{e.Name, url})
		}
	}
	if b, err := ParseBinding(w.Method, w.Path); err == nil {
		info.Variables = append(info.Variables, b.Variables()...)
		info.Overlaps = st.overlaps(b, w.ID, production)
	}
	return info
}

// Overlaps returns the workflows, other than the one called except, whose
// binding some request matches as well as method and path; a form shows them
// while the binding is typed. ErrInvalid for a bad binding.
func (s *Session) Overlaps(ctx context.Context, method, path, except string) ([]Clash, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b, err := ParseBinding(method, path)
	if err != nil {
		return nil, err
	}
	var out []Clash
	err = s.service.read(func(st *state) error {
		var id ID
		if w, err := st.workflow(except); err == nil {
			id = w.ID
		}
		out = st.overlaps(b, id, st.reaches())
		return nil
	})
	return out, err
}

func (st *state) overlaps(b *Binding, except ID, production func(*Workflow) bool) []Clash {
	out := []Clash{}
	st.snapshot.routes.overlapping(b, func(rt *route, example string) bool {
		if rt.workflow.ID != except {
			out = append(out, Clash{rt.workflow.Name, example, production(rt.workflow)})
		}
		return true
	})
	slices.SortFunc(out, func(a, b Clash) int { return compareFold(a.Workflow, b.Workflow) })
	return out
}

// CreateWorkflow makes a workflow. ErrConflict when the name is taken,
// ErrNotFound when an upstream's environment is missing, ErrInvalid for a bad
// name, binding or URL. An overlap with another binding is no error: the answer
// lists it.
func (s *Session) CreateWorkflow(ctx context.Context, d WorkflowDraft) (WorkflowInfo, error) {
	return s.changeWorkflow(ctx, WorkflowCreated, func(st *state, now Instant) (before, after *Workflow, err error) {
		id, err := NewID(s.service.random)
		if err != nil {
			return nil, nil, err
		}
		w := &Workflow{ID: id, Created: now, Changed: now}
		return nil, w, st.fillWorkflow(w, WorkflowEdit{Name: &d.Name, Method: &d.Method, Path: &d.Path, Upstreams: d.Upstreams})
	})
}

// EditWorkflow changes what e names and leaves the rest. Errors are those of
// CreateWorkflow; ErrConflict too when e.Seen is not the newest.
func (s *Session) EditWorkflow(ctx context.Context, ref string, e WorkflowEdit) (WorkflowInfo, error) {
	return s.changeWorkflow(ctx, WorkflowEdited, func(st *state, now Instant) (before, after *Workflow, err error) {
		if before, err = st.workflow(ref); err != nil {
			return nil, nil, err
		}
		if err := checkSeen("workflow", before.Name, e.Seen, before.Changed); err != nil {
			return nil, nil, err
		}
		after = before.clone()
		after.Changed = later(before.Changed, now)
		return before, after, st.fillWorkflow(after, e)
	})
}

func (st *state) fillWorkflow(w *Workflow, e WorkflowEdit) error {
	if e.Name != nil {
		if err := st.checkWorkflowName(*e.Name, w.ID); err != nil {
			return err
		}
		w.Name = *e.Name
	}
	if e.Method != nil {
		w.Method = *e.Method
	}
	if e.Path != nil {
		w.Path = *e.Path
	}
	if w.Method != "" || w.Path != "" {
		if w.Path == "" {
			return Invalid("path", "a binding needs a path template too, such as /customers/{id}")
		}
		if w.Method == "" {
			return Invalid("method", "a binding needs a method too, such as GET")
		}
		if _, err := ParseBinding(w.Method, w.Path); err != nil {
			return err
		}
	}
	return st.setUpstreams(w, e.Upstreams)
}

func (st *state) checkWorkflowName(name string, id ID) error {
	if err := CheckName(name); err != nil {
		return err
	}
	if other, err := st.workflow(name); err == nil && other.ID != id {
		return nameTaken("workflow", other.Name)
	}
	return nil
}

func (st *state) setUpstreams(w *Workflow, upstreams map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(upstreams)) {
		e, err := st.environment(name)
		if err != nil {
			return err
		}
		url := upstreams[name]
		if url == "" {
			delete(w.Upstreams, e.ID)
			continue
		}
		if err := CheckUpstream(url); err != nil {
			return err
		}
		if w.Upstreams == nil {
			w.Upstreams = map[ID]string{}
		}
		w.Upstreams[e.ID] = url
	}
	return nil
}

// DeleteWorkflow removes a workflow. Keys that permitted it lose that
// permission; the answer is how many.
func (s *Session) DeleteWorkflow(ctx context.Context, ref string) (keys int, err error) {
	var id ID
	err = s.change(ctx, WorkflowDeleted, func(st *state, _ Instant) (*plan, error) {
		w, err := st.workflow(ref)
		if err != nil {
			return nil, err
		}
		id = w.ID
		counts, _ := st.permissionCounts()
		keys = counts[w.ID]
		p := &plan{}
		p.change.Workflows = []Write[Workflow]{{Before: w}}
		return p, nil
	})
	if err == nil {
		s.service.usage.forget(id, NoSlot)
	}
	return keys, err
}

func (s *Session) changeWorkflow(ctx context.Context, action Action, decide func(*state, Instant) (before, after *Workflow, err error)) (WorkflowInfo, error) {
	var id ID
	err := s.change(ctx, action, func(st *state, now Instant) (*plan, error) {
		before, after, err := decide(st, now)
		if err != nil {
			return nil, err
		}
		id = after.ID
		p := &plan{}
		p.change.Workflows = []Write[Workflow]{{before, after}}
		return p, nil
	})
	if err != nil {
		return WorkflowInfo{}, err
	}
	return s.Workflow(context.WithoutCancel(ctx), id.String())
}
