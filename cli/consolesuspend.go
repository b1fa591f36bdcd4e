package cli

import (
	"context"
	"errors"
	"os"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/sharing"
)

// both is how a console with an endpoint beside it shares the store: it lets go
// of it, and takes part again, with both of its members.
type both struct {
	m        *sharing.Member
	endpoint *beside
}

// Watch is sharing.Member.Watch. What the endpoint of this process owns, this
// process owns.
func (b both) Watch(ctx context.Context, fn func(model.Standing)) error {
	return b.m.Watch(ctx, func(st model.Standing) {
		st.Mine = st.Mine || st.Owner.PID == os.Getpid()
		fn(st)
	})
}

// Suspend lets go of the store. The endpoint does not answer while the process
// is stopped, and would keep everybody else waiting; so would one that is just
// being started, which is waited for.
func (b both) Suspend(ctx context.Context) error {
	b.endpoint.hold(true)
	err := errors.Join(b.m.Suspend(ctx), b.endpoint.awaitStart(ctx))
	if run := b.endpoint.running(); run != nil {
		err = errors.Join(err, run.member.Suspend(ctx))
	}
	return err
}

// Resume takes part again.
func (b both) Resume(ctx context.Context) error {
	b.endpoint.hold(false)
	var err error
	if run := b.endpoint.running(); run != nil {
		err = run.member.Resume(ctx)
	}
	return errors.Join(err, b.m.Resume(ctx))
}

// hold says whether the process is letting go of the store.
func (b *beside) hold(held bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held = held
}

func (b *beside) isHeld() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.held
}

// starts notes that an endpoint is being started, until the function that it
// returns is called.
func (b *beside) starts() (over func()) {
	starting := make(chan struct{})
	b.mu.Lock()
	defer b.mu.Unlock()
	b.starting = starting
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.starting = nil
		close(starting)
	}
}

// awaitStart waits until what is being started takes part, or does not.
func (b *beside) awaitStart(ctx context.Context) error {
	b.mu.Lock()
	starting := b.starting
	b.mu.Unlock()
	if starting == nil {
		return nil
	}
	select {
	case <-starting:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// holdToo has an endpoint that began to take part while the process was letting
// go of the store let go of it as well. Who gave up waiting for the endpoint does
// not come back for it.
func (b *beside) holdToo(ctx context.Context, run *besideRun) {
	for b.isHeld() {
		_ = run.member.Suspend(ctx) // The process stops whatever comes of it.
		if b.isHeld() {
			return
		}
		_ = run.member.Resume(ctx) // The process goes on already; the member tries again by itself.
	}
}
