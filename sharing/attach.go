package sharing

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
	"dev.keyward/keyward/storage"
)

// quickly is how soon a place is lost that was not worth taking.
const quickly = time.Second

// sleep waits for d, or for Close.
func (m *Member) sleep(d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-m.ctx.Done():
	}
}

// Pauses between attempts to take part.
const (
	firstPause = 5 * time.Millisecond
	mostPause  = 250 * time.Millisecond

	// Owners may come and go in between: commands take a few dozen milliseconds.
	attachPause = 10 * time.Millisecond
)

// headStart is how long a lower rank lets a higher one go first when an owner
// is gone, so that the store need not be handed over at once.
func headStart(rank model.Rank) time.Duration {
	switch rank {
	case model.RankServe:
		return 0
	case model.RankConsole:
		return 40*time.Millisecond + rand.N(20*time.Millisecond)
	}
	return 80*time.Millisecond + rand.N(40*time.Millisecond)
}

// next takes part again after the place was lost; nil when Close came first.
func (m *Member) next(lost *place) *place {
	start := time.Now().Add(headStart(m.o.Rank))
	if lost.owner() && lost.broken.Load() || lost.granted.Load() {
		start = time.Time{}
	}
	for pause := firstPause; ; pause = min(2*pause, mostPause) {
		if !m.waitResumed() {
			return nil
		}
		if y := m.yielding(); y.After(start) {
			start = y
		}
		resumed := m.resumptions()
		p, err := m.attach(m.ctx, start)
		switch {
		case err == nil && m.isSuspended():
			p.lose()
			if err := p.release(); err != nil {
				m.o.Log.Warn("letting go of the store", "error", err)
			}
			continue
		case err == nil:
			return p
		case m.ctx.Err() != nil:
			return nil
		}
		m.failed(err, resumed)
		m.sleep(pause)
	}
}

func (m *Member) isSuspended() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.suspended
}

// waitResumed waits while the member is suspended; false when Close comes.
func (m *Member) waitResumed() bool {
	for {
		m.mu.Lock()
		if m.parked != m.suspended {
			m.parked = m.suspended
			m.wake()
		}
		suspended, changed := m.suspended, m.changed
		m.mu.Unlock()
		if !suspended {
			return m.ctx.Err() == nil
		}
		select {
		case <-changed:
		case <-m.ctx.Done():
			return false
		}
	}
}

func (m *Member) yielding() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.yield
}

// SilentError says that whoever has the directory does not answer. It is
// model.ErrUnavailable.
type SilentError struct {
	Dir  string
	PID  int  // 0: not known
	Busy bool // it serves nobody, and may be about something else: a restore
	Err  error
}

// Error says which process it is, and what to do.
func (e *SilentError) Error() string {
	if e.Busy {
		who := "a process"
		if e.PID > 0 {
			who = fmt.Sprintf("keyward (pid %d)", e.PID)
		}
		return fmt.Sprintf("the data directory %s is held by %s, which serves nobody now: it may be restoring a backup, or ending; try again in a while", model.Clean(e.Dir), who)
	}
	who, do := "another process", "end that process"
	if e.PID > 0 {
		who = fmt.Sprintf("keyward (pid %d)", e.PID)
		do = fmt.Sprintf("kill -CONT %d lets it go on if it is stopped, kill %d ends it", e.PID, e.PID)
	}
	return fmt.Sprintf("the data directory %s is held by %s, which does not answer: %s", model.Clean(e.Dir), who, do)
}

// Is makes errors.Is(err, model.ErrUnavailable) hold.
func (e *SilentError) Is(target error) bool { return target == model.ErrUnavailable }

// Unwrap returns the cause.
func (e *SilentError) Unwrap() error { return e.Err }

// silence is how long the holder of the lock may be without a socket: it is
// opening or leaving. An owner with a socket has server.Dial's patience.
const silence = 4 * time.Second

// attach opens the store or becomes the client of whoever has it. Before
// notBefore it does not open.
func (m *Member) attach(ctx context.Context, notBefore time.Time) (*place, error) {
	began, holder := time.Now(), 0
	var locked *storage.LockedError
	var gone error
	for pause := firstPause; ; pause = min(2*pause, attachPause) {
		if time.Now().After(notBefore) {
			p, err := m.own(ctx)
			locked, gone = nil, nil
			if isGone(err) {
				gone = err
			}
			if err == nil || gone == nil && !errors.As(err, &locked) && !errors.Is(err, errNotOurs) {
				return p, err
			}
			if locked != nil && locked.PID != holder { // they come and go
				began, holder = time.Now(), locked.PID
			}
		}
		p, err := m.dial(ctx)
		if errors.Is(err, server.ErrGone) { // somebody was there, and greeted
			began = time.Now()
		}
		switch {
		case err == nil:
			return p, nil
		case gone != nil:
			return nil, gone
		case errors.Is(err, errors.ErrUnsupported) && locked != nil: // on this system one process has the directory
			return nil, locked
		case errors.Is(err, server.ErrSilent):
			return nil, &SilentError{Dir: m.o.Dir, PID: storage.HolderPID(m.o.Dir), Err: err}
		case !errors.Is(err, server.ErrNobody) && !errors.Is(err, server.ErrGone):
			return nil, err
		case !m.mayOwn():
			_, err := storage.Prepare(m.o.Dir) // says whose it is
			return nil, err
		case time.Now().After(notBefore) && time.Since(began) > silence:
			return nil, &SilentError{Dir: m.o.Dir, PID: storage.HolderPID(m.o.Dir), Busy: true, Err: err}
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// errNotOurs means that this user never opens the store.
var errNotOurs = errors.New("the directory is another user's")

// mayOwn reports whether this user is the directory's owner, or may become it.
// What root would write into another's directory would lock that user out.
func (m *Member) mayOwn() bool {
	uid, exists, err := storage.Owner(m.o.Dir)
	return err != nil || !exists || uid < 0 || uid == os.Geteuid()
}
