package model

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"
)

// MaxBatch is the most records that bulk work changes at once: each batch is
// done whole or not at all.
const MaxBatch = 500

// usages is what a service was told of the use of its keys and workflows and is
// not on record yet. The records themselves stay in the store and are read for
// what somebody looks at: those of a million keys would take more memory than the
// keys. Only when each key was last used is in memory, as a list shows it.
type usages struct {
	mu      sync.RWMutex
	fresh   map[UsageID]Usage // counted, to be added to what is on record
	counted map[UsageID]Usage // the same, of the batch that is on its way to the store
	whole   map[UsageID]Usage // what will be on record of that batch; nil until that is known
	batches uint64            // that came to their end

	doubted map[UsageID]doubt // batches of which it is not known whether they came on record

	last *LastUses // of every key, on record or not
	told tellings  // the batches that were taken in
}

// doubt is what was counted of a batch, and what was to be on record then: if the
// record is that, the count is in it, since nobody else writes it.
type doubt struct{ counted, whole Usage }

func newUsages(last *LastUses) *usages { return &usages{fresh: map[UsageID]Usage{}, last: last} }

// lastOf returns when a slot of a key was last used; NoSlot: when the key was.
func (u *usages) lastOf(key ID, slot SlotName) Instant {
	u.mu.RLock()
	defer u.mu.RUnlock()
	return u.last.of(key, slot)
}

// add counts more, which was counted after everything before.
func (u *usages) add(list []Usage) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, more := range list {
		addUsage(u.fresh, more)
		if more.Workflow == 0 {
			u.last.Note(more.Key, more.Slot, more.Last)
		}
	}
}

// first reports whether a batch was not taken in before, and notes that it is.
func (u *usages) first(b UsageBatch, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.told.first(b.Run, b.Sequence, now)
}

func addUsage(to map[UsageID]Usage, more Usage) {
	id := more.UsageID()
	known, there := to[id]
	if !there {
		known = id.Unused()
	}
	known.add(more)
	to[id] = known
}

// forget drops what was counted of a key's slots, or of the workflow with that id
// where the slot is NoSlot. What is on record goes with the key's own record.
func (u *usages) forget(id ID, slots ...SlotName) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, n := range slots {
		delete(u.fresh, UsageID{id, n})
		delete(u.doubted, UsageID{id, n})
		if n != NoSlot {
			u.last.forget(id)
		}
	}
}

// begin takes up to MaxBatch of what is not on record.
func (u *usages) begin() []UsageID {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.counted = map[UsageID]Usage{}
	var ids []UsageID
	for id, one := range u.fresh {
		if len(ids) == MaxBatch {
			break
		}
		ids = append(ids, id)
		u.counted[id] = one
		delete(u.fresh, id)
	}
	return ids
}

// onto adds the counts of the batch to what is on record of it, and returns what
// is to be put there.
func (u *usages) onto(kept []Usage) []Usage {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.whole = make(map[UsageID]Usage, len(kept))
	whole := slices.Clone(kept)
	for i := range whole {
		id := whole[i].UsageID()
		whole[i].add(u.counted[id])
		u.whole[id] = whole[i]
	}
	return whole
}

// end is told what became of the batch. What did not come on record is counted
// again, once that is known.
func (u *usages) end(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for id, one := range u.counted {
		whole, sent := u.whole[id]
		switch {
		case err == nil:
		case sent && errors.Is(err, ErrUnknownOutcome):
			if u.doubted == nil {
				u.doubted = map[UsageID]doubt{}
			}
			u.doubted[id] = doubt{one, whole}
		default:
			u.again(id, one)
		}
	}
	u.counted, u.whole = nil, nil
	u.batches++
}

// again counts again what was counted before all that is fresh. The caller holds
// mu.
func (u *usages) again(id UsageID, one Usage) {
	if later, there := u.fresh[id]; there {
		one.add(later)
	}
	u.fresh[id] = one
}

// inDoubt returns what may be on record or not.
func (u *usages) inDoubt() []UsageID {
	u.mu.RLock()
	defer u.mu.RUnlock()
	return slices.Collect(maps.Keys(u.doubted))
}

