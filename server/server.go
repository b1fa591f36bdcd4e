// Package server is the public endpoint: it listens, reads what a request
// carries, asks model who may pass, and answers or hands the invoke on to its
// upstream. It authenticates and translates and holds no rule of its own. It
// imports model, the standard library and a YAML writer; cli makes an Endpoint
// and runs it.
package server

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"dev.keyward/keyward/model"
)

// DefaultUsernamePrefix stands before a key's name where an upstream is told
// who calls (spec §2.7).
const DefaultUsernamePrefix = "Key: "

// DefaultMaxBody is the largest request body that is passed on, in bytes.
const DefaultMaxBody = 64 << 20

// maxPath is the longest path that is looked at, in bytes; a longer one is
// refused like one that cannot be read (security.md G5).
const maxPath = 8 << 10

// Options are what an Endpoint works with. Only Snapshot is needed.
type Options struct {
	// Snapshot returns the newest index to decide from; nil while the keys are
	// not loaded yet. It is called for every request and must not block.
	Snapshot func() *model.Snapshot
	// Newest returns the sequence of the newest change that anybody may have a
	// confirmation of, wherever it was made; nil: what Snapshot returns is always
	// the newest. It is called for every request, before Snapshot, and must not
	// block. A request is never decided from an older snapshot: it waits for a
	// newer one for up to CatchUp, and is then denied as stale.
	Newest  func() uint64
	CatchUp time.Duration // 0: DefaultCatchUp; negative: not at all
	// Degraded says in a few words why the endpoint is not sound though it
	// decides, "" when it is sound; nil: it always is. Everybody may read the
	// words in the readiness check's answer: no path belongs in them.
	// See ReportDegraded.
	Degraded func() string
	// Meter counts each decision about a key once, also that of an invoke which
	// then lasts, or fails; nil: nobody wants to know.
	Meter *model.Meter
	// Recorder keeps each decision for whoever watches, with how long it took until
	// it was answered; nil: nobody watches.
	Recorder *model.Recorder
	// Log gets one record a decision, and nothing that a caller may not read
	// over the operator's shoulder; nil discards. NewLogWriter keeps it cheap.
	Log *slog.Logger

	DenyUniform    bool   // answer 404 to whatever is denied (spec §2.6)
	UsernamePrefix string // "": DefaultUsernamePrefix
	NoQuery        bool   // take no secret from ?auth-key=
	MaxBody        int64  // bytes; 0: DefaultMaxBody; negative: no limit
	// FailureLimit is how many requests without a valid key a source may send in a
	// minute before the rest is answered 429 and mostly counted only; 0:
	// DefaultFailureLimit; negative: no limit. A request with a valid key is never
	// held up by it.
	FailureLimit int
	// TrustedProxies are believed about where a request came from, by their
	// X-Forwarded-For; nobody else is. See ParseProxies.
	TrustedProxies []netip.Prefix
	Timeouts       Timeouts
	// Recheck is how often a proxied request that lasts is judged again, so that
	// it ends with its key, grace period or certificate; 0: 1 s. What the store
	// changes is seen sooner, where data moves.
	Recheck time.Duration

	// Invoke, when set, answers every allowed invoke in place of the
	// workflows' upstreams: for a program that embeds the endpoint, and for
	// measuring it. Its answer is its own, without a request id.
	Invoke http.Handler

	Now    func() time.Time // nil: time.Now
	Random func() uint64    // of request ids, which nobody trusts; nil: math/rand/v2, ChaCha8 seeded by the system
}

// Timeouts bound what a peer may keep waiting; zero fields take the defaults.
type Timeouts struct {
	Header   time.Duration // TLS handshake, and a request's header; 10 s
	Body     time.Duration // a request's body; for an allowed invoke, between two parts of it; 30 s
	Write    time.Duration // an answer; for a proxied one, one part of it; 60 s
	Idle     time.Duration // a connection without a request; 60 s
	Upstream time.Duration // an upstream's silence before its answer's header; 60 s
	Grace    time.Duration // how long requests may finish once Serve is told to stop; 5 s
}

