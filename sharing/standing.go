package sharing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dev.keyward/keyward/model"
)

// enter makes p the place of the member.
func (m *Member) enter(p *place) {
	m.mu.Lock()
	m.place = p
	m.lastError = nil
	m.remembers(p)
	if !p.owner() {
		m.yield = time.Time{} // whoever asked for the store has it
	}
	m.trouble = p.trouble
	m.standing.Mine, m.standing.Owner, m.standing.Stale, m.standing.Degraded = p.owner(), p.peer(), "", p.degraded
	m.wake()
	m.mu.Unlock()
	p.begin()
}

// leave says that p is no more.
func (m *Member) leave(p *place) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.place == p {
		m.place = nil
		m.standing.Mine, m.standing.Owner = false, model.Peer{}
		m.wake()
	}
}

// failed notes why the member could not take part.
func (m *Member) failed(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lastError = err
	if text := err.Error(); m.standing.Stale != text {
		m.standing.Stale = text
		m.o.Log.Warn("not taking part in the data directory", "error", text)
		m.wake()
	}
}

// saw notes the newest change.
func (m *Member) saw(p *place, seq uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.place == p && m.standing.Seq != seq {
		m.standing.Seq = seq
		m.wake()
	}
}

// wake tells whoever waits that something changed. The caller holds mu.
func (m *Member) wake() {
	close(m.changed)
	m.changed = make(chan struct{})
}

// Watch calls fn with where this process stands, at once and whenever that
// changes, until ctx ends or the member is closed.
func (m *Member) Watch(ctx context.Context, fn func(model.Standing)) error {
	for {
		m.mu.Lock()
		standing, changed := m.standing, m.changed
		m.mu.Unlock()
		fn(standing)
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-m.ctx.Done():
			return model.ErrUnavailable
		}
	}
}

// Standing says where this process stands.
func (m *Member) Standing() model.Standing {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.standing
}

// Suspend lets go of the store before the process stops, so that others can
// have it meanwhile, and returns once this process has no part in it. Calls wait
// until Resume, which ends a Suspend that still waits with an error.
func (m *Member) Suspend(ctx context.Context) error {
	m.mu.Lock()
	m.suspended = true
	m.wake()
	m.mu.Unlock()
	for {
		m.mu.Lock()
		if !m.suspended {
			m.mu.Unlock()
			return errResumed
		}
		if m.place != nil {
			m.place.lose()
		}
		parked, changed := m.parked, m.changed
		m.mu.Unlock()
		if parked {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-m.ctx.Done():
			return nil
		}
	}
}

// errResumed ends a Suspend that did not come to its end.
var errResumed = errors.New("the store was not let go of: this process takes part again")

// Resume takes part again, and returns once the member does.
func (m *Member) Resume(ctx context.Context) error {
	m.mu.Lock()
	m.suspended = false
	m.wake()
	m.mu.Unlock()
	_, err := m.current(ctx)
	return err
}

// placePatience is how long a call waits for an owner where somebody looks at a
// screen. A command waits longer: hundreds of them may be taking turns.
const (
	placePatience   = 8 * time.Second
	commandPatience = time.Minute
)

func (m *Member) patience() time.Duration {
	if m.o.Rank == model.RankCommand {
		return commandPatience
	}
	return placePatience
}

// current returns the place of the member, waiting for one for a while.
func (m *Member) current(ctx context.Context) (*place, error) {
	ctx, cancel := context.WithTimeout(ctx, m.patience())
	defer cancel()
	for {
		m.mu.Lock()
		p, changed, last := m.place, m.changed, m.lastError
		m.mu.Unlock()
		if p != nil {
			return p, nil
		}
		var silent *SilentError
		if errors.As(last, &silent) || isGone(last) { // it is known already, and is being tried again
			return nil, last
		}
		select {
		case <-changed:
		case <-m.ctx.Done():
			return nil, fmt.Errorf("%w: the store is closed", model.ErrUnavailable)
		case <-ctx.Done():
			if last != nil {
				return nil, fmt.Errorf("%w: %w", model.ErrUnavailable, last)
			}
			return nil, fmt.Errorf("%w: nobody has opened the store yet: try again (%w)", model.ErrUnavailable, ctx.Err())
		}
	}
}

// Trouble says why nothing can be changed, in a few words that everybody may
// read; "" where it can be. Standing has the whole sentence.
func (m *Member) Trouble() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if isGone(m.lastError) {
		return goneTrouble
	}
	if m.lastError != nil {
		return "who owns the store cannot be reached"
	}
	return m.trouble
}
