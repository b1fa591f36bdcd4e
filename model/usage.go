package model

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Usage is what is known of the use of one slot of a key, or of one workflow. It
// is gathered in memory and kept in batches: the last seconds of it may be lost
// in a crash. Of a workflow the allowed calls are counted, and when the last one
// came; nothing else.
type Usage struct {
	Key      ID          `json:"key"`
	Slot     SlotName    `json:"slot"`
	Workflow ID          `json:"workflow,omitempty"` // 0: it is that of a key's slot
	Last     Instant     `json:"last,omitempty"`     // of the last allowed call, to the minute
	Remote   string      `json:"remote,omitempty"`   // where that came from: an IP address
	Allowed  uint64      `json:"allowed"`
	Denied   uint64      `json:"denied"`            // calls that proved the key and were refused all the same
	Days     []DayUse    `json:"days,omitempty"`    // the calls of the newest UsageDays days, oldest first; days without are left out
	Callers  []CallerUse `json:"callers,omitempty"` // where allowed calls came from, the latest first
}

// slotID says what u is about. Of a workflow it has no slot, so that it is none of
// a key's whatever their ids are.
func (u *Usage) slotID() slotID {
	if u.Workflow != 0 {
		return slotID{u.Workflow, NoSlot}
	}
	return slotID{u.Key, u.Slot}
}

// add takes in what was counted after u.
func (u *Usage) add(more Usage) {
	u.Allowed += more.Allowed
	u.Denied += more.Denied
	u.Days, u.Callers = addDays(u.Days, more.Days), addCallers(u.Callers, more.Callers)
	if more.Last > u.Last || more.Last == u.Last && more.Remote != "" {
		u.Last, u.Remote = more.Last, more.Remote
	}
}

// slotID names a slot of a key, or a workflow: by its id, and no slot.
type slotID struct {
	key  ID
	slot SlotName
}

// meterShards keeps the cores from waiting for each other. It is a power of two.
const meterShards = 64

// Meter counts the use of keys where requests are decided. It is safe for
// concurrent use; the zero value is ready.
type Meter struct {
	shards [meterShards]meterShard

	mu       sync.Mutex
	returned []Usage // see Return
}

// meterShard counts by the key as the snapshot has it: a pointer is found more
// quickly than an id. What is counted of several versions of a key is added up
// when it is drained.
type meterShard struct {
	mu     sync.Mutex
	counts map[*Key]*counts
	_      [48]byte // a cache line of its own
}

// counts are those of a key's slots, primary first, and of the workflows that it
// called.
type counts struct {
	slots  [len(SlotNames)]count
	called called
}

type count struct {
	last            int64  // Unix nanoseconds
	remote          string // as net/http has it: "10.0.0.7:4242"
	allowed, denied uint64 // on day
	day             int32
	earlier         []DayUse // what was counted before day began, mostly nothing
	callers         []met    // others than remote
}

// met is a caller and when it called last.
type met struct {
	remote string
	last   int64
}

// of returns the counts of a key. The caller holds mu.
func (s *meterShard) of(k *Key) *counts {
	c := s.counts[k]
	if c == nil {
		if s.counts == nil {
			s.counts = map[*Key]*counts{}
		}
		c = &counts{}
		s.counts[k] = c
	}
	return c
}

// Count counts one decision about a request that came from remote, an address
// and a port as net/http has them. One whose caller is not known counts for
// nothing. What can wait is done by Drain.
func (m *Meter) Count(d *Decision, remote string, now time.Time) {
	if d.Key == nil || d.Slot == NoSlot {
		return
	}
	shard := &m.shards[uint64(d.Key.ID)%meterShards]
	shard.mu.Lock()
	defer shard.mu.Unlock()
	counts := shard.of(d.Key)
	c := &counts.slots[d.Slot-1]
	at := now.UnixNano()
	if day := dayOf(at); day != c.day {
		c.turn(day)
	}
	if !d.Allowed() {
		c.denied++
		return
	}
	c.allowed++
	if d.Workflow != nil {
		counts.called.count(d.Workflow.ID, at)
	}
	if remote != c.remote {
		c.meet(remote, at)
	}
	if at >= c.last {
		c.last, c.remote = at, remote
	}
}

