package model

// router finds the workflows whose binding a request matches. It is a tree over
// path segments and immutable once built: a change of a workflow builds
// another, which for a thousand workflows takes about a millisecond.
type router struct {
	methods map[string]*routeNode
	bound   int
}

type routeNode struct {
	literals map[string]*routeNode
	variable *routeNode
	routes   []*route // those whose path ends here
}

// route is a bound workflow with its parsed binding.
type route struct {
	workflow *Workflow
	binding  *Binding
}

func (r *router) add(rt *route) {
	if r.methods == nil {
		r.methods = map[string]*routeNode{}
	}
	node := r.methods[rt.binding.Method]
	if node == nil {
		node = &routeNode{}
		r.methods[rt.binding.Method] = node
	}
	for _, seg := range rt.binding.segments {
		node = node.child(seg)
	}
	node.routes = append(node.routes, rt)
	r.bound++
}

func (n *routeNode) child(seg segment) *routeNode {
	if seg.variable != "" {
		if n.variable == nil {
			n.variable = &routeNode{}
		}
		return n.variable
	}
	if n.literals == nil {
		n.literals = map[string]*routeNode{}
	}
	if n.literals[seg.literal] == nil {
		n.literals[seg.literal] = &routeNode{}
	}
	return n.literals[seg.literal]
}

// routeMatch gathers what a request matches. Two matches are an error whichever
// they are; mostClash of them are told of, and the search stops there.
type routeMatch struct {
	query    string
	found    *route
	second   *route
	others   []*route // beyond the second, for telling
	settled  bool     // that it is a clash: what else is found changes no decision
	repeated string   // a query variable given more than once
	missing  string   // a query parameter for want of which a path did not match
}

// find matches method and path segments; m.query is set by the caller.
func (r *router) find(method string, segs []string, m *routeMatch) {
	if node := r.methods[method]; node != nil {
		node.find(segs, m)
	}
}

func (n *routeNode) find(segs []string, m *routeMatch) {
	for len(segs) > 0 {
		if m.full() {
			return
		}
		m.settled = m.settled || m.second != nil
		literal := n.literals[segs[0]]
		segs = segs[1:]
		switch {
		case literal != nil && n.variable != nil:
			literal.find(segs, m)
			n = n.variable
		case literal != nil:
			n = literal
		case n.variable != nil:
			n = n.variable
		default:
			return
		}
	}
	for _, rt := range n.routes {
		m.consider(rt)
	}
}

// consider takes rt, whose path matches, if its query variables are there too.
func (m *routeMatch) consider(rt *route) {
	for _, q := range rt.binding.query {
		_, count, ok := variable(m.query, q.name)
		switch {
		case count == 0 && ok:
			m.missing = q.name
			return
		case count > 1 || !ok:
			if !m.settled {
				m.repeated = q.name
			}
			return
		}
	}
	switch {
	case m.found == nil:
		m.found = rt
	case m.second == nil:
		m.second = rt
	case !m.full():
		m.others = append(m.others, rt)
	}
}

// full reports whether as many routes match as are told of.
func (m *routeMatch) full() bool { return len(m.others) == mostClash-2 }

// Variable is one value taken from a request's path or query, decoded.
type Variable struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// variables returns the values that the request gives rt's variables, or nil
// for a binding without any. That slice is a decision's one allocation.
func (rt *route) variables(segs []string, rawQuery string) []Variable {
	n := len(rt.binding.query)
	for _, s := range rt.binding.segments {
		if s.variable != "" {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	out := make([]Variable, 0, n)
	for i, s := range rt.binding.segments {
		if s.variable != "" {
			out = append(out, Variable{s.variable, segs[i]})
		}
	}
	for _, q := range rt.binding.query {
		value, _, _ := variable(rawQuery, q.name)
		out = append(out, Variable{q.variable, value})
	}
	return out
}

// each calls fn with every route of a method.
func (r *router) each(method string, fn func(*route)) {
	if node := r.methods[method]; node != nil {
		node.each(fn)
	}
}

func (n *routeNode) each(fn func(*route)) {
	for _, rt := range n.routes {
		fn(rt)
	}
	for _, child := range n.literals {
		child.each(fn)
	}
	if n.variable != nil {
		n.variable.each(fn)
	}
}
