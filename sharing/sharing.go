// Package sharing lets any number of keyward processes work on one data
// directory. Whoever gets the directory's lock opens the store and serves the
// admin socket in it: the owner. Everybody else is its client, and becomes the
// owner when it leaves. A Member is one process's part in that: it has every
// use case of a session, whoever owns the store, and, for an endpoint, the
// state to decide from.
//
// It is a room of its own because it alone joins storage (which opens), server
// (which serves and dials) and model; cli makes a Member and knows nothing of
// locks and sockets.
package sharing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
	"dev.keyward/keyward/storage"
)

// Options say who takes part.
type Options struct {
	Dir     string
	Rank    model.Rank
	Version string
	Caller  model.Caller // for whom changes are made
	MinFree int64        // bytes of the disk to leave alone; 0: storage.DefaultMinFree
	Log     *slog.Logger // what goes on between the processes; nil discards
	Now     func() time.Time

	// FromJournal goes on from the journal's state, read-only, where the store
	// cannot be opened for damage or for want of space.
	FromJournal bool
}

// Member is one process's part in a shared directory. It is safe for concurrent
// use.
type Member struct {
	o       Options
	self    model.Peer
	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	ended   chan struct{} // closed when run has returned
	once    sync.Once
	close   error          // of Close
	goodbye sync.WaitGroup // answers that are still under way

	source atomic.Pointer[source]
	region atomic.Pointer[region]
	meter  *model.Meter

	retry     time.Duration // after which a store that could not be opened is tried again; of the place's goroutine
	refusedAt atomic.Int64  // when a refusal for want of space was last logged, in Unix nanoseconds

	mu        sync.Mutex
	place     *place // nil between two
	standing  model.Standing
	changed   chan struct{} // closed when place or standing changes, and replaced
	suspended bool
	parked    bool      // run waits for the end of the suspension
	trouble   string    // of the place, or of the last one
	yield     time.Time // until then the directory is left to whoever asked for it
	lastError error     // of the newest attempt to take part
}

// source is what an endpoint decides from: one of the two.
type source struct {
	service *model.Service
	replica *model.Replica
}

func (s *source) snapshot() *model.Snapshot {
	if s.service != nil {
		return s.service.Snapshot()
	}
	return s.replica.Snapshot()
}

// Join takes part in the directory, which is made where it is not there.
//
// Errors: those of storage.Open; *SilentError where the owner does not answer;
// server.ErrProtocol.
func Join(ctx context.Context, o Options) (*Member, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	m := &Member{
		o: o, changed: make(chan struct{}), ended: make(chan struct{}), meter: &model.Meter{},
		self: model.Peer{PID: os.Getpid(), Rank: o.Rank, Version: o.Version, Since: model.At(o.Now())},
	}
	m.ctx, m.cancel = context.WithCancel(context.WithoutCancel(ctx))
	p, err := m.attach(ctx, time.Time{})
	if err != nil {
		m.cancel()
		return nil, err
	}
	m.enter(p)
	go m.run(p)
	return m, nil
}

// Close leaves the directory: changes in flight are finished, the store closed,
// and another process may own it.
func (m *Member) Close() error {
	m.once.Do(func() {
		m.cancel()
		<-m.ended
		m.goodbye.Wait()
		if r := m.region.Load(); r != nil && m.o.Rank != model.RankServe {
			m.close = errors.Join(m.close, r.close()) // an endpoint may still be deciding
		}
	})
	return m.close
}

// run takes part until Close: it waits for the end of a place, and finds the
// next one.
func (m *Member) run(p *place) {
	defer close(m.ended)
	var rest time.Duration
	for {
		entered := time.Now()
		<-p.ctx.Done()
		m.leave(p)
		err := p.release()
		if m.ctx.Err() != nil {
			m.close = err
			return
		}
		if err != nil {
			m.o.Log.Warn("letting go of the store", "error", err)
		}
		if time.Since(entered) > quickly {
			rest = 0
		}
		m.sleep(rest) // an owner that is lost at once is not to be tried in a circle
		rest = min(max(firstPause, 2*rest), mostPause)
		if p = m.next(p); p == nil {
			return
		}
		m.enter(p)
	}
}

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
		m.failed(err)
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
	for pause := firstPause; ; pause = min(2*pause, attachPause) {
		if time.Now().After(notBefore) {
			p, err := m.own(ctx)
			locked = nil
			if err == nil || !errors.As(err, &locked) && !errors.Is(err, errNotOurs) {
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

// enter makes p the place of the member.
func (m *Member) enter(p *place) {
	m.mu.Lock()
	m.place = p
	m.lastError = nil
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
// until Resume.
func (m *Member) Suspend(ctx context.Context) error {
	for {
		m.mu.Lock()
		if !m.suspended {
			m.suspended = true
			m.wake()
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
		if errors.As(last, &silent) { // it is known already, and is being tried again
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

// Snapshot returns the newest index to decide from, for an endpoint; nil where
// there is none. It goes on being there while the owner changes.
func (m *Member) Snapshot() *model.Snapshot {
	if s := m.source.Load(); s != nil {
		return s.snapshot()
	}
	return nil
}

// Newest returns the sequence of the newest confirmed change, whoever made it:
// one atomic load.
func (m *Member) Newest() uint64 {
	if r := m.region.Load(); r != nil {
		return r.quick()
	}
	return 0
}

// Meter counts the use of keys; what it counted is kept every usageEvery.
func (m *Member) Meter() *model.Meter { return m.meter }

// Trouble says why nothing can be changed, in a few words that everybody may
// read; "" where it can be. Standing has the whole sentence.
func (m *Member) Trouble() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.lastError != nil {
		return "who owns the store cannot be reached"
	}
	return m.trouble
}

// Dir returns the directory as it was named.
func (m *Member) Dir() string { return m.o.Dir }

var _ io.Closer = (*Member)(nil)
