package sharing

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
	"dev.keyward/keyward/storage"
)

// read asks whoever owns the store. An owner that goes away costs nothing: the
// next one is asked, for as long as a call waits at all.
func read[T any](ctx context.Context, m *Member, ask func(backend) (T, error)) (T, error) {
	again := newPatience(m)
	for {
		var out T
		p, err := m.at(ctx, func(b backend) (err error) {
			out, err = ask(b)
			return err
		})
		if err == nil || !p.gone(err) {
			return out, err
		}
		p.lose()
		if !again.wait(ctx) {
			return out, err
		}
	}
}

// patience bounds how long something is tried again, and how often.
type patience struct {
	until time.Time
	pause time.Duration
}

func newPatience(m *Member) *patience {
	return &patience{time.Now().Add(m.patience()), 0}
}

// wait pauses before the next attempt; false where there is to be none.
func (p *patience) wait(ctx context.Context) bool {
	if time.Now().After(p.until) {
		return false
	}
	pause := p.pause
	p.pause = min(max(firstPause, 2*p.pause), mostPause)
	if pause == 0 {
		return ctx.Err() == nil
	}
	select {
	case <-time.After(pause):
		return true
	case <-ctx.Done():
		return false
	}
}

// change makes a change at whoever owns the store. Where the answer is lost with
// the owner, the next one is asked what became of the change: it is made anew
// only when it is certain that it was not made and never will be. again makes
// the answer of one that was made.
func change[T any](ctx context.Context, m *Member, do func(context.Context, backend) (T, error), again func(context.Context, backend, model.Settled) (T, error)) (T, error) {
	receipt := model.ReceiptOf(ctx)
	tries := newPatience(m)
	for {
		var out T
		err := m.admit(ctx, func(ctx context.Context, b backend) error {
			_, err := do(ctx, b)
			return err
		})
		if err != nil {
			return out, err
		}
		if receipt.Request, err = model.NewRequest(rand.Reader); err != nil {
			return out, err
		}
		p, err := m.at(ctx, func(b backend) (err error) {
			out, err = do(model.WithReceipt(ctx, receipt), b)
			return err
		})
		if err == nil || !p.gone(err) {
			return out, p.doubtful(ctx, err)
		}
		p.lose()
		if !errors.Is(err, server.ErrNotDone) {
			settled, serr := m.settle(ctx, receipt.Request)
			if serr != nil {
				return out, fmt.Errorf("%w: whoever owned the store went away before it answered; look at the object before you try again (%w)", model.ErrUnknownOutcome, serr)
			}
			if settled.Done {
				return read(ctx, m, func(b backend) (T, error) { return again(ctx, b, settled) })
			}
		}
		if !tries.wait(ctx) {
			return out, err
		}
	}
}

// doubtful says of a change that an owner which fell silent may still make that
// its outcome is not known.
func (p *place) doubtful(ctx context.Context, err error) error {
	silent := errors.Is(err, server.ErrSilent) || ctx.Err() != nil && errors.Is(err, ctx.Err())
	if err == nil || p == nil || p.owner() || !silent || errors.Is(err, server.ErrNotDone) {
		return err
	}
	return fmt.Errorf("%w: the change may have been made, so look at the object when the owner of the store answers again (%w)", model.ErrUnknownOutcome, err)
}

// settle asks the next owner what became of a change, as long as the caller
// waits at all.
func (m *Member) settle(ctx context.Context, request string) (model.Settled, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), m.patience())
	defer cancel()
	return m.Settle(ctx, request)
}

// at calls fn with the use cases of the member's place, which is returned with
// fn's error.
func (m *Member) at(ctx context.Context, fn func(backend) error) (*place, error) {
	for {
		p, err := m.current(ctx)
		if err != nil {
			return nil, err
		}
		if !p.calls.enter() { // it is being left
			if err := m.await(ctx, p); err != nil {
				return nil, err
			}
			continue
		}
		if p.owner() && p.service == nil {
			p.calls.leave()
			return p, &degradedError{p.degraded}
		}
		err = fn(p.backendFor(ctx))
		p.calls.leave()
		return p, err
	}
}

// await waits until p is the member's place no more.
func (m *Member) await(ctx context.Context, p *place) error {
	for {
		m.mu.Lock()
		now, changed := m.place, m.changed
		m.mu.Unlock()
		if now != p {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// gone reports whether err means that the place is no more: the owner went away,
// or the store in this process stopped and has to be opened again.
func (p *place) gone(err error) bool {
	if p == nil {
		return false
	}
	if !p.owner() {
		if link := (*server.LinkError)(nil); errors.As(err, &link) {
			return errors.Is(err, server.ErrGone) || errors.Is(err, server.ErrNotDone)
		}
		// The owner's store stopped: it is opened again.
		return errors.Is(err, model.ErrUnavailable) || errors.Is(err, model.ErrUnknownOutcome)
	}
	if p.kv == nil || !errors.Is(err, storage.ErrUnavailable) && !errors.Is(err, storage.ErrClosed) {
		return false
	}
	p.broken.Store(true)
	return true
}

// The answers of changes that were made and whose answer was lost.

func theKey(ctx context.Context, b backend, s model.Settled) (model.KeyInfo, error) {
	o := object(s)
	k, err := b.Key(ctx, o.ID.String())
	if errors.Is(err, model.ErrNotFound) { // somebody deleted it since
		return model.KeyInfo{KeyRow: model.KeyRow{ID: o.ID, Name: o.Name}}, nil
	}
	return k, err
}

func theWorkflow(ctx context.Context, b backend, s model.Settled) (model.WorkflowInfo, error) {
	o := object(s)
	w, err := b.Workflow(ctx, o.ID.String())
	if errors.Is(err, model.ErrNotFound) {
		return model.WorkflowInfo{WorkflowRef: model.WorkflowRef{ID: o.ID, Name: o.Name}}, nil
	}
	return w, err
}

func theEnvironment(ctx context.Context, b backend, s model.Settled) (model.EnvironmentInfo, error) {
	o := object(s)
	e, err := b.Environment(ctx, o.ID.String())
	if errors.Is(err, model.ErrNotFound) {
		return model.EnvironmentInfo{ID: o.ID, Name: o.Name}, nil
	}
	return e, err
}

func nothing(context.Context, backend, model.Settled) (struct{}, error) { return struct{}{}, nil }

// object is what a change was about.
func object(s model.Settled) model.Object {
	if len(s.Objects) == 0 {
		return model.Object{}
	}
	return s.Objects[0]
}

// Backup writes everything on record to w, unencrypted, as storage.WriteBackup
// has it; another process may own the store.
func (m *Member) Backup(ctx context.Context, w io.Writer) error {
	p, err := m.current(ctx)
	if err != nil {
		return err
	}
	if p.owner() {
		return p.backup(ctx, w)
	}
	return p.client.Backup(ctx, w)
}

// Diagnose checks the records of the store, whoever owns it, and returns what
// was found as JSON.
func (m *Member) Diagnose(ctx context.Context) (json.RawMessage, error) {
	p, err := m.current(ctx)
	if err != nil {
		return nil, err
	}
	if p.owner() {
		return p.diagnose(ctx)
	}
	return p.client.Diagnose(ctx)
}