// settle is given what is on record of what was in doubt.
func (u *usages) settle(kept []Usage) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, one := range kept {
		id := one.UsageID()
		if d, there := u.doubted[id]; there && !one.same(d.whole) {
			u.again(id, d.counted)
		}
		delete(u.doubted, id)
	}
	u.batches++
}

func (u *usages) ended() uint64 {
	u.mu.RLock()
	defer u.mu.RUnlock()
	return u.batches
}

// complete adds to what was on record, in place, what is not on record yet. It
// reports whether no batch has ended since so many of them had.
func (u *usages) complete(kept []Usage, batches uint64) bool {
	u.mu.RLock()
	defer u.mu.RUnlock()
	for i := range kept {
		id := kept[i].UsageID()
		if d, there := u.doubted[id]; there && !kept[i].same(d.whole) {
			kept[i].add(d.counted)
		}
		if whole, there := u.whole[id]; there {
			kept[i] = whole
		} else if counted, there := u.counted[id]; there {
			kept[i].add(counted)
		}
		if fresh, there := u.fresh[id]; there {
			kept[i].add(fresh)
		}
	}
	return u.batches == batches
}

// usageOf returns what is known of the use of each of ids, in their order.
func (s *Service) usageOf(ctx context.Context, ids ...UsageID) ([]Usage, error) {
	const tries = 3 // a batch that ends while the store is read may be seen half, which the next look mends
	for try := 1; ; try++ {
		batches := s.usage.ended()
		list, err := s.store.Usage(ctx, ids)
		if err != nil {
			return nil, err
		}
		if s.usage.complete(list, batches) || try == tries {
			return list, nil
		}
	}
}

// uses reports whether id is of a slot of a key, or of a workflow, that there is.
func (st *state) uses(id UsageID) bool {
	if id.Slot == NoSlot {
		return st.snapshot.workflows[id.ID] != nil
	}
	k := st.keys.of(id.ID)
	return k != nil && k.Slot(id.Slot) != nil
}

// AddUsage takes in what an endpoint counted since it last told. Counts of keys,
// slots or workflows that are not there are dropped, and so is a caller that is no IP
// address, and a day that is not of the last UsageDays.
func (s *Service) AddUsage(list []Usage) {
	s.mu.RLock() // until all is taken in: a purge comes before or after
	defer s.mu.RUnlock()
	now := s.now()
	known := make([]Usage, 0, len(list))
	for _, more := range list {
		if !s.state.uses(more.UsageID()) {
			continue
		}
		if more.Workflow != 0 {
			more = Usage{Workflow: more.Workflow, Allowed: more.Allowed, Last: more.Last}
		}
		more.believable(now)
		known = append(known, more)
	}
	s.usage.add(known)
}

// FlushUsage puts what AddUsage took in on record. After an error it is tried
// again with the next call.
func (s *Service) FlushUsage(ctx context.Context) error {
	for {
		if left, err := s.flushBatch(ctx); err != nil || !left {
			return err
		}
	}
}

// flushBatch puts one batch on record, in turn with changes: what it writes is
// the newest there is, and of no key that a purge removes meanwhile.
func (s *Service) flushBatch(ctx context.Context) (left bool, err error) {
	done, err := s.turn(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	if doubted := s.usage.inDoubt(); len(doubted) > 0 {
		kept, err := s.store.Usage(ctx, doubted)
		if err != nil {
			return false, err
		}
		s.usage.settle(kept)
	}
	ids := s.usage.begin()
	defer func() { s.usage.end(err) }()
	if len(ids) == 0 {
		return false, nil
	}
	known := slices.DeleteFunc(ids, func(id UsageID) bool { return !s.state.uses(id) })
	if len(known) == 0 {
		return true, nil
	}
	kept, err := s.store.Usage(ctx, known)
	if err != nil {
		return false, err
	}
	if err := s.store.PutUsage(ctx, s.usage.onto(kept)); err != nil {
		return false, err
	}
	return true, nil
}
