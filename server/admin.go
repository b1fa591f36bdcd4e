package server

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"dev.keyward/keyward/model"
)

// AdminProtocol is the version of the admin protocol: of everything that
// docs/admin.md says but GET /hello, which never changes.
const AdminProtocol = 1

// Hello is what an owner says of itself; its path and form never change between
// protocol versions.
type Hello struct {
	Protocol int        `json:"protocol"`
	Owner    model.Peer `json:"owner"`              // pid, rank, version, since
	State    string     `json:"state"`              // one of the States
	Degraded string     `json:"degraded,omitempty"` // why nothing can be changed, in words; "": it can
	Instance string     `json:"instance"`           // random: tells this ownership from any other; Admin sets it
}

// The states of an owner.
const (
	StateOpening = "opening" // the store is being opened
	StateReady   = "ready"
	StateLeaving = "leaving" // the store is about to be let go of: ask the next owner
)

// AdminOptions are what an Admin works with. Only Hello and Service are needed.
type AdminOptions struct {
	Hello func() Hello
	// Service returns nil while the store is being opened, and where Hello says
	// StateReady for an owner that has nothing to read from: Hello.Degraded is then
	// what calls are told, as a model.ErrDegraded.
	Service func() *model.Service
	UID     int // of the directory's owner: that user and root may connect

	// HandOver lets go of the store for another process, and returns once it is
	// released; on its way it calls Leave and Unlink. Its error is what that
	// process is told. nil: not offered.
	HandOver func(ctx context.Context, to model.Peer) error
	// Backup writes the plaintext container. Its ErrNotDone says that the store is
	// about to be let go of, and so does that of Diagnose. nil: not offered.
	Backup func(ctx context.Context, w io.Writer) error
	// Diagnose returns its findings, which are passed on as they are. nil: not
	// offered.
	Diagnose func(ctx context.Context) (json.RawMessage, error)

	Log *slog.Logger     // what went wrong on the socket; nil discards
	Now func() time.Time // nil: time.Now
}

// Limits of the admin socket (security.md H3).
const (
	maxAdminHeader  = 16 << 10 // bytes of a request's header
	maxAdminRequest = 1 << 20  // bytes of a request's body
	maxAdminAnswer  = 64 << 20 // bytes of an answer that a client reads
	maxAdminLine    = 1 << 20  // bytes of a line of a stream

	adminHeaderTime = 5 * time.Second
	adminBodyTime   = 10 * time.Second
	adminAnswerTime = 30 * time.Second // to take an answer, or one part of it
	adminCallTime   = 30 * time.Second // a call that is not long
	adminLongTime   = time.Hour        // one that is
	adminIdleTime   = 2 * time.Minute  // a connection without a request

	beatEvery    = time.Second     // a sign of life of a call or a stream
	beatTime     = 5 * time.Second // to take a sign of life, or a line of a stream
	releasedTime = time.Second     // to take the answer to a hand-over, once the store is released
)

// Admin answers the other processes that share a data directory, while this one
// owns it. It is safe for concurrent use.
type Admin struct {
	o        AdminOptions
	instance string
	users    userNames
	http     *http.Server
	ctx      context.Context // of every call; ends with Close
	cancel   context.CancelFunc

	mu        sync.Mutex
	state     adminState
	busy      map[callKind]int
	changed   chan struct{} // closed whenever busy or state changes, and replaced
	streams   context.Context
	endStream context.CancelFunc
	listener  net.Listener
	unlinked  bool
}

// callKind sorts calls by what waits for them.
type callKind int

const (
	shortCall callKind = iota
	longCall
	streamCall
	handOverCall
)

// adminState is how far an owner is on its way out. It only grows.
type adminState int

const (
	serving  adminState = iota
	draining            // long calls finish, and no other begins
	leaving             // nothing begins
)

// NewAdmin returns an Admin; Start makes it answer.
func NewAdmin(o AdminOptions) *Admin {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	a := &Admin{o: o, instance: rand.Text(), busy: map[callKind]int{}, changed: make(chan struct{})}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	a.streams, a.endStream = context.WithCancel(a.ctx)
	a.http = &http.Server{
		Handler:     http.HandlerFunc(a.serve),
		BaseContext: func(net.Listener) context.Context { return a.ctx },
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, peerKey{}, peerOfAccepted(c))
		},
		ReadHeaderTimeout: adminHeaderTime,
		IdleTimeout:       adminIdleTime,
		MaxHeaderBytes:    maxAdminHeader,
		ErrorLog:          log.New(adminLog{o.Log}, "", 0),
	}
	return a
}

