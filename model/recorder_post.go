package model

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// PostMost is how many refusals, and how many allowed requests, one post holds
// at most.
const PostMost = 256

// mostMissed is how many missed records one post may tell of: what an endpoint
// that decides a million requests a second misses in an hour. It keeps a wrong
// figure from using the numbers up, which have to be exact in JSON.
const mostMissed = 1 << 32

// ActivityPost is what an endpoint in another process brings to the owner of the
// store.
type ActivityPost struct {
	Report  EndpointReport `json:"report"`            // without addresses: it has ended
	Records []Activity     `json:"records,omitempty"` // oldest first; their numbers mean nothing to the owner
	Missed  uint64         `json:"missed,omitempty"`  // decisions that were left out
}

// ActivityWatch answers an ActivityPost: what people watch for.
type ActivityWatch struct {
	Filters []ActivityQuery `json:"filters,omitempty"` // none: nobody watches
}

// Post gathers what was recorded after a cursor, 0 at first, for the owner of
// the store, and the next cursor: what fits a filter first, refusals and allowed
// requests up to PostMost each.
func (r *Recorder) Post(now time.Time, after uint64, filters []ActivityQuery) (ActivityPost, uint64) {
	r.mu.Lock()
	newest := r.number
	post := ActivityPost{}
	post.Report, _ = r.report(now)
	r.mu.Unlock()
	q := ActivityQuery{After: after}
	refused := r.collect(&r.refused, &q, newest, RefusedKept, true) // the others tell by themselves
	passed := r.collect(&r.passed, &q, newest, AllowedKept, true)
	if after != 0 {
		all := newest - after
		post.Missed = all - min(all, refused.held+passed.held)
		post.Missed += uint64(over(refused.records) + over(passed.records))
	}
	post.Records = merge(choose(passed.records, filters), choose(refused.records, filters))
	return post, newest
}

func over(list []Activity) int { return max(0, len(list)-PostMost) }

// choose leaves PostMost of the records: those that somebody watches for, and
// the newest of the others.
func choose(list []Activity, filters []ActivityQuery) []Activity {
	surplus := over(list)
	if surplus == 0 {
		return list
	}
	wanted := make([]bool, len(list))
	words := make([][]string, len(filters))
	for i := range filters {
		words[i] = strings.Fields(Fold(filters[i].Words))
	}
	for i := range list {
		for j := range filters {
			f := &filters[j]
			wanted[i] = wanted[i] || !f.everything() && list[i].about(f) && list[i].matches(words[j])
		}
	}
	out := make([]Activity, 0, PostMost)
	for _, want := range []bool{false, true} { // first what nobody asked for goes
		for i := range list {
			if surplus > 0 && wanted[i] == want && list[i].Number != 0 {
				list[i].Number = 0
				surplus--
			}
		}
	}
	for i := range list {
		if list[i].Number != 0 {
			out = append(out, list[i])
		}
	}
	return out
}

func (q *ActivityQuery) everything() bool {
	return !q.Refused && q.Key == 0 && q.Workflow == 0 && q.Words == ""
}

func (a *Activity) about(q *ActivityQuery) bool {
	return (!q.Refused || !a.Allowed()) && (q.Key == 0 || q.Key == a.Key) && (q.Workflow == 0 || q.Workflow == a.Workflow || a.Clash.has(q.Workflow))
}

// Posted notes that what came up to the cursor was in the hands of an owner of
// the store: the next one is not told of it anew.
func (r *Recorder) Posted(cursor uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.posted = max(r.posted, min(cursor, r.number))
}

// take takes in what the endpoint of the process with that pid brings, but for
// what it brought before: after a place that was lost it tells anew. It keeps
// copies: a refusal is not to hold on to the hundreds of records beside it.
func (r *Recorder) take(pid int, post ActivityPost, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	post.Report.PID = pid
	post.Report.boundLooking()
	if r.others == nil {
		r.others = map[int]otherReport{}
	}
	post.Records = r.told.fresh(post.Records, now)
	r.unseen(pid, &post, now)
	if r.others[pid] = (otherReport{post.Report, now}); len(post.Report.Addresses) == 0 {
		delete(r.others, pid)
	}
	maps.DeleteFunc(r.others, func(_ int, o otherReport) bool { return now.Sub(o.heard) > reportsAfter })
	r.number += min(post.Missed, mostMissed)
	for _, a := range post.Records {
		r.number++
		a.PID = pid
		a.bound()
		to := &r.refused
		if a.Allowed() {
			to = &r.passed
		}
		s := to.push(a.Allowed())
		*s = observation{number: r.number, other: &a, text: s.text[:0]}
	}
}

// bound leaves of each text what this process would keep of its own requests:
// what another process says is not to take more room. It lets go of the rest.
func (a *Activity) bound() {
	for _, t := range [...]struct {
		text  *string
		limit int
	}{
		{&a.Remote, maxKeptRemote}, {&a.Method, maxKeptMethod}, {&a.Host, maxKeptHost}, {&a.Path, maxKeptPath}, {&a.Query, maxKeptQuery},
		{&a.Agent, maxKeptAgent}, {&a.KeyName, maxKeptHost}, {&a.Bound, maxKeptHost}, {&a.Environment, maxKeptHost},
		{&a.Upstream, maxKeptHost},
	} {
		if len(*t.text) > t.limit {
			*t.text, a.Partial = string(cutText([]byte(*t.text), 0, t.limit)), true
		}
	}
}

// serving lists what the endpoints say of themselves, by pid; there tells whether
// a process takes part still.
func (r *Recorder) serving(now time.Time, there func(pid int) bool) []EndpointReport {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := []EndpointReport{}
	if own, ok := r.report(now); ok {
		list = append(list, own)
	}
	for pid, o := range r.others {
		if now.Sub(o.heard) <= reportsAfter && there(pid) {
			list = append(list, o.EndpointReport)
		}
	}
	slices.SortFunc(list, func(a, b EndpointReport) int { return cmp.Compare(a.PID, b.PID) })
	return list
}

// want notes what somebody watches for, and has it recorded until then.
func (r *Recorder) want(q ActivityQuery, now, until time.Time) {
	r.Watch(now, until)
	r.mu.Lock()
	defer r.mu.Unlock()
	q.After, q.Limit, q.Words = 0, 0, Fold(q.Words)
	r.filters = slices.DeleteFunc(r.filters, func(f watchedFilter) bool { return f.query == q || !f.until.After(now) })
	if len(r.filters) == mostFilters {
		r.filters = slices.Delete(r.filters, 0, 1)
	}
	r.filters = append(r.filters, watchedFilter{q, until})
}

// watched is what people watch for now.
func (r *Recorder) watched(now time.Time) (w ActivityWatch) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range r.filters {
		if f.until.After(now) {
			w.Filters = append(w.Filters, f.query)
		}
	}
	return w
}
