package sharing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
	"dev.keyward/keyward/storage"
)

// own opens the store and serves it to others: first the lock, then the socket,
// so that whoever comes finds somebody who answers, then the store.
func (m *Member) own(ctx context.Context) (*place, error) {
	if !m.mayOwn() {
		return nil, errNotOurs
	}
	lock, err := m.take()
	if err != nil {
		return nil, err
	}
	if pid := m.answering(ctx); pid != 0 { // its lock file was removed under it
		return nil, errors.Join(&storage.LockedError{Dir: m.o.Dir, PID: pid}, lock.Release())
	}
	p := m.newPlace()
	p.lock = lock
	if err := p.open(ctx); err != nil {
		p.lose()
		if p.kv != nil { // closing it let go of the lock
			return nil, errors.Join(err, p.kv.Close())
		}
		return nil, errors.Join(err, lock.Release())
	}
	return p, nil
}

// answering returns the pid of a process that serves the directory although
// this one has its lock; 0 where there is none, as it should be.
func (m *Member) answering(ctx context.Context) int {
	ctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	client, err := server.Dial(ctx, m.o.Dir, server.ClientOptions{Self: m.self})
	if err != nil {
		return 0
	}
	defer client.Close()
	return client.Hello().Owner.PID
}

func (p *place) adminOptions(ready <-chan struct{}) server.AdminOptions {
	m := p.m
	isReady := func() bool {
		select {
		case <-ready:
			return true
		default:
			return false
		}
	}
	return server.AdminOptions{
		UID: ownerOf(p.lock.Dir()), Log: m.o.Log, Now: m.o.Now,
		Hello: func() server.Hello {
			h := server.Hello{Protocol: server.AdminProtocol, Owner: m.self, State: "opening"}
			if isReady() {
				h.State, h.Degraded = "ready", p.degraded
			}
			return h
		},
		Service: func() *model.Service {
			if !isReady() {
				return nil
			}
			return p.service
		},
		HandOver: p.handOver,
		Backup:   p.backup,
		Diagnose: p.diagnose,
	}
}

// noSpace logs a refusal for want of space, at most one in noSpaceEvery: the
// log may be on the same disk.
func (m *Member) noSpace(who model.Actor, what model.Action, err error) {
	now := time.Now().UnixNano()
	if last := m.refusedAt.Load(); now-last < int64(noSpaceEvery) || !m.refusedAt.CompareAndSwap(last, now) {
		return
	}
	m.o.Log.Warn("a change was refused for want of space", "actor", who.String(), "pid", who.PID, "action", string(what), "error", err)
}

const noSpaceEvery = 10 * time.Second

func ownerOf(dir string) int {
	uid, _, err := storage.Owner(dir)
	if err != nil {
		return -1
	}
	return uid
}

// beginOwning starts what an owner does by itself.
func (p *place) beginOwning() {
	if p.service == nil {
		p.m.source.Store(nil) // nothing can be relied on
		return
	}
	if p.m.o.Rank == model.RankServe {
		p.m.source.Store(&source{service: p.service})
	}
	p.do(p.followOwn)
	if p.shared {
		p.do(p.keepSocket)
	}
	switch {
	case p.kv != nil:
		p.m.retry = 0
		p.do(p.keepUsage)
		p.do(p.awaitStop)
	case p.degraded != "":
		p.do(p.awaitRoom)
	}
}

// yieldTime is for how long whoever handed the store over leaves it to the
// other, before it would open it itself.
const yieldTime = 2 * time.Second

// handOver lets go of the store for a process of a higher rank. It returns once
// the store is closed and the lock free.
func (p *place) handOver(ctx context.Context, to model.Peer) error {
	m := p.m
	if to.Rank <= m.o.Rank {
		return fmt.Errorf("%w: %s keeps the store: only a process of a higher rank gets it", model.ErrConflict, m.self)
	}
	if m.o.Rank == model.RankCommand { // it is about to end, and does its work first
		select {
		case <-p.released:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := p.missing(); err != nil { // nobody could open it
		return err
	}
	if err := p.long.end(ctx); err != nil {
		p.long.reopen()
		return err
	}
	m.mu.Lock()
	m.yield = time.Now().Add(yieldTime)
	m.mu.Unlock()
	m.o.Log.Info("handing the store over", "to", to.String())
	p.lose()
	select {
	case <-p.released:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// backup writes everything on record, while changes go on.
func (p *place) backup(ctx context.Context, w io.Writer) error {
	if p.kv == nil {
		return &degradedError{p.degraded}
	}
	if !p.long.enter() {
		return server.ErrNotDone
	}
	defer p.long.leave()
	_, err := storage.WriteBackup(ctx, p.kv, w, p.m.o.Now())
	return err
}

// diagnose checks the records of the open store.
func (p *place) diagnose(ctx context.Context) (json.RawMessage, error) {
	if p.kv == nil {
		return nil, &degradedError{p.degraded}
	}
	if !p.long.enter() {
		return nil, server.ErrNotDone
	}
	defer p.long.leave()
	found, err := storage.DiagnoseKV(ctx, p.kv)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(found)
	if err != nil {
		return nil, fmt.Errorf("checking the records: %w", err)
	}
	return text, nil
}
