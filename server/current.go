package server

import (
	"context"
	"sync"
	"time"

	"dev.keyward/keyward/model"
)

// DefaultCatchUp is how long a request waits for an endpoint that has not seen
// the newest change, before it is denied as stale.
const DefaultCatchUp = 250 * time.Millisecond

// How often a snapshot that requests wait for is looked at: soon at first, for a
// change is seldom more than a moment away, then less and less often.
const (
	firstLook = 100 * time.Microsecond
	lastLook  = 2 * time.Millisecond
)

// current returns a snapshot to decide from that is no older than the newest
// confirmed change at the time of the call. It waits for one for up to
// Options.CatchUp, or until ctx ends. nil: there is none, and nothing may be
// decided.
func (e *Endpoint) current(ctx context.Context) *model.Snapshot {
	if e.o.Newest == nil {
		return e.o.Snapshot()
	}
	newest := e.o.Newest() // first: what is confirmed while the snapshot is fetched came after the request
	if s := e.o.Snapshot(); s != nil && s.Seq() >= newest {
		return s
	}
	return e.catchUp.await(ctx, newest, e.o.CatchUp)
}

// catchUp is where requests wait for a snapshot. One goroutine looks at it for
// all of them, and none runs while nobody waits.
type catchUp struct {
	snapshot func() *model.Snapshot

	mu      sync.Mutex
	waiting int
	changed chan struct{} // closed once the snapshot is another one; nil: nobody looks
}

// await returns a snapshot that has seen newest, or nil after patience, or when
// ctx ends.
func (c *catchUp) await(ctx context.Context, newest uint64, patience time.Duration) *model.Snapshot {
	limit := time.NewTimer(patience)
	defer limit.Stop()
	changed := c.join()
	defer c.leave()
	for {
		if s := c.since(newest); s != nil {
			return s
		}
		select {
		case <-changed:
			changed = c.news() // before the snapshot is looked at again, so that no change is missed
		case <-limit.C:
			return c.since(newest)
		case <-ctx.Done():
			return nil
		}
	}
}

// since returns the snapshot if it has seen newest.
func (c *catchUp) since(newest uint64) *model.Snapshot {
	if s := c.snapshot(); s != nil && s.Seq() >= newest {
		return s
	}
	return nil
}

func (c *catchUp) join() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting++
	if c.changed == nil {
		c.changed = make(chan struct{})
		go c.look(c.snapshot())
	}
	return c.changed
}

func (c *catchUp) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting--
}

func (c *catchUp) news() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changed
}

// look wakes whoever waits each time the snapshot is not the one seen last. It
// returns once nobody waits.
func (c *catchUp) look(seen *model.Snapshot) {
	for pause := firstLook; ; pause = min(2*pause, lastLook) {
		time.Sleep(pause)
		c.mu.Lock()
		if c.waiting == 0 {
			c.changed = nil
			c.mu.Unlock()
			return
		}
		if s := c.snapshot(); s != seen {
			seen, pause = s, firstLook
			close(c.changed)
			c.changed = make(chan struct{})
		}
		c.mu.Unlock()
	}
}
