package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Update is what happened to the store, for whoever keeps a copy of its
// enforcement state. A base comes first and begins anew; then each change
// follows, whole and in order. Records are the receiver's to keep, not to write
// to.
type Update struct {
	Base    bool    `json:"base,omitempty"`  // whatever was there before is void
	More    bool    `json:"more,omitempty"`  // the base goes on in the next update, which has the same Head
	After   uint64  `json:"after,omitempty"` // of a change: the sequence that it follows, so that none is missed
	Head    Head    `json:"head"`            // where the store stands after it
	Records Records `json:"records,omitzero"`
	Gone    []ID    `json:"gone,omitempty"` // of records that are no more
}

// IsZero reports whether r holds no record.
func (r Records) IsZero() bool { return len(r.Keys)+len(r.Workflows)+len(r.Environments) == 0 }

// updatesKept bounds how many changes a follower may be behind before it begins
// anew with a base.
const updatesKept = 1024

// recordsKept bounds how many records those changes hold together, which stay in
// memory even when they were replaced since: those of some full batches.
const recordsKept = 32 * MaxBatch

// hub hands the changes of a service to its followers.
type hub struct {
	mu        sync.Mutex
	changed   chan struct{} // closed at each change, and replaced
	updates   []Update      // the newest ones
	first     uint64        // number of updates[0]; numbers never come twice
	records   int           // in updates
	followers map[*Follower]struct{}
}

func newHub() *hub {
	return &hub{changed: make(chan struct{}), first: 1, followers: map[*Follower]struct{}{}}
}

// publish adds an update and wakes the followers.
func (h *hub) publish(u Update) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if u.Base { // who follows takes the base from the state itself
		h.first += uint64(len(h.updates)) + 1
		h.updates, h.records = nil, 0
	} else {
		h.updates = append(h.updates, u)
		h.records += u.size()
		h.trim()
	}
	close(h.changed)
	h.changed = make(chan struct{})
}

// trim drops the oldest updates over the bounds.
func (h *hub) trim() {
	over := 0
	for len(h.updates)-over > updatesKept || h.records > recordsKept {
		h.records -= h.updates[over].size()
		over++
	}
	h.first += uint64(over)
	h.updates = slices.Delete(h.updates, 0, over)
}

func (u *Update) size() int {
	return len(u.Records.Keys) + len(u.Records.Workflows) + len(u.Records.Environments) + len(u.Gone)
}

// Follower receives what happens to a store. Its methods but Ack are for one
// goroutine at a time.
type Follower struct {
	Following
	service *Service
	next    uint64 // number of the update to hand out; 0: the base
	closed  chan struct{}
	once    sync.Once

	mu    sync.Mutex
	acked uint64        // the newest sequence in force there
	slow  bool          // it did not acknowledge in time the last time
	news  chan struct{} // closed at each acknowledgement, and replaced
}

// Following says who follows a store, and for what.
type Following struct {
	Name    string // for people: "serve (pid 4242)"
	Peer    Peer   // the process, where it is another
	Records bool   // the records are wanted too, not only where the store stands
	Decides bool   // requests are decided from them: no change is confirmed before it is acknowledged there, or ackPatience has passed
}

// Follow begins to follow the store. The caller closes the follower.
func (s *Service) Follow(o Following) *Follower {
	f := &Follower{service: s, Following: o, news: make(chan struct{}), closed: make(chan struct{})}
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	s.hub.followers[f] = struct{}{}
	return f
}

// Close ends the following. Next returns an error from then on.
func (f *Follower) Close() {
	f.once.Do(func() {
		f.service.hub.mu.Lock()
		delete(f.service.hub.followers, f)
		f.service.hub.mu.Unlock()
		close(f.closed)
	})
}

// Ack says that everything up to seq is in force where the follower decides.
func (f *Follower) Ack(seq uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.acked, f.slow = max(f.acked, seq), false
	close(f.news)
	f.news = make(chan struct{})
}

// Next returns what comes next, when it comes: the base at first, and again
// where the follower is too far behind. Errors are those of ctx, and
// ErrUnavailable once the follower is closed.
func (f *Follower) Next(ctx context.Context) (Update, error) {
	for {
		select {
		case <-f.closed:
			return Update{}, fmt.Errorf("following the store: %w", ErrUnavailable)
		default:
		}
		u, ready, wait := f.take()
		if ready {
			return u, nil
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return Update{}, ctx.Err()
		case <-f.closed: // the loop says so
		}
	}
}

