// Package sshd lets operators reach the console over SSH without an account on
// the machine: public keys only, from a file of authorized keys, and nothing but
// the console and keyward's own reading commands behind them. It knows the
// protocol, who may come in, and when a session ends; what a session shows is a
// function that cli passes. It alone imports golang.org/x/crypto/ssh, and of
// keyward's rooms model only.
package sshd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// Options are what a Server works with. Show, Run, Keys and one of HostKey and Dir
// are needed.
type Options struct {
	HostKey *HostKey
	Dir     string // a data directory, whose host key is loaded or made, once Keys are good; where HostKey is nil
	Keys    *KeyFile

	// Show shows the console until the user leaves it or ctx ends. The terminal
	// is as it was when it returns. Its error is for the log.
	Show func(ctx context.Context, s *Session) error
	// Run runs the command of s.Args and returns its exit status.
	Run func(ctx context.Context, s *Session) (status int)

	Limits Limits // the zero value of each: the default
	Log    *slog.Logger
	Now    func() time.Time                     // nil: time.Now
	After  func(time.Duration) <-chan time.Time // nil: time.After
}

// Limits bound what the other end may take (security.md H6).
type Limits struct {
	Login time.Duration // to prove who one is, and then to ask for something
	Start time.Duration // for a channel to ask for the console or a command
	Idle  time.Duration // without a key press
	Total time.Duration // of a session, however busy
	Check time.Duration // how often the keys of open sessions are looked up again
	Leave time.Duration // for a session to put its terminal back, once it is told to end

	PerKey        int // sessions of one key
	Sessions      int // in all
	Unknown       int // connections of whom nobody knows yet who they are
	PerSource     int // those of one address; of IPv6, of one /64
	Tries         int // keys that a connection may try
	PerConnection int // sessions of one connection
}

// The defaults of Limits.
var defaults = Limits{
	Login: 20 * time.Second, Start: 30 * time.Second, Idle: 10 * time.Minute, Total: 8 * time.Hour, Check: 5 * time.Second, Leave: 2 * time.Second,
	PerKey: 8, Sessions: 64, Unknown: 32, PerSource: 8, Tries: 6, PerConnection: 4,
}

func (l Limits) withDefaults() Limits {
	set(&l.Login, defaults.Login)
	set(&l.Start, defaults.Start)
	set(&l.Idle, defaults.Idle)
	set(&l.Total, defaults.Total)
	set(&l.Check, defaults.Check)
	set(&l.Leave, defaults.Leave)
	set(&l.PerKey, defaults.PerKey)
	set(&l.Sessions, defaults.Sessions)
	set(&l.Unknown, defaults.Unknown)
	set(&l.PerSource, defaults.PerSource)
	set(&l.Tries, defaults.Tries)
	set(&l.PerConnection, defaults.PerConnection)
	return l
}

func set[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}

// Server answers SSH connections. It is safe for concurrent use.
type Server struct {
	o        Options
	login    *ssh.ServerConfig
	unknown  *lobby   // connections before their login, by source
	known    *counter // connections after it, by key
	sessions *counter // by key
	noted    notes
}

// New returns a server. The file of authorized keys is looked at: one from which
// nobody could log in, or that somebody else may write, is an error, and no host
// key is made then: the next start would not say that it is new.
func New(o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.After == nil {
		o.After = time.After
	}
	o.Limits = o.Limits.withDefaults()
	l := o.Limits
	s := &Server{
		o: o, unknown: newLobby(l.PerSource, l.Unknown), known: newCounter(l.PerKey+l.PerConnection, l.Sessions+l.Unknown),
		sessions: newCounter(l.PerKey, l.Sessions), noted: notes{now: o.Now},
	}
	err := s.o.Keys.start(o.Log, o.Now)
	if err == nil && s.o.HostKey == nil {
		s.o.HostKey, err = LoadHostKey(o.Dir)
	}
	if err != nil {
		return nil, err
	}
	s.login = s.newLogin()
	return s, nil
}

// HostKey is the key by which clients know this server again.
func (s *Server) HostKey() *HostKey { return s.o.HostKey }

// Why a session ends that its user did not end. The texts are told to the user.
var (
	errStopping   = errors.New("the endpoint stops: connect again when it runs")
	errGone       = errors.New("the connection ended")
	errNothing    = errors.New("neither the console nor a command was asked for: connect again")
	errInputEnded = errors.New("the input ended")
	errStuck      = errors.New("a session of this connection took nothing of what it was sent: connect again")
)

// acceptPause is how long the server waits after the system refused to accept a
// connection, for want of descriptors for example.
const acceptPause = 100 * time.Millisecond

// Serve answers connections until ctx ends; then it tells every session, and
// returns once all are over. It closes the listener.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	var work sync.WaitGroup
	defer work.Wait()
	outer := ctx
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(outer))
	defer cancel(errStopping)
	stop := context.AfterFunc(outer, func() {
		cancel(errStopping)
		_ = l.Close()
	})
	defer stop()
	for {
		conn, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			closeQuietly(conn)
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("answering SSH connections: %w", err)
		case err != nil:
			s.o.Log.Warn("accepting an SSH connection", slog.String("error", err.Error()))
			select {
			case <-s.o.After(acceptPause):
			case <-ctx.Done():
			}
			continue
		}
		work.Go(func() { s.answer(ctx, conn) })
	}
}

func closeQuietly(c io.Closer) {
	if c != nil {
		_ = c.Close()
	}
}
