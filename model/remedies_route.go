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

func (e *explaining) ambiguous() []Remedy {
	list := []Remedy{}
	if m, ok := e.match(e.a.Method); ok && m.second != nil {
		for _, rt := range []*route{m.found, m.second} {
			r := advice("Change the binding of %q (%s), so that only one workflow matches", rt.workflow.Name, rt.workflow.Path)
			r.Kind, r.Workflow = ChangeBinding, rt.workflow.ID
			list = append(list, r)
		}
		return list
	}
	return append(list, advice("Change the binding of one of the workflows, so that only one matches %s %s", e.a.Method, e.a.Path))
}

// closest is what the caller may have meant: the same path with a query
// parameter that is missing, with another method, or the binding that is most
// like it.
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
	best := e.mostAlike()
	if best == nil {
		return nil
	}
	r := advice("Have the caller compare its path with %s %s, the workflow %q: that comes closest", best.Method, best.Path, best.Name)
	r.Workflow = best.ID
	return []Remedy{r}
}

// mostAlike is the bound workflow that has most segments in common with the
// call's path; nil where none has a literal one.
func (e *explaining) mostAlike() *Workflow {
	var buf [maxSegments]string
	segs, problem := splitPath(e.a.Path, buf[:0])
	if problem != "" {
		return nil
	}
	var best *Workflow
	most := 0
	for _, w := range e.workflows { // in order of their names, so that the same one is named each time
		b, err := ParseBinding(w.Method, w.Path)
		if err != nil || w.Path == "" {
			continue
		}
		if n := alike(b, segs, w.Method == e.a.Method); n > most {
			best, most = w, n
		}
	}
	return best
}

// alike rates how close a path comes to a binding; 0 where no literal fits.
func alike(b *Binding, segs []string, sameMethod bool) int {
	literals, score := 0, 0
	for i, s := range b.segments[:min(len(b.segments), len(segs))] {
		switch {
		case s.variable != "":
			score++
		case Fold(s.literal) == Fold(segs[i]):
			literals++
			score += 4
		default:
			score--
		}
	}
	if literals == 0 {
		return 0
	}
	score -= max(len(b.segments), len(segs)) - min(len(b.segments), len(segs))
	if sameMethod {
		score++
	}
	return max(score, 0)
}
