package model

import "fmt"

func (e *explaining) routeRemedies(reason Reason) []Remedy {
	var list []Remedy
	switch reason {
	case RouteAmbiguous:
		return e.ambiguous()
	case VariableRepeated:
		return []Remedy{advice("Have the caller send each query parameter that the workflow needs once, and percent-encoded as usual")}
	}
	if !e.a.Partial {
		list = e.closest()
	}
	return append(list, Remedy{Kind: BindWorkflow, Text: Clean(fmt.Sprintf("Bind a workflow to %s %s, if there should be one", e.a.Method, e.a.Path))})
}

// match looks the call's route up again.
func (e *explaining) match(method string) (m routeMatch, ok bool) {
	var buf [maxSegments]string
	segs, problem := splitPath(e.a.Path, buf[:0])
	if problem != "" || e.a.Partial {
		return m, false
	}
	m.query = e.a.Query
	e.snapshot.routes.find(method, segs, &m)
	return m, true
}

// closest is what the caller may have meant: the same path with a query
// parameter that is missing, with another method, or the binding that is
// nearest.
func (e *explaining) closest() []Remedy {
	m, ok := e.match(e.a.Method)
	if !ok {
		return nil
	}
	if m.missing != "" {
		return []Remedy{advice("Have the caller send the query parameter %q, which the workflow there needs", m.missing)}
	}
	for _, method := range methods {
		if m, _ := e.match(method); m.found != nil && method != e.a.Method {
			r := advice("Have the caller send %s in place of %s: that is the workflow %q", method, e.a.Method, m.found.workflow.Name)
			r.Workflow = m.found.workflow.ID
			return []Remedy{r}
		}
	}
	var buf [maxSegments]string
	segs, _ := splitPath(e.a.Path, buf[:0])
	best := e.snapshot.nearest(e.a.Method, segs)
	if best == nil {
		return nil
	}
	r := advice("Have the caller compare its path with %s %s, the workflow %q: that comes closest", best.Method, best.Path, best.Name)
	r.Workflow = best.ID
	return []Remedy{r}
}
