package model

import (
	"context"
	"crypto/rand"
	"errors"
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
	queue    chan struct{} // holds one token: who has it may change things
	snapshot atomic.Pointer[Snapshot]
	refused  atomic.Int64 // Instant of the last recorded refusal

	mu    sync.RWMutex // guards state, whose readers it never makes wait for the store
	state *state
}

// Options are a Service's surroundings; the zero value is the real world.
type Options struct {
	Now    func() time.Time // nil: time.Now
	Random io.Reader        // nil: crypto/rand
}

// NewService reads the store and returns the service that owns it.
func NewService(ctx context.Context, store Store, o Options) (*Service, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	s := &Service{store: store, now: o.Now, random: o.Random, queue: make(chan struct{}, 1)}
	s.queue <- struct{}{}
	if err := s.reload(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// Snapshot returns the newest index. A change is in it before the change is
// confirmed to whoever made it.
func (s *Service) Snapshot() *Snapshot { return s.snapshot.Load() }

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

// reload reads the whole store anew.
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
	st, err := newState(head, all)
	if err != nil {
		return fmt.Errorf("reading the store: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = st
	s.snapshot.Store(st.snapshot)
	return nil
}

// read calls fn with the state, which fn may not change or keep.
func (s *Service) read(fn func(*state) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return fn(s.state)
}

// attempts bounds how often a change is decided anew because another came in
// between.
const attempts = 4

// change is the one way to change anything. plan decides against the state
// what to write and returns how the state looks after it; it may be called
// several times. Nothing is seen of a change before the store has it.
//
// Each plan's object and changed fields, with the action and the caller, are
// the audit entry that the store commits in the same batch.
func (s *Session) change(ctx context.Context, action Action, plan func(*state, Instant) (*plan, error)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	svc := s.service
	if s.caller.ReadOnly {
		return s.refuse(ctx, action)
	}
	if len(s.caller.Reason) > maxReason {
		return Invalid("reason", "the reason has %d characters: %d are the most", len(s.caller.Reason), maxReason)
	}
	select {
	case <-svc.queue:
		defer func() { svc.queue <- struct{}{} }()
	case <-ctx.Done():
		return ctx.Err()
	}
	err := ErrChanged
	for range attempts {
		if err = svc.attempt(ctx, s.entry(action), plan); !errors.Is(err, ErrChanged) {
			return err
		}
		if rerr := svc.reload(ctx); rerr != nil {
			return rerr
		}
	}
	return err
}

// maxReason is the longest reason, in bytes.
const maxReason = 500

// refusalsEvery is how often a refusal for want of rights is recorded at most:
// whoever may not change the store may not fill it either.
const refusalsEvery = 10 * time.Second

// refuse answers an operator who may not change anything, and puts that on
// record, unless another refusal was recorded just now.
func (s *Session) refuse(ctx context.Context, action Action) error {
	refusal := forbidden("this session is read-only: %s is not allowed", action.Words())
	svc := s.service
	now := At(svc.now())
	if last := svc.refused.Load(); now-Instant(last) < Instant(refusalsEvery) || !svc.refused.CompareAndSwap(last, int64(now)) {
		return refusal
	}
	select {
	case <-svc.queue:
		defer func() { svc.queue <- struct{}{} }()
	case <-ctx.Done():
		return refusal
	}
	entry := s.entry(action)
	entry.Refused = true
	for range attempts {
		err := svc.attempt(ctx, entry, func(*state, Instant) (*plan, error) { return &plan{}, nil })
		if !errors.Is(err, ErrChanged) || svc.reload(ctx) != nil {
			break // the refusal stands, recorded or not
		}
	}
	return refusal
}

// entry begins the audit entry of a change of this session.
func (s *Session) entry(action Action) Entry {
	return Entry{Actor: s.caller.Actor, Action: action, Reason: s.caller.Reason}
}

func (s *Service) attempt(ctx context.Context, entry Entry, decide func(*state, Instant) (*plan, error)) error {
	p, err := s.plan(entry, decide)
	if err != nil || p.empty() && !entry.Refused {
		return err
	}
	if p.change.ID, err = s.changeID(); err != nil {
		return err
	}
	head, err := s.store.Commit(ctx, p.change)
	if errors.Is(err, ErrUnknownOutcome) {
		head, err = s.settle(ctx, p.change)
	}
	if err != nil {
		if errors.Is(err, ErrUnknownOutcome) {
			s.catchUp(ctx)
		}
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.apply(p, head)
	s.snapshot.Store(s.state.snapshot)
	return nil
}

func (s *Service) plan(entry Entry, decide func(*state, Instant) (*plan, error)) (*plan, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	now := At(s.now())
	p, err := decide(s.state, now)
	if err != nil {
		return nil, err
	}
	p.change.Head = s.state.head
	entry.Time = now
	entry.Object, entry.Changes = s.state.describe(&p.change)
	entry.Link(p.change.Head)
	p.change.Entry = entry
	return p, p.index(s.state)
}

func (s *Service) changeID() (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(s.random, b[:]); err != nil {
		return "", fmt.Errorf("drawing a change id: %w", err)
	}
	return fmt.Sprintf("%x", b), nil
}

// settleTime bounds how long a change whose outcome is unknown is asked about,
// beyond the caller's own deadline: the caller is better served by an answer.
const settleTime = 5 * time.Second

// catchUp reads the store anew after a change whose outcome is not known: it may
// have been made, and nothing is to be decided on the state before it for longer
// than must be. A store that cannot be read leaves the state as it is.
func (s *Service) catchUp(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	_ = s.reload(ctx) // the caller is told already that the store does not answer
}

func (s *Service) settle(ctx context.Context, c Change) (Head, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	head, done, err := s.store.Settle(ctx, c)
	switch {
	case err != nil:
		return Head{}, fmt.Errorf("%w: look at the object before you try again (%w)", ErrUnknownOutcome, err)
	case !done:
		return Head{}, ErrChanged // nothing was done: decide anew
	}
	return head, nil
}
