package model

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"
)

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

// refuse answers an operator who may not change anything, and puts that on
// record, unless a refusal of the same operator was recorded just now.
func (s *Session) refuse(ctx context.Context, action Action) error {
	refusal := forbidden("this session is read-only: %s is not allowed", action.Words())
	svc := s.service
	entry := s.entry(action)
	if !svc.refused.take(operatorOf(entry.Actor), At(svc.now())) {
		return refusal
	}
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
