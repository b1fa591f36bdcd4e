package sharing

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
	"dev.keyward/keyward/storage"
)

// place is what a member is for a while: the owner of the store, or the client
// of another process that is.
type place struct {
	m        *Member
	identity string          // of the store; "": not known
	degraded string          // why nothing can be changed
	full     bool            // that is because the disk is
	damaged  bool            // that is because the store is, which does not mend itself
	trouble  string          // the same in a few words that everybody may read
	ctx      context.Context // ends when the place is to be left
	lose     context.CancelFunc
	released chan struct{} // closed when nothing of it is left
	granted  atomic.Bool   // the owner let go of the store for this process
	broken   atomic.Bool   // the store stopped after an error, and is to be opened again
	work     sync.WaitGroup

	calls  calls // in this process, which the release waits for
	client *server.Client

	// Of an owner.
	lock    *storage.Lock
	kv      *storage.Badger // nil while decisions come from the journal
	service *model.Service
	admin   *server.Admin
	shared  bool  // others find the socket
	long    calls // backups and the like: a hand-over waits for them
}

func (p *place) owner() bool { return p.client == nil }

func (p *place) peer() model.Peer {
	if p.owner() {
		return p.m.self
	}
	return p.client.Hello().Owner
}

// newPlace returns a place that ends with the member, or with its lose.
func (m *Member) newPlace() *place {
	p := &place{m: m, released: make(chan struct{})}
	p.ctx, p.lose = context.WithCancel(m.ctx)
	return p
}

// backend is the use cases at this place.
func (p *place) backend() backend {
	if p.owner() {
		return p.service.As(p.m.o.Caller)
	}
	return p.client
}

// calls counts what is under way, so that it can be waited for. The zero value
// is ready.
type calls struct {
	mu    sync.Mutex
	ended bool
	n     int
	idle  chan struct{} // closed when n falls to 0, while somebody waits for it
}

// enter reports whether something new may begin.
func (c *calls) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ended {
		c.n++
	}
	return !c.ended
}

func (c *calls) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n--; c.n == 0 && c.idle != nil {
		close(c.idle)
		c.idle = nil
	}
}

// reopen lets new calls begin again.
func (c *calls) reopen() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = false
}

// end lets nothing new begin, and waits for what did.
func (c *calls) end(ctx context.Context) error {
	c.mu.Lock()
	c.ended = true
	if c.n == 0 {
		c.mu.Unlock()
		return nil
	}
	if c.idle == nil {
		c.idle = make(chan struct{})
	}
	idle := c.idle
	c.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// dial becomes the client of the owner.
func (m *Member) dial(ctx context.Context) (*place, error) {
	client, err := server.Dial(ctx, m.o.Dir, server.ClientOptions{
		Self: m.self, Claimed: m.o.Caller.Actor.Claimed, Reason: m.o.Caller.Reason, ReadOnly: m.o.Caller.ReadOnly,
	})
	if err != nil {
		return nil, err
	}
	identity, err := m.recognizes()
	if err == nil {
		err = m.mapRegion(false)
	}
	if err != nil {
		client.Close()
		return nil, err
	}
	p := m.newPlace()
	p.identity = identity
	if p.client, p.degraded = client, client.Hello().Degraded; p.degraded != "" {
		p.trouble = "the store cannot be changed"
	}
	return p, nil
}

// mapRegion maps the published sequence. The file is looked up anew at each
// place: a restore puts another directory in the place of the old one.
func (m *Member) mapRegion(create bool) error {
	if m.o.Rank != model.RankServe && !create {
		return nil // nothing is decided here
	}
	old := m.region.Load()
	r, err := openRegion(m.o.Dir, create, old)
	if err != nil {
		return err
	}
	if old != nil && !old.same(r) {
		// Another directory is in the place of the one before: what was decided
		// from is of that one, and its numbers mean nothing here.
		m.source.Store(nil)
	}
	// An old map stays: a request may be reading it.
	m.region.Store(r)
	return nil
}

// release ends the place: calls of this process are finished, the store is
// closed.
func (p *place) release() error {
	defer close(p.released)
	p.lose()
	if !p.owner() {
		p.work.Wait()
		p.client.Close()
		return nil
	}
	return p.releaseStore()
}

// drainTime bounds how long calls in flight may take before the store closes
// under them. They get an error then, and nothing is half done.
const drainTime = 10 * time.Second

func (p *place) releaseStore() error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.m.ctx), drainTime)
	defer cancel()
	errs := []error{p.calls.end(ctx), p.admin.Leave(ctx)}
	if errs[1] != nil {
		p.closeAdmin() // whoever is slow to take an answer asks the next owner
	}
	p.work.Wait()
	p.m.recorder.Posted(math.MaxUint64) // whoever watched could see all of it
	there := p.lock.InPlace()
	if p.kv != nil && there {
		p.takeUsage()
		errs = append(errs, p.service.FlushUsage(ctx))
	}
	if there { // what has its name now is another's
		errs = append(errs, p.admin.Unlink())
	}
	if p.kv != nil {
		errs = append(errs, p.kv.Close()) // which lets go of the lock
	} else {
		errs = append(errs, p.lock.Release())
	}
	p.m.o.Holds(false)
	p.m.goodbye.Go(p.closeAdmin) // the answer to whoever asked for the store may still be under way
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("letting go of the store: %w", err)
	}
	return nil
}

// closeAdmin ends the connections of others, which ask the next owner.
func (p *place) closeAdmin() {
	if err := p.admin.Close(); err != nil {
		p.m.o.Log.Warn("closing the admin socket", "error", err)
	}
}
