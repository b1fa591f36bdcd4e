package model

import (
	"slices"
	"time"
)

// mostRuns bounds the endpoints of which it is known how far they told: more
// than ever share a store at once, with as many that have ended since.
const mostRuns = 64

// tellings is how far each endpoint told what it decided. The zero value knows
// of none.
type tellings map[ID]telling

type telling struct {
	upTo  uint64 // Activity.Sequence of the newest that was told
	heard time.Time
}

// fresh leaves of the records, oldest first, those that were not told before. A
// record without a Run is taken for one that was not.
func (t *tellings) fresh(list []Activity, now time.Time) []Activity {
	repeated := func(a Activity) bool {
		if a.Run == 0 {
			return false
		}
		known := (*t)[a.Run]
		if a.Sequence <= known.upTo {
			return true
		}
		t.note(a.Run, telling{a.Sequence, now})
		return false
	}
	return slices.DeleteFunc(slices.Clone(list), repeated)
}

// note notes how far an endpoint told. Where there are too many, the one that has
// been silent for longest is forgotten.
func (t *tellings) note(run ID, to telling) {
	if *t == nil {
		*t = tellings{}
	}
	if _, known := (*t)[run]; !known && len(*t) >= mostRuns {
		oldest, since := ID(0), to.heard
		for other, at := range *t {
			if oldest == 0 || at.heard.Before(since) {
				oldest, since = other, at.heard
			}
		}
		delete(*t, oldest)
	}
	(*t)[run] = to
}

// Identify names what this process decides from now on, so that nobody takes it
// for new who was told it before: run is drawn for the process.
func (r *Recorder) Identify(run ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.run = run
}
