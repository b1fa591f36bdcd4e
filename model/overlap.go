package model

// Bindings is a set of bindings with the names of their workflows, to be asked
// which of them some request matches as well as another: what is to be imported
// is compared with it before it is made. The zero value is empty. It finds what
// Session.Overlaps finds, by the tree that requests are matched with. It is not
// safe for concurrent use.
type Bindings struct{ routes router }

// Add puts the binding of the workflow called name into the set.
func (s *Bindings) Add(name string, b *Binding) {
	s.routes.add(&route{&Workflow{Name: name}, b})
}

// Overlaps calls fn with each workflow of the set whose binding some request
// matches as well as b, and with the path of such a request, until fn returns
// false. What was added first among bindings of the same form comes first.
func (s *Bindings) Overlaps(b *Binding, fn func(name, example string) bool) {
	s.routes.overlapping(b, func(rt *route, example string) bool { return fn(rt.workflow.Name, example) })
}

// overlapping calls fn with each route that some request matches as well as b,
// and with the path of such a request, until fn returns false. It goes only where
// the matching of requests would go.
func (r *router) overlapping(b *Binding, fn func(rt *route, example string) bool) {
	if node := r.methods[b.Method]; node != nil {
		node.overlapping(b, b.segments, fn)
	}
}

func (n *routeNode) overlapping(b *Binding, rest []segment, fn func(*route, string) bool) bool {
	if len(rest) == 0 {
		for _, rt := range n.routes {
			if example := Overlap(b, rt.binding); example != "" && !fn(rt, example) {
				return false
			}
		}
		return true
	}
	if n.variable != nil && !n.variable.overlapping(b, rest[1:], fn) {
		return false
	}
	if literal := rest[0].literal; rest[0].variable == "" {
		child := n.literals[literal]
		return child == nil || child.overlapping(b, rest[1:], fn)
	}
	for _, child := range n.literals {
		if !child.overlapping(b, rest[1:], fn) {
			return false
		}
	}
	return true
}
