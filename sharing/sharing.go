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
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/storage"
)

// Options say who takes part.
type Options struct {
	Dir     string
	Rank    model.Rank
	Kind    string // what the process is where its rank does not say it; see model.Peer
	Version string
	Caller  model.Caller // for whom changes are made
	MinFree int64        // bytes of the disk to leave alone; 0: storage.DefaultMinFree
	Log     *slog.Logger // what goes on between the processes; nil discards
	Now     func() time.Time

	// UsageEvery is how often what was counted of the use of keys is put on
	// record; 0: 30 s. It is told every 2 s to whoever looks.
	UsageEvery time.Duration

	// Holds is told true each time that this process has opened the store and read
	// it, before anybody uses it, and false when it has let go of it; nil: nobody
	// needs to know.
	Holds func(bool)

	// Opening is told how far the store is checked while this process opens it, from
	// one goroutine at a time; nil: nobody needs to know.
	Opening func(storage.Checked)

	// Existing makes no directory and no store: there must be one, or Join is a
	// *NoStoreError.
	Existing bool

	// Same is a member of this process whose store it must be: where that is gone,
	// or another one is in its place, Join is a *storage.GoneError; nil: any store.
	Same *Member

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
	untold untold

	recorder *model.Recorder
	recall   model.Recall  // of who watches here
	lastLook time.Duration // how long awaitWatchers waits

	retry     time.Duration // after which a store that could not be opened is tried again; of the place's goroutine
	refusedAt atomic.Int64  // when a refusal for want of space was last logged, in Unix nanoseconds

	mu        sync.Mutex
	known     known
	place     *place // nil between two
	standing  model.Standing
	changed   chan struct{} // closed when place or standing changes, and replaced
	suspended bool
	parked    bool      // run waits for the end of the suspension
	resumed   uint64    // how many suspensions came to their end
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

// Join takes part in the directory, which is made where it is not there. From
// then on it is that store or none: a member whose directory vanishes makes
// nothing in its place, and takes part again once it is back.
//
// Errors: those of storage.Open; *SilentError where the owner does not answer;
// server.ErrProtocol; the one of ctx, also while the store is being opened.
func Join(ctx context.Context, o Options) (*Member, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Holds == nil {
		o.Holds = func(bool) {}
	}
	if o.Opening == nil {
		o.Opening = func(storage.Checked) {}
	}
	if o.UsageEvery == 0 {
		o.UsageEvery = usageEvery
	}
	m := &Member{
		o: o, changed: make(chan struct{}), ended: make(chan struct{}), meter: &model.Meter{}, recorder: &model.Recorder{},
		lastLook: lastLook,
		self:     model.Peer{PID: os.Getpid(), Rank: o.Rank, Kind: o.Kind, Version: o.Version, Since: model.At(o.Now())},
	}
	run, err := model.NewID(rand.Reader)
	if err != nil {
		return nil, err
	}
	m.recorder.Identify(run)
	m.untold.run = run
	m.ctx, m.cancel = context.WithCancel(context.WithoutCancel(ctx))
	m.look()
	p, err := m.attach(ctx, time.Time{})
	if err != nil {
		m.cancel()
		return nil, m.unseen(err)
	}
	m.enter(p)
	go m.run(p)
	return m, nil
}

// Close leaves the directory: changes in flight are finished, the store closed,
// and another process may own it.
func (m *Member) Close() error {
	m.once.Do(func() {
		m.awaitWatchers()
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

// Meter counts the use of keys; what it counted is told every 2 s, and kept every
// Options.UsageEvery.
func (m *Member) Meter() *model.Meter { return m.meter }

// Dir returns the directory as it was named.
func (m *Member) Dir() string { return m.o.Dir }

var _ io.Closer = (*Member)(nil)
