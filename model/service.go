package model

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// Service owns the state of one store: what is in it, indexed, and the queue
// in which its changes are made. It is safe for concurrent use.
type Service struct {
	store    Store
	now      func() time.Time
	random   io.Reader
	queue    chan struct{}            // holds one token: who has it may change things
	snapshot atomic.Pointer[Snapshot] // nil until somebody decides
	refused  atomic.Int64             // Instant of the last recorded refusal

	publish func(seq uint64)
	watched func(until time.Time)
	noSpace func(Actor, Action, error)
	decides bool
	hub     *hub
	usage   *usages

	recorder *Recorder
	self     Peer

	patience time.Duration // ackPatience

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

// attempts bounds how often a change is decided anew because another came in
// between.
const attempts = 4

// change is the one way to change anything. plan decides against the state
// what to write and returns how the state looks after it; it may be called
// several times. Nothing is seen of a change before the store has it, and it is
// in force wherever the store is decided from before change returns, as far as
// the receipt in ctx says.
//
// Each plan's object and changed fields, with the action and the caller, are
// the audit entry that the store commits in the same batch.
func (s *Session) change(ctx context.Context, action Action, plan func(*state, Instant) (*plan, error)) error {
	return s.changePart(ctx, 0, action, plan)
}

// changePart is change for one batch of bulk work, which began with part 0.
func (s *Session) changePart(ctx context.Context, part int, action Action, plan func(*state, Instant) (*plan, error)) error {
	began := time.Now() // for the receipt: a span, whatever the clock
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := checkReason(s.caller.Reason); err != nil {
		return err
	}
	if s.caller.ReadOnly {
		return s.refuse(ctx, action)
	}
	receipt := ReceiptOf(ctx)
	if receipt.Request != "" {
		if err := checkRequest(receipt.Request); err != nil {
			return err
		}
	}
	seq, err := s.service.decide(ctx, partOf(receipt.Request, part), s.entry(action), plan)
	if errors.Is(err, ErrNoSpace) {
		s.service.noSpace(s.caller.Actor, action, err)
	}
	if err != nil || seq == 0 {
		return err
	}
	s.service.confirm(ctx, receipt, seq, began)
	return nil
}

// turn waits until nobody else changes anything, and keeps it so until done is
// called.
func (s *Service) turn(ctx context.Context) (done func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case <-s.queue:
		return func() { s.queue <- struct{}{} }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// decide makes one change in its turn, and returns the sequence that it brought;
// 0 when there was nothing to change. A request that was used before is
// ErrChanged.
func (s *Service) decide(ctx context.Context, request string, entry Entry, plan func(*state, Instant) (*plan, error)) (uint64, error) {
	done, err := s.turn(ctx)
	if err != nil {
		return 0, err
	}
	defer done()
	var seq uint64
	for range attempts {
		before := s.state.head
		if seq, err = s.attempt(ctx, request, entry, plan); !errors.Is(err, ErrChanged) {
			return seq, err
		}
		if rerr := s.reload(ctx); rerr != nil {
			return 0, rerr
		}
		if request != "" && s.state.head == before {
			break // no other change came first: it is the request that is taken
		}
	}
	return 0, err
}

// maxReason is the longest reason, in bytes.
const maxReason = 500

// checkReason refuses what the audit trail would not keep as it is.
func checkReason(reason string) error {
	switch {
	case len(reason) > maxReason:
		return Invalid("reason", "the reason has %d characters: %d are the most", len(reason), maxReason)
	case !utf8.ValidString(reason):
		return Invalid("reason", "the reason is not UTF-8 text: write it in another way")
	}
	return nil
}

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
	entry := s.entry(action)
	entry.Refused = true
	// The refusal stands, recorded or not.
	_, _ = svc.decide(ctx, "", entry, func(*state, Instant) (*plan, error) { return &plan{}, nil })
	return refusal
}

// entry begins the audit entry of a change of this session.
func (s *Session) entry(action Action) Entry {
	actor := s.caller.Actor
	actor.User, actor.Claimed = strings.ToValidUTF8(actor.User, "?"), strings.ToValidUTF8(actor.Claimed, "?")
	actor.SSH.Comment = strings.ToValidUTF8(actor.SSH.Comment, "?")
	return Entry{Actor: actor, Action: action, Reason: s.caller.Reason}
}

func (s *Service) attempt(ctx context.Context, request string, entry Entry, decide func(*state, Instant) (*plan, error)) (uint64, error) {
	p, err := s.plan(request, entry, decide)
	if err != nil || p.empty() && !entry.Refused {
		return 0, err
	}
	head, err := s.store.Commit(ctx, p.change)
	if errors.Is(err, ErrUnknownOutcome) {
		head, err = s.settle(ctx, p.change)
	}
	if err != nil {
		if errors.Is(err, ErrUnknownOutcome) {
			s.catchUp(ctx)
		}
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.apply(p, head)
	s.show()
	s.publish(head.Seq)
	s.hub.publish(p.update(head))
	return head.Seq, nil
}

func (s *Service) plan(request string, entry Entry, decide func(*state, Instant) (*plan, error)) (*plan, error) {
	if request == "" {
		var err error
		if request, err = NewRequest(s.random); err != nil {
			return nil, err
		}
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	now := At(s.now())
	p, err := decide(s.state, now)
	if err != nil {
		return nil, err
	}
	p.change.ID, p.change.Head = request, s.state.head
	entry.Time, entry.Request = now, request
	s.state.enter(p, entry)
	return p, p.index(s.state)
}

// enter adds the audit entries of a plan: one, or one for each key of a bulk
// change.
func (st *state) enter(p *plan, entry Entry) {
	head := p.change.Head
	add := func(part *Change) {
		entry.Object, entry.Changes = st.describe(part)
		entry.Link(head)
		head.Seq, head.Hash = entry.Seq, entry.Hash
		p.change.Entries = append(p.change.Entries, entry)
	}
	if p.each == nil {
		add(&p.change)
		return
	}
	for i, action := range p.each {
		entry.Action = action
		add(&Change{Keys: p.change.Keys[i : i+1]})
	}
}
