package model

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// Service owns the state of one store: what is in it, indexed, and the queue
// in which its changes are made. It is safe for concurrent use.
type Service struct {
	store    Store
	now      func() time.Time
	random   io.Reader
	queue    chan struct{}            // holds one token: who has it may change things
	snapshot atomic.Pointer[Snapshot] // nil until somebody decides
	refused  refusals

	publish func(seq uint64)
	watched func(until time.Time)
	noSpace func(Actor, Action, error)
	decides bool
	hub     *hub
	usage   *usages

	recorder *Recorder
	self     Peer

	patience time.Duration // ackPatience
	lists    sync.Pool     // of *[]*Key, see scratch

	binned atomic.Pointer[keptBin] // the bin as it was listed last

	mu      sync.RWMutex // guards what follows; readers of state never wait for the store
	state   *state
	decider bool // somebody decides here: the state's snapshot is whole
}

// Options are a Service's surroundings; the zero value is the real world.
type Options struct {
	Now    func() time.Time // nil: time.Now
	Random io.Reader        // nil: crypto/rand

	// Publish is told the sequence of each change once it is in force here and
	// before it is confirmed, and at first the one that the store begins with;
	// whoever decides from a copy of the state sees by it that its copy is old.
	// Nobody reads or changes anything until it returns: it may not wait, nor
	// call the service.
	Publish func(seq uint64)
	// Recorder has the decisions of this process's endpoint, and takes in those of
	// others; nil: there is no endpoint here.
	Recorder *Recorder
	// Watched is told until when somebody watches what is decided, each time that
	// is put off. It may not wait. nil: nobody else needs to know.
	Watched func(until time.Time)
	// Self is this process, as others see it.
	Self Peer
	// Decides says that this process decides requests from the service.
	Decides bool
	// NoSpace is told who was refused what for want of space: the trail cannot
	// hold that. nil: nobody is told.
	NoSpace func(Actor, Action, error)
}

// NewService reads the store and returns the service that owns it.
func NewService(ctx context.Context, store Store, o Options) (*Service, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.NoSpace == nil {
		o.NoSpace = func(Actor, Action, error) {}
	}
	if o.Publish == nil {
		o.Publish = func(uint64) {}
	}
	if o.Recorder == nil {
		o.Recorder = &Recorder{}
	}
	if o.Watched == nil {
		o.Watched = func(time.Time) {}
	}
	o.Recorder.begin(o.Now())
	s := &Service{
		store: store, now: o.Now, random: o.Random, publish: o.Publish, noSpace: o.NoSpace, decides: o.Decides,
		queue: make(chan struct{}, 1), hub: newHub(),
		patience: ackPatience, recorder: o.Recorder, watched: o.Watched, self: o.Self, decider: o.Decides,
	}
	s.queue <- struct{}{}
	if err := s.reload(ctx); err != nil {
		return nil, err
	}
	last, err := store.LastUses(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the store: %w", err)
	}
	last.clip()
	s.usage = newUsages(last)
	return s, nil
}

// Snapshot returns the newest index. A change is in it before the change is
// confirmed to whoever made it. The secrets are indexed when it is first asked
// for, unless Options.Decides: in a process that only manages keys that would be
// a fifth of its memory.
func (s *Service) Snapshot() *Snapshot {
	if snapshot := s.snapshot.Load(); snapshot != nil {
		return snapshot
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.decider = true
	s.show()
	return s.state.snapshot
}

// show has the state decided from, where somebody does. The caller holds mu.
func (s *Service) show() {
	if s.decider {
		s.state.snapshot = s.state.snapshot.whole(s.state.keys) // a change may have been planned before
		s.snapshot.Store(s.state.snapshot)
	}
}

// Caller is the operator for whom a Session acts.
type Caller struct {
	Actor    Actor
	ReadOnly bool   // may look, may not change
	Reason   string // why, in the operator's words; each change of the session records it
}

// As returns the use cases as caller may use them.
func (s *Service) As(c Caller) *Session { return &Session{service: s, caller: c} }

// Session is the use cases for one operator. Each method that changes
// something authorizes, decides and then commits, in one place each. A Session
// is safe for concurrent use and costs nothing to make.
type Session struct {
	service *Service
	caller  Caller
}

// reload reads the whole store anew. Where it stands as the state does, nothing
// happened and followers see nothing. Its callers have the turn.
func (s *Service) reload(ctx context.Context) error {
	var all Records
	head, err := s.store.Load(ctx, func(r Records) error {
		all.Keys = append(all.Keys, r.Keys...)
		all.Workflows = append(all.Workflows, r.Workflows...)
		all.Environments = append(all.Environments, r.Environments...)
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the store: %w", err)
	}
	if s.state != nil && s.state.head == head { // only whoever has the turn writes it
		return nil
	}
	s.mu.RLock()
	partial := !s.decider
	s.mu.RUnlock()
	st, err := newState(head, all, partial)
	if err != nil {
		return fmt.Errorf("reading the store: %w", err)
	}
	st.lists = &s.lists
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = st
	s.show()
	s.publish(head.Seq)
	s.hub.publish(Update{Base: true})
	return nil
}

// read calls fn with the state, which fn may not change or keep.
func (s *Service) read(fn func(*state) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return fn(s.state)
}
