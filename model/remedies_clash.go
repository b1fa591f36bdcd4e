package model

import (
	"cmp"
	"slices"
)

// mostClashing bounds the workflows of an ambiguous call that are named one by
// one.
const mostClashing = 8

// matching appends the routes that a request matches, mostClashing at most.
func (n *routeNode) matching(segs []string, query string, list []*route) []*route {
	if len(list) == mostClashing {
		return list
	}
	if len(segs) > 0 {
		if child := n.literals[segs[0]]; child != nil {
			list = child.matching(segs[1:], query, list)
		}
		if n.variable != nil {
			list = n.variable.matching(segs[1:], query, list)
		}
		return list
	}
	for _, rt := range n.routes {
		m := routeMatch{query: query}
		if m.consider(rt); m.found != nil && len(list) < mostClashing {
			list = append(list, rt)
		}
	}
	return list
}

// clashing are the workflows that the call matches: first those that its key may
// not invoke, of which another call of that key has no use, then the one that was
// made last.
func (e *explaining) clashing() []*Workflow {
	var buf [maxSegments]string
	segs, problem := splitPath(e.a.Path, buf[:0])
	node := e.snapshot.routes.methods[e.a.Method]
	if problem != "" || e.a.Partial || node == nil {
		return nil
	}
	var list []*Workflow
	for _, rt := range node.matching(segs, e.a.Query, nil) {
		list = append(list, rt.workflow)
	}
	slices.SortFunc(list, func(a, b *Workflow) int {
		return cmp.Or(cmp.Compare(e.permitted(a), e.permitted(b)), cmp.Compare(b.Created, a.Created), compareFold(a.Name, b.Name))
	})
	return list
}

// permitted is 1 for a workflow that the key may invoke.
func (e *explaining) permitted(w *Workflow) int {
	if e.key != nil && e.key.Permits(w.ID) {
		return 1
	}
	return 0
}

func (e *explaining) ambiguous() []Remedy {
	clashing := e.clashing()
	if len(clashing) < 2 {
		return []Remedy{advice("Change the binding of one of the workflows, so that only one matches %s %s", e.a.Method, e.a.Path)}
	}
	var list []Remedy
	for i, w := range clashing {
		lead, tail := "Or change", ""
		if i == 0 {
			lead, tail = "Change", ", so that only one workflow matches"
		}
		r := advice("%s the binding of %q (%s)%s%s", lead, w.Name, w.Path, e.whichOfThem(w, clashing), tail)
		r.Kind, r.Workflow = ChangeBinding, w.ID
		list = append(list, r)
	}
	return list
}

// whichOfThem tells a workflow from the others that the call matches: by whether
// its key may invoke it, else by whether it was made last.
func (e *explaining) whichOfThem(w *Workflow, clashing []*Workflow) string {
	first, last := clashing[0], clashing[len(clashing)-1]
	switch {
	case e.key != nil && e.permitted(w) == 1 && e.permitted(first) != e.permitted(last):
		return ", which the key \"" + e.key.Name + "\" may invoke"
	case e.key != nil && e.permitted(first) != e.permitted(last):
		return ", which the key \"" + e.key.Name + "\" may not invoke"
	case w != first || first.Created == clashing[1].Created:
		return ""
	case e.key != nil && e.permitted(first) == 1:
		return ", the one made last: the key \"" + e.key.Name + "\" may invoke each of them"
	case e.key != nil:
		return ", the one made last: the key \"" + e.key.Name + "\" may invoke none of them"
	}
	return ", the one made last"
}
