package model

import (
	"slices"
	"strings"
	"time"
)

// The limits of a page of decisions.
const (
	pageDefault  = 200
	pageMost     = MaxPage
	pieceOfRing  = 64 // observations that are looked at without letting requests go on
	mostFilters  = 8  // that endpoints in other processes are told of
	reportsAfter = 10 * time.Second
)

// page answers a query. Requests go on meanwhile: what they bring is not in it.
func (r *Recorder) page(q ActivityQuery) ActivityPage {
	limit := q.Limit
	if limit <= 0 {
		limit = pageDefault
	}
	limit = min(limit, pageMost)
	r.mu.Lock()
	newest := r.number
	r.mu.Unlock()
	if q.After > newest { // of an owner that was not this one
		q.After = 0
	}
	refused := r.collect(&r.refused, &q, newest, limit, false)
	var passed collected
	if !q.Refused {
		passed = r.collect(&r.passed, &q, newest, limit, false)
	}
	p := ActivityPage{Next: newest, Records: merge(passed.records, refused.records)}
	over := max(0, len(p.Records)-limit)
	p.Records = p.Records[over:]
	p.Gaps = r.gapsAfter(&q)
	if q.After != 0 {
		p.Cut = uint64(passed.found + refused.found - len(p.Records))
		p.Missed = r.missed(&q, newest, &passed, &refused) + p.Cut
	}
	return p
}

// collected is what one ring has for a query.
type collected struct {
	records []Activity // the newest that fit, oldest first
	found   int        // how many fit
	held    uint64     // how many there are after the query's After, fitting or not
}

// collect goes through a ring piece by piece, from the newest back. What is too
// much is counted, and costs no more than that. own leaves out what other
// processes' endpoints brought.
func (r *Recorder) collect(g *ring, q *ActivityQuery, newest uint64, limit int, own bool) (c collected) {
	words := strings.Fields(Fold(q.Words))
	for done := false; !done; {
		r.mu.Lock()
		i := g.after(newest)
		for end := max(0, i-pieceOfRing); i > end && !done; {
			s := g.at(i - 1)
			if done = s.number <= q.After; done {
				break
			}
			i--
			newest = s.number - 1
			c.held++
			if own && s.other != nil || !s.about(q) || len(words) > 0 && !s.matches(words) {
				continue
			}
			if c.found++; c.found <= limit {
				c.records = append(c.records, s.activity())
			}
		}
		done = done || i == 0
		r.mu.Unlock()
	}
	slices.Reverse(c.records)
	return c
}

// matches is Activity.matches.
func (s *observation) matches(words []string) bool {
	a := s.activity()
	return a.matches(words)
}

// matches reports whether each word, folded, is somewhere in a.
func (a *Activity) matches(words []string) bool {
	for _, word := range words {
		if !containsFold(a.KeyName, word) && !containsFold(a.Bound, word) && !containsFold(a.Environment, word) &&
			!containsFold(a.Reason.String(), word) && !containsFold(a.UpstreamFailure.String(), word) && !containsFold(a.Remote, word) &&
			!containsFold(a.Method, word) && !containsFold(a.Path, word) {
			return false
		}
	}
	return true
}

// missed is how many records after q.After were not kept. Each has a number, so
// it is those numbers that nothing here has, and no gap. Of refusals alone it is
// known only that it is no more than were driven out.
func (r *Recorder) missed(q *ActivityQuery, newest uint64, passed, refused *collected) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := newest - min(newest, max(q.After, r.first-min(r.first, 1))) // what came before was another owner's to count
	if !q.Refused {
		seen := passed.held + refused.held
		if q.Words == "" { // else no gap is told of
			seen += r.inGaps(q, newest)
		}
		return all - min(all, seen)
	}
	if len(r.refused.list) == 0 || r.refused.at(0).number <= q.After || r.refused.evicted == 0 {
		return 0
	}
	return min(r.refused.evicted, all-min(all, refused.held))
}

// merge puts two lists together in order of their numbers.
func merge(a, b []Activity) []Activity {
	out := make([]Activity, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		from := &a
		if b[0].Number < a[0].Number {
			from = &b
		}
		out = append(out, (*from)[0])
		*from = (*from)[1:]
	}
	return append(append(out, a...), b...)
}
