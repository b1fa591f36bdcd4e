package sharing

import (
	"context"
	"errors"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
	"dev.keyward/keyward/storage"
)

// begin starts what a place does by itself.
func (p *place) begin() {
	if p.m.o.Rank != model.RankCommand {
		p.do(p.keepLooking)
	}
	if p.owner() {
		p.beginOwning()
		return
	}
	switch p.m.o.Rank {
	case model.RankServe:
		p.do(p.tellActivity)
		p.do(p.followRecords)
		p.do(p.tellUsage)
	case model.RankConsole:
		p.do(p.followHeads)
	}
	if owner := p.client.Hello().Owner; p.m.o.Rank > owner.Rank && p.m.mayOwn() {
		p.do(p.askForStore)
	}
}

// do runs fn while the place lasts.
func (p *place) do(fn func(ctx context.Context)) { p.work.Go(func() { fn(p.ctx) }) }

// followHeads learns of every change, to show it.
func (p *place) followHeads(ctx context.Context) {
	err := p.client.Follow(ctx, model.Following{}, func(u model.Update, _ func(uint64)) error {
		p.m.saw(p, u.Head.Seq)
		return nil
	})
	p.followed(ctx, err)
}

// followRecords keeps a copy of the state to decide from. It takes the place of
// the last one once it is whole.
func (p *place) followRecords(ctx context.Context) {
	replica := &model.Replica{}
	err := p.client.Follow(ctx, model.Following{Records: true, Decides: true}, func(u model.Update, ack func(uint64)) error {
		if err := replica.Apply(u); err != nil {
			return err
		}
		if u.More {
			return nil
		}
		if s := p.m.source.Load(); s == nil || s.replica != replica {
			p.m.source.Store(&source{replica: replica})
		}
		ack(u.Head.Seq)
		p.m.saw(p, u.Head.Seq)
		return nil
	})
	p.followed(ctx, err)
}

// followed ends the place with the stream that it lives by.
func (p *place) followed(ctx context.Context, err error) {
	if ctx.Err() == nil && err != nil && !errors.Is(err, server.ErrGone) {
		p.m.o.Log.Warn("following the owner of the store", "owner", p.peer().String(), "error", err)
	}
	p.lose()
}

// usageEvery is how often what was counted of the use of keys is put on record,
// where nothing else is asked for, and usageTold how often it is told to whoever
// looks: whether a slot is still in use is what a rotation is decided by.
const (
	usageEvery = 30 * time.Second
	usageTold  = 2 * time.Second
)

// usageTold is how often what was counted is told here.
func (m *Member) usageTold() time.Duration { return min(usageTold, m.o.UsageEvery) }

// tellUsage tells the owner of the use of keys, every few seconds and at last.
func (p *place) tellUsage(ctx context.Context) {
	tick := time.NewTicker(p.m.usageTold())
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			p.tell(ctx)
		case <-ctx.Done():
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			p.tell(ctx)
			return
		}
	}
}

// askForStore asks an owner of a lower rank for the store, until it lets go. It
// finishes a long operation first; the place is the client's meanwhile.
func (p *place) askForStore(ctx context.Context) {
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		err := storage.CheckSpace(p.m.o.Dir, p.m.o.MinFree) // it could not open what it gets
		if err == nil {
			err = p.client.HandOver(ctx)
		}
		if err == nil || errors.Is(err, server.ErrGone) {
			p.granted.Store(err == nil)
			p.lose()
			return
		}
		p.m.o.Log.Debug("asking for the store", "owner", p.peer().String(), "error", err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
}
