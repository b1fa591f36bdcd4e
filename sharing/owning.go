package sharing

import (
	"context"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
	"dev.keyward/keyward/storage"
)

// followOwn learns of the changes of every process.
func (p *place) followOwn(ctx context.Context) {
	f := p.service.Follow(model.Following{})
	defer f.Close()
	for {
		u, err := f.Next(ctx)
		if err != nil {
			return
		}
		p.m.saw(p, u.Head.Seq)
	}
}

// keepUsage tells the service of the use of keys here, every few seconds, and has
// it put on record what was counted here and elsewhere, every Options.UsageEvery.
func (p *place) keepUsage(ctx context.Context) {
	told, tick := time.NewTicker(p.m.usageTold()), time.NewTicker(p.m.o.UsageEvery)
	defer told.Stop()
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-told.C:
			p.takeUsage()
			continue
		case <-tick.C:
		}
		p.takeUsage()
		if err := p.service.FlushUsage(ctx); err != nil && ctx.Err() == nil {
			p.m.o.Log.Warn("keeping how keys were used: it is tried again", "error", err)
		}
	}
}

// awaitStop has the store opened again after it stopped by itself: a write that
// failed, say. What is on disk shows then.
func (p *place) awaitStop(ctx context.Context) {
	select {
	case <-p.kv.Stopped():
		p.m.o.Log.Error("the store stopped after an error: it is opened again")
		p.broken.Store(true)
		p.lose()
	case <-ctx.Done():
	}
}

// How often an owner that goes on from the journal tries to open the store.
const (
	firstRetry = 2 * time.Second
	mostRetry  = time.Minute
)

// awaitRoom opens the store again once that may succeed. Damage does not mend
// itself: that is for an operator.
func (p *place) awaitRoom(ctx context.Context) {
	if p.damaged {
		return
	}
	m := p.m
	for m.retry = min(max(firstRetry, 2*m.retry), mostRetry); ; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(m.retry):
		}
		if !p.full || storage.CheckSpace(p.lock.Dir(), m.o.MinFree) == nil {
			p.broken.Store(true)
			p.lose()
			return
		}
	}
}

// socketEvery is how often an owner looks whether others still find it.
const socketEvery = time.Second

// keepSocket makes the socket anew when its name was removed: whoever comes
// would find nobody, and the directory taken.
func (p *place) keepSocket(ctx context.Context) {
	tick := time.NewTicker(socketEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if server.AdminSocketThere(p.lock.Dir()) || !p.lock.InPlace() {
			continue
		}
		l, err := server.ListenAdmin(p.lock.Dir())
		if err != nil {
			p.m.o.Log.Warn("making the admin socket anew: it is tried again", "error", err)
			continue
		}
		p.m.o.Log.Warn("the admin socket was removed, and is made anew", "dir", p.lock.Dir())
		p.admin.Start(l)
	}
}
