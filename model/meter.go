package model

import (
	"net/netip"
	"sync"
	"time"
)

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
	found := map[UsageID]*Usage{}
	m.mu.Lock()
	returned := m.returned
	m.returned = nil
	m.mu.Unlock()
	for _, u := range returned {
		usageOf(found, u.UsageID()).add(u)
	}
	for i := range m.shards {
		shard := &m.shards[i]
		shard.mu.Lock()
		counted := shard.counts
		shard.counts = nil
		shard.mu.Unlock()
		for k, c := range counted {
			for i := range c.slots {
				c.slots[i].addTo(found, UsageID{k.ID, SlotNames[i]})
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

func (c *count) addTo(found map[UsageID]*Usage, id UsageID) {
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

func usageOf(found map[UsageID]*Usage, id UsageID) *Usage {
	u := found[id]
	if u == nil {
		unused := id.Unused()
		u = &unused
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
