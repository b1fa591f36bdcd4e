package sshd

import (
	"context"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"

	"golang.org/x/crypto/ssh"
)

// connection is one connection of somebody who logged in.
type connection struct {
	s     *Server
	id    Identity
	conn  *ssh.ServerConn
	ctx   context.Context
	end   context.CancelCauseFunc
	slots *counter      // sessions of this connection
	used  chan struct{} // one for each session that began or ended
	gone  chan struct{} // closed when the client has left

	mu    sync.Mutex
	ended bool           // no session begins any more
	open  int            // channels that the client has not closed
	work  sync.WaitGroup // sessions
	late  sync.WaitGroup // what lasts as long as the connection
}

// answer takes a connection from its first byte to its last. A mistake of ours
// costs that one connection.
func (s *Server) answer(ctx context.Context, conn net.Conn) {
	defer closeQuietly(conn)
	defer s.contain("an SSH connection")
	from := addressOf(conn.RemoteAddr())
	v, displaced := s.unknown.enter(source(from), func() { closeQuietly(conn) })
	if displaced != "" {
		s.note("too many SSH connections at once that nobody logged in on: the oldest was closed", displaced, slog.String("remote", displaced))
	}
	defer v.leave()
	stop := context.AfterFunc(ctx, func() { closeQuietly(conn) })
	c, channels, requests, err := s.logIn(conn)
	if !stop() || !v.leave() {
		return
	}
	if err != nil {
		s.note("an SSH login failed", source(from), slog.String("remote", from.String()), slog.String("error", err.Error()))
		return
	}
	id, ok := identityOf(c)
	if !ok {
		s.o.Log.Error("an SSH login without an identity was refused", slog.String("remote", from.String()))
		return
	}
	release, ok := s.known.enter(id.Fingerprint)
	if !ok {
		s.note("too many SSH connections of one key", id.Fingerprint, slog.String("key", id.Fingerprint), slog.String("remote", from.String()))
		return
	}
	defer release()
	s.serve(ctx, &connection{s: s, id: id, conn: c, slots: newCounter(s.o.Limits.PerConnection, s.o.Limits.PerConnection), used: make(chan struct{}, 1), gone: make(chan struct{})}, channels, requests)
}

// serve answers what a connection asks for, until it or ctx ends.
func (s *Server) serve(ctx context.Context, c *connection, channels <-chan ssh.NewChannel, requests <-chan *ssh.Request) {
	c.ctx, c.end = context.WithCancelCause(ctx)
	s.o.Log.Info("SSH login", slog.String("who", c.id.Name()), slog.String("role", string(c.id.Role)), slog.String("remote", c.id.Address.String()))
	c.late.Go(func() { ssh.DiscardRequests(requests) }) // no forwarding: each is refused
	c.late.Go(c.watch)
	c.late.Go(c.leave)
	for ch := range channels {
		switch {
		case ch.ChannelType() != "session":
			_ = ch.Reject(ssh.Prohibited, "keyward offers the console and its reading commands, and nothing else")
		default:
			if why := c.begin(); why != "" {
				_ = ch.Reject(ssh.ConnectionFailed, why)
				continue
			}
			go func() {
				defer c.work.Done()
				c.session(ch)
			}()
		}
	}
	close(c.gone)
	c.end(errGone)
	c.late.Wait()
	s.o.Log.Info("SSH connection ended", slog.String("who", c.id.Name()), slog.String("remote", c.id.Address.String()))
}

// begin counts a session in, or says why there is none any more. Those too many
// are told so in a session of their own, which ssh shows, up to a few: a client
// that never closes its channels is not to have ever more of them.
func (c *connection) begin() (why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.ended:
		return "the connection is about to end"
	case c.open >= channelsEach*c.s.o.Limits.PerConnection:
		return "this connection has too many channels open: close one"
	}
	c.open++
	c.work.Add(1)
	return ""
}

// closed counts a channel out that the client has closed.
func (c *connection) closed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open--
}

// channelsEach is how many channels a connection may have for each session that
// it may have.
const channelsEach = 4

// leave closes the connection once it is to end, and every session has told its
// user why and put the terminal back. One that cannot, because nobody takes what
// is sent, does not hold it for long. A client that was told of the end of its
// sessions leaves by itself; OpenSSH's would not show what it was told last if the
// connection ended first.
func (c *connection) leave() {
	<-c.ctx.Done()
	c.mu.Lock()
	c.ended = true
	c.mu.Unlock()
	limit := c.s.o.After(c.s.o.Limits.Leave)
	over, told := make(chan struct{}), c.slots.count() > 0
	go func() { c.work.Wait(); close(over) }()
	select {
	case <-over:
		if told {
			select {
			case <-c.gone:
			case <-limit:
			}
		}
	case <-limit:
	}
	closeQuietly(c.conn)
	<-over
}

// watch ends the connection when its key is not authorized any more, or when it
// asks for nothing.
func (c *connection) watch() {
	defer c.end(errGone) // also where it panics: nobody is let in unwatched
	defer c.s.contain("watching an SSH connection")
	l := c.s.o.Limits
	quiet := c.s.o.After(l.Login) // nil while there is a session
	check, doubted := c.s.o.After(l.Check), false
	for {
		select {
		case <-c.ctx.Done():
			return
		case <-c.used:
			if quiet = nil; c.slots.count() == 0 {
				quiet = c.s.o.After(l.Login)
			}
		case <-quiet:
			// The protocol has a place for a reason, and golang.org/x/crypto/ssh no way to
			// fill it in.
			c.s.o.Log.Info("an SSH connection asked for nothing and was ended", slog.String("who", c.id.Name()),
				slog.String("remote", c.id.Address.String()), slog.Duration("after", l.Login))
			c.end(errGone)
			return
		case <-check:
			next := l.Check
			switch why := c.look(); {
			case why == nil:
				doubted = false
			case doubted:
				c.end(why)
				return
			default: // an editor may be about to write the file
				doubted, next = true, doubtTime
			}
			check = c.s.o.After(next)
		}
	}
}

// session answers one channel.
func (c *connection) session(ch ssh.NewChannel) {
	defer c.s.contain("an SSH session")
	channel, requests, err := ch.Accept()
	if err != nil {
		return
	}
	defer closeQuietly(channel)
	full := ""
	leave, ok := c.slots.enter("")
	if ok {
		defer c.tell()
		defer leave()
		c.tell()
	} else {
		full = "this connection has too many sessions open: close one"
	}
	release, ok := c.s.sessions.enter(c.id.Fingerprint)
	if ok {
		defer release()
	} else if full == "" {
		full = "too many sessions are open over SSH, of this key or in all: close one and try again"
	}
	serveSession(c, channel, requests, full)
}

// tell has watch see that a session began or ended.
func (c *connection) tell() {
	select {
	case c.used <- struct{}{}:
	default:
	}
}

// contain ends what panicked, and nothing else.
func (s *Server) contain(what string) {
	if r := recover(); r != nil {
		s.caught(what, r)
	}
}

func (s *Server) caught(what string, r any) {
	s.o.Log.Error(what+" ended with a mistake of keyward's own", slog.Any("panic", r), slog.String("stack", string(debug.Stack())))
}
