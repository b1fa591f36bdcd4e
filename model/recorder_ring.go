package model

import (
	"sort"
	"time"
)

// ring holds the newest observations, in order of their numbers.
type ring struct {
	list    []observation // grows to the ring's size, then begins anew at next
	next    int           // where the oldest is, once it is full
	evicted uint64        // how many were driven out
}

// push returns the place for the newest observation, which may hold the oldest
// one still.
func (g *ring) push(allowed bool) *observation {
	size := RefusedKept
	if allowed {
		size = AllowedKept
	}
	if len(g.list) < size {
		g.list = append(g.list, observation{})
		return &g.list[len(g.list)-1]
	}
	s := &g.list[g.next]
	g.next = (g.next + 1) % size
	g.evicted++
	return s
}

// at returns the observation at i, from the oldest on.
func (g *ring) at(i int) *observation { return &g.list[(g.next+i)%len(g.list)] }

// after returns how many observations have numbers up to n.
func (g *ring) after(n uint64) int {
	return sort.Search(len(g.list), func(i int) bool { return g.at(i).number > n })
}

// observation is one decision in a ring, in a form that costs no allocation once
// the ring is full.
type observation struct {
	number      uint64
	at          int64 // Unix nanoseconds
	took        time.Duration
	pid         int
	key         *Key
	workflow    *Workflow
	environment *Environment
	clash       []*Workflow
	certificate Digest
	status      uint16
	reason      Reason
	credential  Credential
	slot        SlotName
	foreign     bool
	noQuery     bool
	retiring    bool
	partial     bool
	failure     UpstreamFailure
	blamed      bool      // the upstream: it did not answer, or with 5xx
	ends        [6]uint16 // of the texts: remote, method, host, path, query, agent
	text        []byte
	run         ID        // Activity.Run
	sequence    uint64    // Activity.Sequence
	other       *Activity // what another endpoint brought, in place of all but the number
}

// activity makes what is told of an observation.
func (s *observation) activity() Activity {
	if s.other != nil {
		a := *s.other
		a.Number = s.number
		return a
	}
	text := string(s.text)
	part := func(i int) string {
		if i == 0 {
			return text[:s.ends[0]]
		}
		return text[s.ends[i-1]:s.ends[i]]
	}
	a := Activity{
		Number: s.number, At: time.Unix(0, s.at).UTC(), Took: s.took, PID: s.pid,
		Remote: part(0), Method: part(1), Host: part(2), Path: part(3), Query: part(4), Agent: part(5),
		Credential: s.credential, Foreign: s.foreign, NoQuery: s.noQuery, Partial: s.partial,
		Certificate: s.certificate, Reason: s.reason, Status: int(s.status), Slot: s.slot, Retiring: s.retiring,
	}
	if s.run != 0 {
		a.Run, a.Sequence = s.run, s.sequence
	}
	if s.key != nil {
		a.Key, a.KeyName = s.key.ID, s.key.Name
	}
	if s.workflow != nil {
		a.Workflow, a.Bound = s.workflow.ID, s.workflow.Name
	}
	a.Clash = clashing(s.clash)
	if s.environment != nil {
		a.Environment, a.Production = s.environment.Name, s.environment.Production
	}
	if s.blamed {
		a.UpstreamFailure, a.Upstream = s.failure, s.upstream()
	}
	return a
}

// upstream is the one that the call went to, as the workflow named it then.
func (s *observation) upstream() string {
	if s.workflow == nil || s.environment == nil {
		return ""
	}
	return upstreamOrigin(s.workflow.Upstreams[s.environment.ID])
}

// about reports whether an observation fits the cheap parts of a query.
func (s *observation) about(q *ActivityQuery) bool {
	if s.other != nil {
		return s.other.about(q)
	}
	key := ID(0)
	if s.key != nil {
		key = s.key.ID
	}
	return (!q.Refused || s.reason != Allowed) && (q.Key == 0 || q.Key == key) && (q.Workflow == 0 || s.names(q.Workflow))
}

// textBuffer has room for the texts of one request, and for what is cut from the
// longest of them.
type textBuffer [maxKeptRemote + maxKeptMethod + maxKeptHost + maxKeptPath + maxKeptQuery + maxKeptAgent]byte

// gather appends the texts of one request, and tells where each ends and whether
// one is not whole.
func gather(b []byte, q *Request, o *Observed) (out []byte, ends [6]uint16, partial bool) {
	for i, text := range [...]struct {
		text  string
		limit int
	}{
		{o.Remote, maxKeptRemote}, {q.Method, maxKeptMethod}, {q.Host, maxKeptHost}, {q.Path, maxKeptPath},
		{q.RawQuery, maxKeptQuery}, {o.Agent, maxKeptAgent},
	} {
		whole := true
		if i == keptQuery {
			b, whole = appendQuery(b, text.text, text.limit)
		} else {
			b, whole = appendText(b, text.text, text.limit)
		}
		ends[i], partial = uint16(len(b)), partial || !whole
	}
	return b, ends, partial
}

// keptQuery is where the query is among the texts.
const keptQuery = 4