// turn begins a day. Calls of the day before that come a moment later, from
// another core, count for the new one.
func (c *count) turn(day int32) {
	if day < c.day {
		return
	}
	if c.allowed+c.denied > 0 {
		c.earlier = append(c.earlier, DayUse{c.day, saturated(c.allowed), saturated(c.denied)})
	}
	c.day, c.allowed, c.denied = day, 0, 0
}

// meet notes whichever of the two callers will not be c.remote: the one that was
// there, or one whose call is older. A caller is told by its address; it has
// another port with each connection.
func (c *count) meet(remote string, at int64) {
	other := met{c.remote, c.last}
	if at < c.last {
		other = met{remote, at}
	}
	host := hostOf(other.remote)
	if c.last == 0 || host == "" || hostOf(c.remote) == hostOf(remote) {
		return
	}
	for i := range c.callers {
		if c.callers[i].remote == host {
			c.callers[i].last = max(c.callers[i].last, other.last)
			return
		}
	}
	if len(c.callers) < MaxCallers {
		c.callers = append(c.callers, met{host, other.last})
	}
}

// hostOf cuts the port off.
func hostOf(remote string) string {
	for i := len(remote) - 1; i >= 0; i-- {
		if remote[i] == ':' {
			return remote[:i]
		}
	}
	return ""
}

// Drain returns what was counted since the last time, and begins anew.
func (m *Meter) Drain() []Usage {
	found := map[slotID]*Usage{}
	m.mu.Lock()
	returned := m.returned
	m.returned = nil
	m.mu.Unlock()
	for _, u := range returned {
		usageOf(found, u.slotID()).add(u)
	}
	for i := range m.shards {
		shard := &m.shards[i]
		shard.mu.Lock()
		counted := shard.counts
		shard.counts = nil
		shard.mu.Unlock()
		for k, c := range counted {
			for i := range c.slots {
				c.slots[i].addTo(found, slotID{k.ID, SlotNames[i]})
			}
			c.called.addTo(found)
		}
	}
	var out []Usage
	for _, u := range found {
		if u.Last != 0 {
			u.Last = At(u.Last.Time().Truncate(time.Minute))
		}
		out = append(out, *u)
	}
	return out
}

func (c *count) addTo(found map[slotID]*Usage, id slotID) {
	days := c.earlier
	if c.allowed+c.denied > 0 {
		days = append(days, DayUse{c.day, saturated(c.allowed), saturated(c.denied)})
	}
	if len(days) == 0 {
		return
	}
	more := Usage{Allowed: c.allowed, Denied: c.denied, Last: Instant(c.last), Remote: remoteIP(c.remote), Days: days}
	for _, d := range c.earlier {
		more.Allowed, more.Denied = more.Allowed+uint64(d.Allowed), more.Denied+uint64(d.Denied)
	}
	for _, m := range append(c.callers, met{c.remote, c.last}) {
		if ip := callerIP(m.remote); ip != "" && m.last != 0 {
			more.Callers = addCallers(more.Callers, []CallerUse{{ip, At(Instant(m.last).Time().Truncate(time.Minute))}})
		}
	}
	usageOf(found, id).add(more)
}

func usageOf(found map[slotID]*Usage, id slotID) *Usage {
	u := found[id]
	if u == nil {
		if u = (&Usage{Key: id.key, Slot: id.slot}); id.slot == NoSlot {
			u = &Usage{Workflow: id.key}
		}
		found[id] = u
	}
	return u
}

// callerIP is remoteIP also where the port is cut off.
func callerIP(remote string) string {
	if ip := remoteIP(remote); ip != "" {
		return ip
	}
	return remoteIP(remote + ":0")
}

// remoteIP returns the address in "address:port": an IPv4 address as such, also
// where it came in IPv6's clothes, and without a zone; "" for anything else.
func remoteIP(remote string) string {
	addr, err := netip.ParseAddrPort(remote)
	if err != nil {
		return ""
	}
	return addr.Addr().Unmap().WithZone("").String()
}

// Return counts again what Drain took and nobody kept.
func (m *Meter) Return(list []Usage) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, u := range list {
		if u.Slot != NoSlot || u.Workflow != 0 {
			m.returned = append(m.returned, u)
		}
	}
}

// MaxBatch is the most records that bulk work changes at once: each batch is
// done whole or not at all.
const MaxBatch = 500

