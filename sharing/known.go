package sharing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/storage"
)

// known is what a member knows of the store that it takes part in: a directory
// that vanishes is not made anew, and another store in its place is another.
type known struct {
	dir      bool   // the directory was there
	store    bool   // and a store in it
	taken    bool   // it took part
	identity string // of the store; "": not known
}

// look finds out what is there before anything is made.
func (m *Member) look() {
	if m.o.Same != nil {
		m.known = m.o.Same.seen()
		return
	}
	_, err := os.Stat(m.o.Dir)
	m.known = known{dir: err == nil, store: err == nil && storage.HoldsStore(m.o.Dir)}
	if m.known.store {
		m.known.identity = storage.Identity(m.o.Dir)
	}
}

// seen returns what is known of the store by now.
func (m *Member) seen() known {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.known
}

// remembers keeps what p showed of the store. The caller has the mutex.
func (m *Member) remembers(p *place) {
	m.known.dir, m.known.store, m.known.taken = true, true, true
	if p.identity != "" {
		m.known.identity = p.identity
	}
}

// take takes the directory, which is made only for a member that has not seen
// it yet and may make one.
func (m *Member) take() (*storage.Lock, error) {
	k := m.seen()
	switch {
	case k.store:
		return storage.TakeStore(m.o.Dir, k.identity)
	case m.o.Existing:
		return storage.TakeStore(m.o.Dir, "")
	case k.dir:
		if err := storage.StillThere(m.o.Dir); err != nil {
			return nil, err
		}
	}
	return storage.TakeDir(m.o.Dir)
}

// identify gives the store its identity, if it has none. A disk that takes no
// more is no reason not to open the store.
func (p *place) identify() {
	id, err := p.lock.Identify()
	if err != nil {
		p.m.o.Log.Warn("keeping what tells the store from another", "error", err)
		return
	}
	p.identity = id
}

// store prepares what kv holds; it begins a new one only where nothing was
// there before.
func (p *place) store(ctx context.Context, kv storage.KV) (*storage.Store, error) {
	if p.m.o.Existing || p.m.seen().taken {
		return storage.ExistingStore(ctx, kv, p.lock.Dir())
	}
	return storage.NewStore(ctx, kv, p.m.o.Now())
}

// recognizes refuses an owner that serves another store than the member's.
func (m *Member) recognizes() (identity string, err error) {
	identity = storage.Identity(m.o.Dir)
	if k := m.seen(); k.identity != "" && k.identity != identity {
		return "", storage.StillHolds(m.o.Dir, k.identity)
	}
	return identity, nil
}

// NoStoreError says that there is no store where one only looks, or takes part
// in what another has.
type NoStoreError struct{ Dir string }

// Error says what to do.
func (e *NoStoreError) Error() string {
	return fmt.Sprintf("there is no store in %s, and none is made here: name the data directory of one with --data", model.Clean(e.Dir))
}

// unseen is err of the first attempt to take part: what was never there is not
// gone.
func (m *Member) unseen(err error) error {
	if k := m.seen(); isGone(err) && !k.store {
		dir := m.o.Dir
		if abs, err := filepath.Abs(dir); err == nil { // its reader may stand elsewhere
			dir = abs
		}
		return &NoStoreError{dir}
	}
	return err
}

func isGone(err error) bool { return errors.As(err, new(*storage.GoneError)) }

// goneTrouble is a GoneError in a few words that everybody may read.
const goneTrouble = "the data directory is gone"

// lookEvery is how often a place looks whether the directory is there still.
const lookEvery = time.Second

// keepLooking notes when the directory is gone under a store that is open, and
// when it is back: nothing can be changed in between.
func (p *place) keepLooking(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		p.m.found(p, p.missing())
	}
}

// missing is a *storage.GoneError where the directory is not what the place was
// taken in.
func (p *place) missing() error {
	if p.owner() {
		if !p.lock.InPlace() {
			return cmp.Or(storage.StillHolds(p.m.o.Dir, p.identity), p.lock.Check())
		}
		if p.identity != "" { // somebody may have removed the file
			if err := p.lock.KeepIdentity(p.identity); err != nil {
				p.m.o.Log.Warn("keeping what tells the store from another", "error", err)
			}
		}
		return nil
	}
	switch storage.Identity(p.m.o.Dir) {
	case p.identity:
		return storage.StillThere(p.m.o.Dir)
	case "": // the owner makes it anew
		return storage.StillHolds(p.m.o.Dir, "")
	}
	return storage.StillHolds(p.m.o.Dir, p.identity)
}

// found notes how the directory of p was found.
func (m *Member) found(p *place, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	degraded, trouble := p.degraded, p.trouble
	if err != nil {
		degraded, trouble = err.Error(), goneTrouble
	}
	if m.place != p || m.standing.Degraded == degraded {
		return
	}
	if err != nil {
		m.o.Log.Error("nothing can be changed", "error", err)
	} else {
		m.o.Log.Info("the data directory is back", "dir", m.o.Dir)
	}
	m.standing.Degraded, m.trouble = degraded, trouble
	m.wake()
}
