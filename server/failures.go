package server

import (
	"log/slog"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"dev.keyward/keyward/model"
)

// DefaultFailureLimit is how many calls without a valid key a source may make
// in a minute before they are limited: more than a person who tries things or a
// caller with a key that has run out, less than what a guesser would need to
// get anywhere, or to drive everybody else's refusals off the Activity screen.
const DefaultFailureLimit = 120

const (
	failureWindow = time.Minute
	// maxFailing is how many sources are remembered at once, in about a
	// megabyte: the ones whose failures are longest ago are forgotten first.
	maxFailing = 8192
)

// failures is a token bucket a source for requests that prove no key in force
// (security.md G3). It has room for the limit at first, and gets that many
// tokens a minute. It is asked after a decision and only about failures: a
// request with a valid key neither waits for it nor changes anything in it.
type failures struct {
	limit    int
	interval time.Duration // between two tokens
	retry    []string      // the Retry-After header: seconds until the next token, or one

	mu    sync.Mutex
	begun time.Time // the first failure; the times below are since then
	index map[netip.Prefix]int32
	list  []failing // the first is the ring's head; its next is the newest
}

// failing is the bucket of one source, in a ring by when they were last used.
type failing struct {
	source         netip.Prefix
	full           time.Duration // when nothing will be missing from it any more
	told           int64         // the second of the newest limited failure that was told, from 1 on
	limited        bool          // since it was last full
	previous, next int32
}

// verdict is what becomes of a failure.
type verdict uint8

const (
	unlimited verdict = iota
	limited           // and told: one a second, so that people can see who is limited
	hidden            // and only counted
)

// newFailures returns nil for a limit that is not above zero: nothing is limited.
func newFailures(limit int) *failures {
	if limit <= 0 {
		return nil
	}
	interval := failureWindow / time.Duration(limit)
	retry := max(1, (interval+time.Second-1)/time.Second)
	return &failures{
		limit: limit, interval: interval, retry: []string{strconv.Itoa(int(retry))},
		index: map[netip.Prefix]int32{}, list: make([]failing, 1),
	}
}

// count counts a failure of a source at that time. begins is true once, when
// the source begins to be limited, and again only after it was quiet for as long
// as it takes to fill its bucket.
func (f *failures) count(source netip.Prefix, at time.Time) (v verdict, begins bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.begun.IsZero() {
		f.begun = at
	}
	now := at.Sub(f.begun)
	b := f.bucket(source)
	if b.full <= now {
		b.full, b.limited = now, false
	}
	b.full = min(b.full, now+failureWindow) // whatever clocks do
	if b.full+f.interval <= now+failureWindow {
		b.full += f.interval
		return unlimited, false
	}
	begins, b.limited = !b.limited, true
	if second := int64(now/time.Second) + 1; second != b.told {
		b.told = second
		return limited, begins
	}
	return hidden, begins
}

// bucket returns that of a source, as the newest. The caller holds mu.
func (f *failures) bucket(source netip.Prefix) *failing {
	i, known := f.index[source]
	switch {
	case known:
		f.unlink(i)
	case len(f.list) <= maxFailing:
		i = int32(len(f.list))
		f.list = append(f.list, failing{source: source})
	default:
		i = f.list[0].previous
		f.unlink(i)
		delete(f.index, f.list[i].source)
		f.list[i] = failing{source: source}
	}
	if !known {
		f.index[source] = i
	}
	head, b := &f.list[0], &f.list[i]
	b.previous, b.next = 0, head.next
	f.list[head.next].previous = i
	head.next = i
	return b
}

func (f *failures) unlink(i int32) {
	b := &f.list[i]
	f.list[b.previous].next, f.list[b.next].previous = b.next, b.previous
}

// unproven counts a request that proved no key in force, and returns the status
// that answers it: the given one, or 429 where its source had too many of them.
// A request with no credential at all is told to send one in any case, for
// there are callers that wait to be asked.
func (x *exchange) unproven(status int) int {
	f := x.e.failures
	if f == nil {
		return status
	}
	var begins bool
	if x.held, begins = f.count(x.origin(), x.start); begins {
		x.e.limiting(x.origin())
	}
	if x.held == unlimited || x.decision.Reason == model.CredentialMissing {
		return status
	}
	return http.StatusTooManyRequests
}

// limiting tells that a source begins to be limited.
func (e *Endpoint) limiting(source netip.Prefix) {
	const event = "failures limited"
	if e.flood.admit(event, netip.Prefix{}) {
		e.note(slog.LevelWarn, event, slog.String("remote", prefixText(source)), slog.Int("limit", e.failures.limit))
	}
}
