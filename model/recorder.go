package model

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// How much is kept of what an endpoint decided.
const (
	// AllowedKept is how many allowed requests are kept, while somebody watches:
	// what 10,000 requests a second bring in 0.4 s. Who watches asks more often.
	AllowedKept = 4096
	// RefusedKept is how many refusals are kept, whether or not somebody watches:
	// a screen that is opened after a call was refused shows it. They are counted
	// apart from what is allowed, so that no flood of that drives them out.
	RefusedKept = 2048
)

// The longest pieces of a request that are kept, in bytes. Together they fit
// into textBuffer.
const (
	maxKeptRemote = 64
	maxKeptMethod = 24
	maxKeptHost   = 255 // the longest name (RFC 1035 §2.3.4)
	maxKeptPath   = 1 << 10
	maxKeptQuery  = 1 << 10
	maxKeptAgent  = 256
)

// Recorder keeps the newest decisions of the endpoint in this process for
// whoever watches and, where this process owns the store, those that other
// endpoints bring. While nobody watches, an allowed request costs two atomic
// operations. It is safe for concurrent use; the zero value is ready.
//
// It keeps copies of what came with a request, never a part of the request, and
// no secret. It holds on to the versions of keys and workflows that decided.
type Recorder struct {
	until atomic.Int64 // somebody watches until then, in Unix nanoseconds
	_     [56]byte     // cache lines of their own
	// Requests that were decided since the process runs.
	allowed atomic.Uint64
	_       [56]byte
	denied  atomic.Uint64
	_       [56]byte

	mu       sync.Mutex
	run      ID     // Activity.Run of what is decided here; 0: it is told from nothing else
	sequence uint64 // Activity.Sequence of the newest of that
	told     tellings

	number  uint64 // of the newest record
	first   uint64 // that this process gave as the owner
	passed  ring
	refused ring
	kept    uint64 // of allowed: how many were recorded,
	skipped uint64 // and how many have a number that nobody will see
	posted  uint64 // the newest number that was brought to another process
	filters []watchedFilter
	looking []Peer         // over SSH, in the order in which they came
	visits  uint64         // how many came
	own     EndpointReport // without counts; no addresses: no endpoint runs
	others  map[int]otherReport
	gaps    []ActivityGap // mostGaps at most, in order
	unseens []unseenCalls // mostUnseen at most, in order
	lapse   lapse
}

// watchedFilter is what somebody watches for.
type watchedFilter struct {
	query ActivityQuery // without After and Limit
	until time.Time
}

// otherReport is what the endpoint of another process said.
type otherReport struct {
	EndpointReport
	heard time.Time
}

// Observed is what is known of a decided request beside the decision.
type Observed struct {
	At     time.Time     // when it came
	Took   time.Duration // to decide and to answer
	PID    int           // of the endpoint
	Remote string        // address and port, as net/http has them
	Agent  string        // the User-Agent header
	Status int           // HTTP status of the answer; 0: there was none

	UpstreamFailure  UpstreamFailure // of an allowed request
	UpstreamAnswered bool            // Status is what the upstream answered
}

// Count counts a decision about a request that came at that time, and reports
// whether Keep is wanted.
func (r *Recorder) Count(allowed bool, at time.Time) (keep bool) {
	if !allowed {
		r.denied.Add(1)
		return true
	}
	r.allowed.Add(1)
	left := r.until.Load() - at.UnixNano()
	return left > 0 && left <= int64(farthest)
}

// farthest is how far off the end of watching may be. What is further off was
// noted by a clock that has been set back since, and nobody watches.
const farthest = time.Hour

// Keep records a decision that Count wants. Nothing of q is held on to.
func (r *Recorder) Keep(q *Request, d *Decision, o Observed) {
	var buffer textBuffer
	text, ends, partial := gather(buffer[:0], q, &o)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.number++
	r.sequence++
	to := &r.refused
	if d.Allowed() {
		r.kept++
		to = &r.passed
	}
	s := to.push(d.Allowed())
	s.number, s.other = r.number, nil
	s.run, s.sequence = r.run, r.sequence
	s.at, s.took, s.pid, s.status = o.At.UnixNano(), o.Took, o.PID, uint16(o.Status)
	s.reason, s.credential, s.slot = d.Reason, d.Credential, d.Slot
	s.foreign, s.noQuery, s.retiring, s.partial = d.Foreign, q.NoQuery, d.Retiring, partial
	s.certificate, s.failure = Digest{}, o.UpstreamFailure
	s.blamed = o.UpstreamFailure != UpstreamDidNotFail || o.UpstreamAnswered && o.Status >= 500
	if d.Reason == CertificateUnknown {
		s.certificate = q.Certificate
	}
	s.key, s.workflow, s.environment, s.clash = d.Key, d.Workflow, d.Environment, d.Clash
	s.text, s.ends = append(s.text[:0], text...), ends
}

// Announce says that the endpoint of this process answers at addresses, such as
// https://127.0.0.1:8443, since that time; none: there is no endpoint any more.
func (r *Recorder) Announce(pid int, since time.Time, addresses []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.own = EndpointReport{PID: pid, Since: At(since), Addresses: slices.Clone(addresses)}
}

// Report is what the endpoint of this process says of itself; false where there
// is none.
func (r *Recorder) Report(now time.Time) (EndpointReport, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.report(now)
}

func (r *Recorder) report(now time.Time) (EndpointReport, bool) {
	out := r.own
	out.Addresses, out.Looking = slices.Clone(out.Addresses), slices.Clone(r.looking)
	out.Allowed, out.Denied, out.At = r.allowed.Load(), r.denied.Load(), now.UTC()
	return out, len(out.Addresses) > 0
}

// Watch has allowed requests recorded until that time at least.
func (r *Recorder) Watch(now, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	left := r.until.Load() - now.UnixNano()
	watched := left > 0 && left <= int64(farthest)
	if !watched {
		r.resume(now)
	}
	if end := until.UnixNano(); !watched || end > r.until.Load() {
		r.until.Store(end)
	}
}

// skip gives numbers to the allowed requests that nobody saw, so that whoever
// asks again learns how many they are, and returns that. The caller holds mu.
func (r *Recorder) skip() uint64 {
	missed := int64(r.allowed.Load() - r.kept - r.skipped)
	if missed <= 0 {
		return 0
	}
	r.number += uint64(missed)
	r.skipped += uint64(missed)
	return uint64(missed)
}

// numbersEach is how far the numbers of two owners are apart for each
// millisecond between their beginnings. More decisions than that are not made;
// and as many of them as there are milliseconds until 2039 are exact in any
// reader of JSON.
const numbersEach = 1 << 12

// begin makes this process the one that numbers decisions, which are numbered
// after those of the owner before it. What that owner was not told of is told
// anew.
func (r *Recorder) begin(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.skip()
	base := max(r.number, uint64(max(0, now.UnixMilli()))*numbersEach)
	shift := base - r.posted
	for _, g := range []*ring{&r.passed, &r.refused} {
		for i := range g.list {
			if s := &g.list[i]; s.number > r.posted {
				s.number += shift
			}
		}
	}
	r.number += shift
	r.first = base + 1
	r.posted = 0
	r.others, r.gaps, r.unseens = nil, nil, nil
	r.lapse = lapse{from: now}
}
