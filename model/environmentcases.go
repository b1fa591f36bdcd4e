package model

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Environments returns every environment, by name.
func (s *Session) Environments(ctx context.Context) ([]EnvironmentInfo, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out := []EnvironmentInfo{}
	err := s.service.read(func(st *state) error {
		for _, e := range st.environments {
			out = append(out, st.environmentInfo(e))
		}
		return nil
	})
	return out, err
}

// Environment returns everything about the environment with that name or id;
// ErrNotFound when there is none.
func (s *Session) Environment(ctx context.Context, ref string) (EnvironmentInfo, error) {
	if err := ctx.Err(); err != nil {
		return EnvironmentInfo{}, err
	}
	var info EnvironmentInfo
	err := s.service.read(func(st *state) error {
		e, err := st.environment(ref)
		if err == nil {
			info = st.environmentInfo(e)
		}
		return err
	})
	return info, err
}

func (st *state) environmentInfo(e *Environment) EnvironmentInfo {
	info := EnvironmentInfo{
		ID: e.ID, Name: e.Name, Production: e.Production, Hosts: slices.Clone(e.Hosts),
		Created: e.Created, Changed: e.Changed,
	}
	if info.Hosts == nil {
		info.Hosts = []string{}
	}
	info.KeyCount, info.UpstreamCount = len(st.keysOf(e.ID)), len(st.upstreamsOf(e.ID))
	return info
}

// keysOf returns the names of the keys whose target the environment is.
func (st *state) keysOf(id ID) []string {
	var names []string
	for _, k := range st.names {
		if k.Environment == id {
			names = append(names, k.Name)
		}
	}
	return names
}

// upstreamsOf returns the names of the workflows with an upstream for the
// environment.
func (st *state) upstreamsOf(id ID) []string {
	var names []string
	for _, w := range st.workflows {
		if w.Upstreams[id] != "" {
			names = append(names, w.Name)
		}
	}
	return names
}

// CreateEnvironment makes an environment. ErrConflict when the name or a host
// is taken; ErrInvalid for a bad one.
func (s *Session) CreateEnvironment(ctx context.Context, d EnvironmentDraft) (EnvironmentInfo, error) {
	return s.changeEnvironment(ctx, EnvironmentCreated, func(st *state, now Instant) (before, after *Environment, err error) {
		id, err := NewID(s.service.random)
		if err != nil {
			return nil, nil, err
		}
		e := &Environment{ID: id, Created: now, Changed: now}
		return nil, e, st.fillEnvironment(e, EnvironmentEdit{Name: &d.Name, Production: d.Production, Hosts: &d.Hosts})
	})
}

// EditEnvironment changes what edit names and leaves the rest. Errors are those
// of CreateEnvironment; ErrConflict too when edit.Seen is not the newest.
func (s *Session) EditEnvironment(ctx context.Context, ref string, edit EnvironmentEdit) (EnvironmentInfo, error) {
	return s.changeEnvironment(ctx, EnvironmentEdited, func(st *state, now Instant) (before, after *Environment, err error) {
		if before, err = st.environment(ref); err != nil {
			return nil, nil, err
		}
		if err := checkSeen("environment", before.Name, edit.Seen, before.Changed); err != nil {
			return nil, nil, err
		}
		after = before.clone()
		after.Changed = later(before.Changed, now)
		return before, after, st.fillEnvironment(after, edit)
	})
}

func (st *state) fillEnvironment(e *Environment, edit EnvironmentEdit) error {
	if edit.Name != nil {
		if err := CheckName(*edit.Name); err != nil {
			return err
		}
		if other, err := st.environment(*edit.Name); err == nil && other.ID != e.ID {
			return nameTaken("environment", other.Name)
		}
		e.Name = *edit.Name
	}
	e.Production = e.Production || edit.Production
	if edit.Hosts == nil {
		return nil
	}
	hosts, err := checkHosts(*edit.Hosts)
	if err != nil {
		return err
	}
	for _, h := range hosts {
		if other := st.snapshot.environments.byHost[h]; other != nil && other.ID != e.ID {
			return conflict("the host %s belongs to the environment %q already: take it from there first", h, other.Name)
		}
	}
	e.Hosts = hosts
	return nil
}

// DeleteEnvironment removes an environment. ErrConflict while it carries the
// production flag, or a key or an upstream uses it: the error names them.
func (s *Session) DeleteEnvironment(ctx context.Context, ref string) error {
	return s.change(ctx, EnvironmentDeleted, func(st *state, _ Instant) (*plan, error) {
		e, err := st.environment(ref)
		if err != nil {
			return nil, err
		}
		if e.Production {
			return nil, conflict("the environment %q carries the production flag: give it to another first (keyward environment edit NAME --production)", e.Name)
		}
		if used := usersText(st.keysOf(e.ID), st.upstreamsOf(e.ID)); used != "" {
			return nil, conflict("the environment %q is used by %s", e.Name, used)
		}
		p := &plan{}
		p.change.Environments = []Write[Environment]{{Before: e}}
		return p, nil
	})
}

// usersText says which keys and which workflows' upstreams use an environment and
// what to do about them, "" where none does.
func usersText(keys, workflows []string) string {
	var used, first []string
	if n := len(keys); n > 0 {
		used = append(used, fmt.Sprintf("%s (%s)", plural(n, "key"), someNames(keys)))
		first = append(first, fmt.Sprintf("give the %s another environment", plainPlural(n, "key")))
	}
	if n := len(workflows); n > 0 {
		upstreams := plural(n, "workflow") + "'"
		if n == 1 {
			upstreams = "1 workflow's"
		}
		used = append(used, fmt.Sprintf("%s %s (%s)", upstreams, plainPlural(n, "upstream"), someNames(workflows)))
		first = append(first, "remove the "+plainPlural(n, "upstream"))
	}
	if len(used) == 0 {
		return ""
	}
	return strings.Join(used, " and ") + ": " + strings.Join(first, " and ") + " first"
}

// plainPlural is plural without the number.
func plainPlural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

// someNames lists names; of more than five the first five, and how many follow.
func someNames(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

func (s *Session) changeEnvironment(ctx context.Context, action Action, decide func(*state, Instant) (before, after *Environment, err error)) (EnvironmentInfo, error) {
	var id ID
	err := s.change(ctx, action, func(st *state, now Instant) (*plan, error) {
		before, after, err := decide(st, now)
		if err != nil {
			return nil, err
		}
		id = after.ID
		p := &plan{}
		p.change.Environments = []Write[Environment]{{before, after}}
		st.moveProduction(p, after, now)
		return p, nil
	})
	if err != nil {
		return EnvironmentInfo{}, err
	}
	return s.Environment(context.WithoutCancel(ctx), id.String())
}

// moveProduction takes the production flag from the environment that has it, in
// the same change that gives it to another.
func (st *state) moveProduction(p *plan, to *Environment, now Instant) {
	from := st.snapshot.environments.production
	if !to.Production || from.ID == to.ID {
		return
	}
	without := from.clone()
	without.Production, without.Changed = false, later(from.Changed, now)
	p.change.Environments = append(p.change.Environments, Write[Environment]{from, without})
}
