package sharing

import (
	"context"
	"errors"
	"fmt"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
	"dev.keyward/keyward/storage"
)

// open binds the socket and opens the store. After an error nothing but the
// lock is left.
func (p *place) open(ctx context.Context) (err error) {
	m := p.m
	p.identify()
	ready := make(chan struct{})
	p.admin = server.NewAdmin(p.adminOptions(ready))
	listener, err := server.ListenAdmin(p.lock.Dir())
	if err == nil {
		p.admin.Start(listener)
		p.shared = true
		defer func() {
			if err != nil {
				err = errors.Join(err, p.admin.Unlink()) // while the lock is held: later it would be another's
				m.goodbye.Go(p.closeAdmin)
			}
		}()
	} else if !errors.Is(err, errors.ErrUnsupported) { // the store is then this process's alone
		return err
	}
	if err := m.mapRegion(true); err != nil {
		return err
	}
	store, err := p.openStore(ctx)
	if err != nil {
		return err
	}
	if store != nil {
		p.service, err = model.NewService(ctx, store, model.Options{
			Now: m.o.Now, Publish: m.region.Load().publish, Decides: m.o.Rank == model.RankServe, NoSpace: m.noSpace,
			Recorder: m.recorder, Watched: m.region.Load().watch, Self: m.self,
		})
	}
	if err == nil {
		m.o.Holds(true)
		close(ready)
	}
	return err
}

// openStore opens the store or, where that cannot be and the options say so,
// its journal. Neither: nothing is decided, and the store is nil.
func (p *place) openStore(ctx context.Context) (model.Store, error) {
	m := p.m
	loaded := &storage.Loaded{}
	kv, err := storage.OpenLocked(p.lock, storage.Options{
		MinFree: m.o.MinFree, Logger: m.o.Log, Loaded: loaded,
		Checking: func(c storage.Checked) error { m.o.Opening(c); return ctx.Err() },
	})
	if err != nil {
		return p.openJournal(ctx, err)
	}
	p.kv = kv
	store, err := p.vouched(ctx, kv, loaded)
	if damage := (*storage.DamageError)(nil); err == nil || !errors.As(err, &damage) || !m.o.FromJournal {
		return store, err
	}
	p.kv = nil // the lock is this place's again, whatever closing says
	if cerr := kv.CloseKeepingLock(); cerr != nil {
		return nil, errors.Join(err, cerr)
	}
	return p.openJournal(ctx, err)
}

// vouched returns the store in kv, unless changes that were confirmed are
// missing in it.
func (p *place) vouched(ctx context.Context, kv storage.KV, loaded *storage.Loaded) (model.Store, error) {
	store, err := p.store(ctx, kv)
	if err != nil {
		return nil, err
	}
	head, err := store.Head(ctx)
	if err != nil {
		return nil, err
	}
	store.From(loaded)
	return store, p.witness(head)
}

// openJournal opens the journal in the place of a store that cannot be opened
// for err, where the options say so and err is no passing trouble.
func (p *place) openJournal(ctx context.Context, err error) (model.Store, error) {
	m := p.m
	var damage *storage.DamageError
	switch {
	case !m.o.FromJournal:
		return nil, err
	case errors.As(err, &damage):
		p.trouble, p.damaged = "the store is damaged", true
	case errors.Is(err, storage.ErrNoSpace):
		p.trouble, p.full = "the disk is full", true
	case errors.Is(err, storage.ErrUnavailable) && !storage.IsTooManyFiles(err):
		p.trouble = "the store cannot be opened"
	default:
		return nil, err
	}
	p.degraded = err.Error()
	store, jerr := storage.OpenJournal(ctx, p.lock.Dir())
	if jerr == nil {
		jerr = p.witness(store.Head())
	}
	if jerr != nil {
		p.degraded += "; and its journal cannot be read either: " + jerr.Error()
		p.trouble = "the store and its journal are damaged"
		m.o.Log.Error("the store cannot be opened and its journal is not sound: everything is denied", "store", err, "journal", jerr)
		return nil, nil
	}
	m.o.Log.Error("the store cannot be opened: decisions come from its journal, and nothing can be changed", "error", err)
	return store, nil
}

// witness compares what was opened with the sequence that was published last:
// changes that were confirmed are missing where that is ahead. It was written
// after the store and its journal, so it is never ahead of them by itself.
func (p *place) witness(head model.Head) error {
	published := p.m.region.Load().load()
	if published <= head.Seq || published == storage.NoSequence {
		return nil
	}
	return &storage.DamageError{
		Dir: p.lock.Dir(), Missing: published - head.Seq, Journal: true,
		Problem: fmt.Sprintf("it has %d changes, and %d were confirmed", head.Seq, published),
	}
}

// degradedError says why the store cannot be used. It is model.ErrDegraded.
type degradedError struct{ text string }

func (e *degradedError) Error() string { return e.text }

// Is makes errors.Is(err, model.ErrDegraded) hold.
func (e *degradedError) Is(target error) bool { return target == model.ErrDegraded }