func (f *Follower) take() (u Update, ready bool, wait chan struct{}) {
	h := f.service.hub
	h.mu.Lock()
	end := h.first + uint64(len(h.updates))
	if f.next >= h.first && f.next <= end {
		defer h.mu.Unlock()
		if f.next == end {
			return Update{}, false, h.changed
		}
		u = h.updates[f.next-h.first]
		f.next++
		if !f.Records {
			u = Update{After: u.After, Head: u.Head}
		}
		return u, true, nil
	}
	h.mu.Unlock()
	return f.base(), true, nil
}

// base takes the whole state, and the number of the update that follows it.
func (f *Follower) base() Update {
	s := f.service
	s.mu.RLock() // a change publishes its update while it holds mu
	defer s.mu.RUnlock()
	s.hub.mu.Lock()
	f.next = s.hub.first + uint64(len(s.hub.updates))
	s.hub.mu.Unlock()
	u := Update{Base: true, Head: s.state.head}
	if !f.Records {
		return u
	}
	u.Records.Workflows = slices.Clone(s.state.workflows)
	u.Records.Environments = slices.Clone(s.state.environments)
	u.Records.Keys = slices.Clone(s.state.keys)
	return u
}

// update is what a change did, for followers.
func (p *plan) update(head Head) Update {
	u := Update{After: p.change.Head.Seq, Head: head}
	u.Records.Keys = split(&u, p.change.Keys, func(k *Key) ID { return k.ID })
	u.Records.Workflows = split(&u, p.change.Workflows, func(w *Workflow) ID { return w.ID })
	u.Records.Environments = split(&u, p.change.Environments, func(e *Environment) ID { return e.ID })
	return u
}

// split returns the new versions of records, and adds to u.Gone those removed.
func split[T any](u *Update, writes []Write[T], id func(*T) ID) []*T {
	var list []*T
	for _, w := range writes {
		if w.After == nil {
			u.Gone = append(u.Gone, id(w.Before))
			continue
		}
		list = append(list, w.After)
	}
	return list
}

// ackPatience is how long a confirmation waits for the endpoints that follow.
const ackPatience = time.Second

// errLate ends the wait for an endpoint that had its time.
var errLate = errors.New("the endpoint has not acknowledged in time")

// confirm waits until the change up to seq is in force wherever the store is
// decided from, or ackPatience has passed, and fills the receipt. An endpoint
// that was late the last time is not waited for again: it denies until it has
// caught up, whatever the confirmation says.
func (s *Service) confirm(ctx context.Context, r *Receipt, seq uint64, began time.Time) {
	r.Seq = seq
	r.Serves, r.InForce, r.Missing = 0, 0, nil
	if s.decides {
		r.Serves, r.InForce = 1, 1
	}
	limit, cancel := context.WithTimeoutCause(ctx, s.patience, errLate)
	defer cancel()
	for _, f := range s.deciding() {
		r.Serves++
		if f.has(limit, seq) {
			r.InForce++
			continue
		}
		r.Missing = append(r.Missing, f.Name)
	}
	r.Took = time.Since(began)
}

// deciding lists the followers that decide, by name.
func (s *Service) deciding() []*Follower {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	var list []*Follower
	for f := range s.hub.followers {
		if f.Decides {
			list = append(list, f)
		}
	}
	slices.SortFunc(list, func(a, b *Follower) int { return compareFold(a.Name, b.Name) })
	return list
}

// has reports whether the follower acknowledges seq before ctx ends. One that
// goes away meanwhile has not: it denies what it cannot decide, and begins anew.
// A caller who does not wait longer says nothing about the follower.
func (f *Follower) has(ctx context.Context, seq uint64) bool {
	for {
		f.mu.Lock()
		acked, slow, news := f.acked, f.slow, f.news
		f.mu.Unlock()
		switch {
		case acked >= seq:
			return true
		case slow:
			return false
		}
		select {
		case <-news:
		case <-f.closed:
			return false
		case <-ctx.Done():
			f.mu.Lock()
			defer f.mu.Unlock()
			if context.Cause(ctx) == errLate {
				f.slow = f.acked < seq
			}
			return f.acked >= seq
		}
	}
}
