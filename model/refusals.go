package model

import (
	"sync"
	"time"
)

// refusalsEvery is how often a refusal of one operator for want of rights is
// recorded at most: whoever may not change the store may not fill it either.
const refusalsEvery = 10 * time.Second

// refusalsKept is how many operators have a turn of their own within
// refusalsEvery. The rest share one: who may not change the store may still give
// itself many names, since an endpoint says by itself who came over SSH.
const refusalsKept = 64

// operator is what of an Actor tells one operator from another. A process and
// what it claims do not: anybody can have a new one each time.
type operator struct {
	uid         int
	user        string // for systems without a uid
	fingerprint string // of the SSH key
}

func operatorOf(a Actor) operator { return operator{a.UID, a.User, a.SSH.Fingerprint} }

// refusals is whose refusal was recorded just now. The zero value knows of none.
type refusals struct {
	mu   sync.Mutex
	last map[operator]Instant
	rest Instant // of the operators for whom there was no room; 0: never
}

// take reports whether a refusal of o is to be recorded now, and takes it that
// it is.
func (r *refusals) take(o operator, now Instant) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	last, known := r.last[o]
	if !known && len(r.last) >= refusalsKept {
		r.forget(now)
	}
	switch {
	case known && justNow(last, now):
		return false
	case known || len(r.last) < refusalsKept:
		if r.last == nil {
			r.last = map[operator]Instant{}
		}
		r.last[o] = now
	case r.rest != 0 && justNow(r.rest, now):
		return false
	default:
		r.rest = now
	}
	return true
}

// forget makes room: it drops whoever would be recorded again anyway.
func (r *refusals) forget(now Instant) {
	for o, last := range r.last {
		if !justNow(last, now) {
			delete(r.last, o)
		}
	}
}

// justNow reports whether it is less than refusalsEvery since last; where the
// clock was set back it is not.
func justNow(last, now Instant) bool { return last <= now && now-last < Instant(refusalsEvery) }
