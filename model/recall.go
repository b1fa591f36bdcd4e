package model

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// recallKept is how many decisions a Recall keeps: those that Activity's
// screen shows, and as many again.
const recallKept = 4096

// Recall keeps what a process was told of decisions while somebody watched
// through it. The endpoint that made them may be gone by then, and with it the
// owner of the store, who kept them. It costs nothing while nobody asks. It is
// safe for concurrent use; the zero value is ready.
type Recall struct {
	mu      sync.Mutex
	records []Activity // in order of their numbers
	gaps    []ActivityGap
	newest  map[ID]uint64 // Activity.Sequence of the newest that was told, of each Activity.Run
	gone    map[ID]uint64 // and of the newest that there was no room for any more
}

// Add takes in the answer to q and, where that asks for the newest there are,
// puts what an owner before told in front of it, up to what q asks for. What an
// endpoint told anew, for the owner of the store is another one, it takes out of
// an answer that goes on after such a decision; where it stays, it has the number
// under which it was told first.
func (r *Recall) Add(q ActivityQuery, p *ActivityPage) {
	r.mu.Lock()
	defer r.mu.Unlock()
	passed := r.passed(q.After, p)
	if q.After == 0 || q.After > p.Next { // the other answers go on where the cursor is
		r.forget(p.Next)
	}
	r.recognize(passed, p)
	r.take(p)
	if q.After == 0 {
		r.complete(q, p)
	}
}

// forget lets go of what is numbered above an owner's newest number. Another owner
// told it, whose clock was ahead of this one's: it stands after all that is new,
// and would hide that.
func (r *Recall) forget(newest uint64) {
	r.records = slices.DeleteFunc(r.records, func(a Activity) bool { return a.Number > newest })
	r.gaps = slices.DeleteFunc(r.gaps, func(g ActivityGap) bool { return g.Number > newest+1 })
}

func (r *Recall) take(p *ActivityPage) {
	list := p.Records
	if r.holdsGone(list) {
		list = slices.DeleteFunc(slices.Clone(list), r.isGone)
	}
	switch n := len(r.records); {
	case len(list) == 0:
	case n == 0 || list[0].Number > r.records[n-1].Number:
		r.records = append(r.records, list...)
	default:
		r.records = slices.CompactFunc(merge(r.records, list), func(a, b Activity) bool { return a.Number == b.Number })
	}
	if over := len(r.records) - recallKept; over > recallKept/4 { // not each time
		r.letGo(over)
	}
	for _, g := range p.Gaps {
		r.gaps = slices.DeleteFunc(r.gaps, func(old ActivityGap) bool { return old.within(g) })
		r.gaps = append(r.gaps, g)
	}
	r.gaps = boundGaps(r.gaps)
}

// within reports whether a gap is told of by another one: it has grown since, or
// was made one with others.
func (g ActivityGap) within(other ActivityGap) bool {
	return g.Number == other.Number || g.Number < other.Number && !g.From.Before(other.From) && !g.To.After(other.To)
}

func (r *Recall) complete(q ActivityQuery, p *ActivityPage) {
	limit := q.Limit
	if limit <= 0 {
		limit = pageDefault
	}
	limit = min(limit, pageMost)
	words := strings.Fields(Fold(q.Words))
	var list []Activity
	for i := len(r.records) - 1; i >= 0 && len(list) < limit; i-- {
		if a := &r.records[i]; a.about(&q) && a.matches(words) {
			list = append(list, *a)
		}
	}
	slices.Reverse(list)
	all := slices.CompactFunc(merge(list, p.Records), func(a, b Activity) bool { return a.Number == b.Number })
	p.Records = all[max(0, len(all)-limit):]
	if !q.Refused && q.Words == "" {
		p.Gaps = slices.Clone(r.gaps)
	}
}

// Caught reports whether everybody who watches has asked since that time, so
// that nobody misses what was decided until then; now is at most watchTime
// later.
func (r *Recorder) Caught(since, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !slices.ContainsFunc(r.filters, func(f watchedFilter) bool {
		return f.until.After(now) && f.until.Before(since.Add(watchTime))
	})
}