// usages is what a service knows of the use of its keys.
type usages struct {
	mu    sync.RWMutex
	of    map[slotID]Usage
	dirty map[slotID]struct{} // not kept yet
}

func newUsages() *usages {
	return &usages{of: map[slotID]Usage{}, dirty: map[slotID]struct{}{}}
}

func (u *usages) get(key ID, slot SlotName) Usage {
	u.mu.RLock()
	defer u.mu.RUnlock()
	return u.of[slotID{key, slot}]
}

// last returns when the key was last used, whichever slot it was.
func (u *usages) last(key ID) Instant {
	u.mu.RLock()
	defer u.mu.RUnlock()
	return max(u.of[slotID{key, Primary}].Last, u.of[slotID{key, Secondary}].Last)
}

// forget drops what is known of a key's slots, or of the workflow with that id
// where the slot is NoSlot.
func (u *usages) forget(id ID, slots ...SlotName) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, n := range slots {
		delete(u.of, slotID{id, n})
		delete(u.dirty, slotID{id, n})
	}
}

// uses reports whether u is about a key or a workflow that there is.
func (st *state) uses(u *Usage) bool {
	if u.Workflow != 0 {
		return st.snapshot.workflows[u.Workflow] != nil
	}
	return st.keys.of(u.Key) != nil
}

// loadUsage reads what the store has on record of the keys and workflows that
// there are.
func (s *Service) loadUsage(ctx context.Context) error {
	return s.store.Usage(ctx, func(list []Usage) error {
		s.usage.mu.Lock()
		defer s.usage.mu.Unlock()
		for _, u := range list {
			if s.state.uses(&u) {
				s.usage.of[u.slotID()] = u
			}
		}
		return nil
	})
}

// AddUsage takes in what an endpoint counted since it last told. Counts of keys,
// slots or workflows that are not there are dropped, and so is a caller that is no IP
// address, and a day that is not of the last UsageDays.
func (s *Service) AddUsage(list []Usage) {
	s.mu.RLock() // until all is taken in: a purge comes before or after
	defer s.mu.RUnlock()
	s.usage.mu.Lock()
	defer s.usage.mu.Unlock()
	now := s.now()
	for _, more := range list {
		if !s.state.uses(&more) {
			continue
		}
		if more.Workflow != 0 {
			more = Usage{Workflow: more.Workflow, Allowed: more.Allowed, Last: more.Last}
		} else if s.state.keys.of(more.Key).Slot(more.Slot) == nil {
			continue
		}
		more.believable(now)
		id := more.slotID()
		u := s.usage.of[id]
		u.Key, u.Slot, u.Workflow = more.Key, more.Slot, more.Workflow
		u.add(more)
		s.usage.of[id] = u
		s.usage.dirty[id] = struct{}{}
	}
}

// FlushUsage keeps what AddUsage took in. After an error it is tried again with
// the next call.
func (s *Service) FlushUsage(ctx context.Context) error {
	for {
		if left, err := s.flushBatch(ctx); err != nil || !left {
			return err
		}
	}
}

// flushBatch keeps one batch, in turn with changes: what it writes is the newest
// there is, and of no key that a purge removes meanwhile.
func (s *Service) flushBatch(ctx context.Context) (left bool, err error) {
	done, err := s.turn(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	batch := s.usage.batch()
	if len(batch) == 0 {
		return false, nil
	}
	known := slices.DeleteFunc(slices.Clone(batch), func(u Usage) bool { return !s.state.uses(&u) })
	if len(known) == 0 {
		return true, nil
	}
	if err := s.store.PutUsage(ctx, known); err != nil {
		s.usage.again(known)
		return false, err
	}
	return true, nil
}

// batch takes up to MaxBatch records that are not kept yet.
func (u *usages) batch() []Usage {
	u.mu.Lock()
	defer u.mu.Unlock()
	var list []Usage
	for id := range u.dirty {
		if len(list) == MaxBatch {
			break
		}
		list = append(list, u.of[id])
		delete(u.dirty, id)
	}
	return list
}

func (u *usages) again(list []Usage) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, one := range list {
		id := one.slotID()
		if _, known := u.of[id]; known { // or forgotten meanwhile
			u.dirty[id] = struct{}{}
		}
	}
}
