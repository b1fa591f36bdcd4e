package model

import (
	"slices"
	"time"
)

// mostGaps bounds the gaps that are told of. The newest are told one by one, all
// that were before them as one.
const mostGaps = 16

// lapse is the newest time in which nobody watched, as far as it is known.
type lapse struct {
	from, to time.Time // to is zero until somebody watches
	others   int64     // allowed calls of other processes' endpoints that were not brought
}

// resume notes that somebody watches again: what was not kept meanwhile is a
// gap. The caller holds mu.
func (r *Recorder) resume(now time.Time) {
	from := r.lapse.from // when this process became the owner
	if until := time.Unix(0, r.until.Load()); until.After(from) && until.Before(now) {
		from = until
	}
	if since := r.own.Since.Time(); len(r.own.Addresses) > 0 && since.After(from) {
		from = since
	}
	r.lapse.from, r.lapse.to = from, now.UTC()
	own := r.skip()
	r.addGap(own + uint64(max(r.lapse.others, 0)))
	r.lapse.others = 0
	if own > 0 {
		r.unseens = append(r.unseens, unseenCalls{r.number, own})
		r.unseens = r.unseens[max(0, len(r.unseens)-mostUnseen):]
	}
}

// unseenCalls are calls of this process's endpoint that are in a gap and have
// numbers all the same, the last of which is that.
type unseenCalls struct{ last, calls uint64 }

// mostUnseen bounds those that are known apart. Who has not asked through so many
// gaps is told of the older ones twice.
const mostUnseen = 64

// inGaps is how many of the numbers after a query's, up to the newest, are of
// calls that a gap tells of. The caller holds mu.
func (r *Recorder) inGaps(q *ActivityQuery, newest uint64) (calls uint64) {
	for _, u := range r.unseens {
		if u.last <= newest {
			calls += min(u.calls, u.last-min(u.last, q.After))
		}
	}
	return calls
}

// addGap tells of calls that were not kept in the newest lapse. A process that
// does not own the store tells nobody. The caller holds mu.
func (r *Recorder) addGap(calls uint64) {
	if calls == 0 || r.first == 0 || r.lapse.from.IsZero() {
		return
	}
	if n := len(r.gaps); n > 0 && r.gaps[n-1].To.Equal(r.lapse.to) {
		r.gaps[n-1].Calls += calls
		return
	}
	r.gaps = boundGaps(append(r.gaps, ActivityGap{r.number + 1, r.lapse.from.UTC(), r.lapse.to, calls}))
}

// boundGaps makes one of the oldest gaps, where there are more than mostGaps: no
// call that was not kept goes untold.
func boundGaps(gaps []ActivityGap) []ActivityGap {
	for len(gaps) > mostGaps {
		gaps[1].From = gaps[0].From
		gaps[1].Calls += gaps[0].Calls
		gaps = slices.Delete(gaps, 0, 1)
	}
	return gaps
}

// unseen counts the allowed calls of another process's endpoint that it does not
// bring, for nobody watched: those between two of its reports of which the
// newer one at most was made while somebody watches. The caller holds mu.
func (r *Recorder) unseen(pid int, post *ActivityPost, now time.Time) {
	before, known := r.others[pid]
	left := r.until.Load() - now.UnixNano()
	watched := left > 0 && left <= int64(farthest)
	if !known || watched && !before.heard.Before(r.lapse.to) || post.Report.Allowed < before.Allowed {
		return
	}
	calls := int64(post.Report.Allowed - before.Allowed)
	for i := range post.Records {
		if post.Records[i].Allowed() {
			calls--
		}
	}
	if r.lapse.others += calls; watched {
		r.addGap(uint64(max(r.lapse.others, 0)))
		r.lapse.others = 0
	}
}

// gapsAfter are those that belong between the records that a query asks for. One
// that stands before a record which is not there yet comes again until it is: it
// may have grown.
func (r *Recorder) gapsAfter(q *ActivityQuery) []ActivityGap {
	if q.Refused || q.Words != "" {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.gaps, func(g ActivityGap) bool { return g.Number > q.After })
	if i < 0 {
		return nil
	}
	return slices.Clone(r.gaps[i:])
}