// adminLog takes what net/http has to say. Its texts may quote what a peer sent.
type adminLog struct{ log *slog.Logger }

func (l adminLog) Write(p []byte) (int, error) {
	text, level := strings.TrimSpace(string(p)), slog.LevelInfo
	if strings.HasPrefix(text, "http: panic") {
		level = slog.LevelError
	}
	l.log.Log(context.Background(), level, "admin connection", slog.String("error", model.Clean(text)))
	return len(p), nil
}

// Start answers on l, which ListenAdmin made, until Close, and does not wait for
// that. From its return on Unlink knows the socket's name. That it fails is
// logged.
func (a *Admin) Start(l net.Listener) {
	a.own(l)
	go func() {
		if err := a.Serve(l); err != nil {
			a.o.Log.Error("the admin socket is not answered any more: restart keyward to share its data directory again", slog.String("error", err.Error()))
		}
	}()
}

func (a *Admin) own(l net.Listener) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.listener = l
}

// Serve answers on l, which ListenAdmin made, until Close, as Start does, and
// waits for that. It closes l.
func (a *Admin) Serve(l net.Listener) error {
	a.own(l)
	if err := a.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// begin takes part of what waits for calls; false means that the owner is
// leaving, and nothing may be begun.
func (a *Admin) begin(kind callKind) (end func(), ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.state == leaving || a.state == draining && (kind == longCall || kind == handOverCall) {
		return nil, false
	}
	a.busy[kind]++
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.busy[kind]--
		a.wake()
	}, true
}

// wake tells whoever waits that busy or state changed. The caller holds mu.
func (a *Admin) wake() {
	close(a.changed)
	a.changed = make(chan struct{})
}

// advance goes on to a state, once fewer than one call of the kinds is under way.
func (a *Admin) advance(ctx context.Context, to adminState, kinds ...callKind) error {
	for {
		a.mu.Lock()
		free, changed := true, a.changed
		for _, kind := range kinds {
			free = free && a.busy[kind] == 0
		}
		if free && a.state < to {
			a.state = to
			a.wake()
		}
		a.mu.Unlock()
		if free {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Leave is the beginning of letting go of the store. It waits for long calls, a
// backup say, while everything else goes on; then new calls are told that
// nothing was done and that the next owner is to be asked, calls in flight
// finish, and streams end. The call that asked for the hand-over is not waited
// for. There is no way back: also after an error, which is ctx's, the owner has
// left.
func (a *Admin) Leave(ctx context.Context) error {
	err := a.advance(ctx, draining)
	if err == nil {
		err = a.advance(ctx, leaving, longCall)
	}
	if err == nil {
		err = a.advance(ctx, leaving, shortCall)
	}
	a.mu.Lock()
	a.state = leaving
	a.wake()
	a.mu.Unlock()
	a.endStream()
	if err != nil {
		return err
	}
	return a.advance(ctx, leaving, streamCall)
}

// Unlink removes the socket's name, so that who comes next finds nobody. It must
// be called before the directory's lock is released: then the name is another's.
func (a *Admin) Unlink() error {
	a.mu.Lock()
	l, before := a.listener, a.unlinked
	a.unlinked = true
	a.mu.Unlock()
	if before {
		return nil
	}
	if u, ok := l.(interface{ unlink() error }); ok {
		return u.unlink()
	}
	return nil
}

// Close ends everything: connections, calls and streams, and the socket's name
// unless Unlink removed it. Answers that are complete, that to a hand-over among
// them, have a second to get out.
func (a *Admin) Close() error {
	a.mu.Lock()
	a.state = leaving
	a.wake()
	a.mu.Unlock()
	limit, cancel := context.WithTimeout(context.Background(), releasedTime)
	defer cancel()
	_ = a.advance(limit, leaving, handOverCall) // Who asked finds out by itself.
	err := a.Unlink()
	a.cancel()
	_ = a.http.Shutdown(limit) // Answers that are complete get out; Close ends the rest.
	err = errors.Join(err, a.http.Close())
	limit, cancel = context.WithTimeout(context.Background(), adminBodyTime)
	defer cancel()
	return errors.Join(err, a.advance(limit, leaving, shortCall, longCall, streamCall))
}
