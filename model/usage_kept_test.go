package model_test

import (
	"context"
	"errors"
	"testing"

	"dev.keyward/keyward/model"
)

// reading is a store that calls around what is read and put.
type reading struct {
	*memory
	read, put, written func() // once each: after usage was read, before it is put and after that
	err                error  // of PutUsage
	both               bool   // it is put all the same
}

func once(fn *func()) {
	if call := *fn; call != nil {
		*fn = nil
		call()
	}
}

func (r *reading) Usage(ctx context.Context, ids []model.UsageID) ([]model.Usage, error) {
	list, err := r.memory.Usage(ctx, ids)
	once(&r.read)
	return list, err
}

func (r *reading) PutUsage(ctx context.Context, list []model.Usage) error {
	once(&r.put)
	err := r.err
	if err == nil || r.both {
		err = errors.Join(err, r.memory.PutUsage(ctx, list))
	}
	once(&r.written)
	return err
}

// TestUsageWhileItIsKept: whoever looks sees each call once, whether it is on
// record, on its way there, or neither; and nothing of it stays in memory.
func TestUsageWhileItIsKept(t *testing.T) {
	w, _, _ := fixture(t)
	ctx := t.Context()
	store := &reading{memory: w.store}
	s, err := model.NewService(ctx, store, model.Options{Now: w.clock.Now, Random: w.random})
	if err != nil {
		t.Fatal(err)
	}
	session := s.As(model.Caller{})
	id := must(t)(session.Key(ctx, "app")).ID
	flow := must(t)(session.Key(ctx, "app")).Workflows[0].ID
	calls := uint64(0)
	call := func() {
		calls++
		s.AddUsage([]model.Usage{{Key: id, Slot: model.Primary, Allowed: 1, Last: model.At(now)}, {Workflow: flow, Allowed: 1}})
	}
	look := func(when string) {
		t.Helper()
		k, err := session.Key(ctx, "app")
		if err != nil || k.Slots[0].Usage == nil || k.Slots[0].Usage.Allowed != calls {
			t.Errorf("%s: %+v of %d, %v", when, k.Slots[0].Usage, calls, err)
		}
		all, err := session.Workflows(ctx)
		if err != nil || all[0].Calls != calls {
			t.Errorf("%s: %d calls of the workflow of %d, %v", when, all[0].Calls, calls, err)
		}
	}
	flush := func() error {
		t.Helper()
		err := s.FlushUsage(ctx)
		look("flushed")
		return err
	}
	call()
	look("counted")
	if err := flush(); err != nil || s.UsageHeld() != 0 {
		t.Fatal(err, s.UsageHeld())
	}
	call()
	store.read = func() { look("before the batch is known") }
	store.put = func() { call(); look("before it is put") }
	store.written = func() { call(); look("after it was put") }
	if err := flush(); err != nil || s.UsageHeld() != 0 {
		t.Fatal(err, s.UsageHeld())
	}
	call()
	store.read = func() { // somebody's look, between what is on record and what is not
		if err := s.FlushUsage(ctx); err != nil {
			t.Error(err)
		}
	}
	look("a batch is put meanwhile")

	call()
	store.err = errFire
	store.put = func() { call() }
	store.written = func() { look("it failed") }
	if err := flush(); err != errFire {
		t.Fatal(err)
	}
	store.err = nil
	if err := flush(); err != nil || s.UsageHeld() != 0 {
		t.Fatal(err, s.UsageHeld())
	}
	for _, store.both = range []bool{true, false} { // nobody knows whether it was put
		call()
		store.err = model.ErrUnknownOutcome
		store.put = func() { call() }
		store.written = func() { look("nobody knows") }
		if err := flush(); !errors.Is(err, model.ErrUnknownOutcome) {
			t.Fatal(err)
		}
		call()
		look("in doubt")
		store.err = nil
		store.read = func() { look("while it is settled") }
		if err := flush(); err != nil || s.UsageHeld() != 0 {
			t.Fatal(err, s.UsageHeld())
		}
	}
	again, err := model.NewService(ctx, w.store, model.Options{Now: w.clock.Now, Random: w.random})
	if err != nil {
		t.Fatal(err)
	}
	session = again.As(model.Caller{})
	look("opened again")
}

// TestUsageThatCannotBeRead: a key says so rather than that nobody called; a
// change that is made stays made.
func TestUsageThatCannotBeRead(t *testing.T) {
	w, _, _ := fixture(t)
	ctx := t.Context()
	store := &unread{memory: w.store}
	s, err := model.NewService(ctx, store, model.Options{Now: w.clock.Now, Random: w.random})
	if err != nil {
		t.Fatal(err)
	}
	session := s.As(model.Caller{})
	wants := map[string]error{}
	_, wants["a key"] = session.Key(ctx, "app")
	_, wants["workflows"] = session.Workflows(ctx)
	for what, err := range wants {
		if err != errFire {
			t.Errorf("%s: %v", what, err)
		}
	}
	s.AddUsage([]model.Usage{{Key: must(t)(w.Key(ctx, "app")).ID, Slot: model.Primary, Allowed: 1}})
	if err := s.FlushUsage(ctx); err != errFire || s.UsageDirty() != 1 {
		t.Errorf("%v, %d left", err, s.UsageDirty())
	}
	info, err := session.SetKeyEnabled(ctx, "app", false)
	if err != nil || info.Enabled {
		t.Errorf("a change: %+v, %v", info, err)
	}
}

type unread struct{ *memory }

func (*unread) Usage(context.Context, []model.UsageID) ([]model.Usage, error) { return nil, errFire }