func (t Timeouts) withDefaults() Timeouts {
	for field, preset := range map[*time.Duration]time.Duration{
		&t.Header: 10 * time.Second, &t.Body: 30 * time.Second, &t.Write: 60 * time.Second,
		&t.Idle: 60 * time.Second, &t.Upstream: 60 * time.Second, &t.Grace: 5 * time.Second,
	} {
		if *field == 0 {
			*field = preset
		}
	}
	return t
}

// Endpoint answers invokes (spec §2). It is safe for concurrent use.
type Endpoint struct {
	o         Options
	log       slog.Handler
	flood     *flood
	failures  *failures // nil: not limited
	headers   sharedHeaders
	bodies    denialBodies
	transport *http.Transport
	buffers   *copyBuffers
	exchanges sync.Pool
	catchUp   catchUp

	handshakes  *handshakes
	degradation degradation
	proxied     sync.WaitGroup // requests that an upstream is answering
	cutOff      atomic.Bool    // connections are closed, for the shutdown waits no longer
}

// New returns an endpoint that decides from o.Snapshot.
func New(o Options) (*Endpoint, error) {
	if o.Snapshot == nil {
		return nil, errors.New("making the endpoint: it has no snapshot to decide from")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.UsernamePrefix == "" {
		o.UsernamePrefix = DefaultUsernamePrefix
	}
	if o.MaxBody == 0 {
		o.MaxBody = DefaultMaxBody
	}
	if o.FailureLimit == 0 {
		o.FailureLimit = DefaultFailureLimit
	}
	if o.Recheck == 0 {
		o.Recheck = time.Second
	}
	if o.CatchUp == 0 {
		o.CatchUp = DefaultCatchUp
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Uint64
	}
	o.Timeouts = o.Timeouts.withDefaults()
	e := &Endpoint{
		o: o, log: o.Log.Handler(), headers: newSharedHeaders(), bodies: newDenialBodies(),
		transport: newTransport(o.Timeouts), buffers: newCopyBuffers(),
	}
	e.flood = newFlood(o.Now, e.suppressed)
	e.failures = newFailures(o.FailureLimit)
	e.handshakes = newHandshakes(handshakesEach, o.Timeouts.Header/2) // which leaves it the other half
	e.catchUp.snapshot = o.Snapshot
	e.exchanges.New = func() any { return new(exchange) }
	return e, nil
}

// Handler returns the endpoint as a handler, for a server other than Serve's.
// That server must set the limits and TLS options that Serve sets.
func (e *Endpoint) Handler() http.Handler { return http.HandlerFunc(e.serveHTTP) }

// serveHTTP answers one request: keyward's own paths first, by their exact
// spelling, then everything else as an invoke (spec §2).
func (e *Endpoint) serveHTTP(w http.ResponseWriter, r *http.Request) {
	x := e.begin(w, r)
	defer x.end()
	if e.probe(x) {
		return
	}
	snapshot := e.current(r.Context())
	if snapshot == nil {
		e.undecided(x)
		return
	}
	if model.ReservedPath(x.request.Path) {
		e.own(x, snapshot)
		return
	}
	x.snapshot = snapshot
	x.decision = snapshot.Decide(&x.request)
	e.count(x)
	if !x.decision.Allowed() {
		x.deny()
		return
	}
	e.invoke(x)
}

// undecided answers while there is nothing to decide from, or nothing that is
// new enough.
func (e *Endpoint) undecided(x *exchange) {
	if e.o.Snapshot() == nil {
		x.fail(http.StatusServiceUnavailable, "not-ready")
		return
	}
	x.decision.Reason = model.Stale
	x.deny()
}

// own answers a path that is keyward's and no probe.
func (e *Endpoint) own(x *exchange, snapshot *model.Snapshot) {
	if x.request.Path == openAPIPath {
		e.openAPI(x, snapshot)
		return
	}
	x.fail(http.StatusNotFound, "own-path-unknown")
}

// invoke answers an allowed request.
func (e *Endpoint) invoke(x *exchange) {
	upstream := x.decision.Workflow.Upstreams[x.decision.Environment.ID]
	switch {
	case e.o.Invoke != nil:
		e.o.Invoke.ServeHTTP(&x.answer, x.r)
	case upstream == "":
		e.describe(x)
	default:
		e.forward(x, upstream)
	}
}
