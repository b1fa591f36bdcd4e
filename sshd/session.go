package sshd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"
)

// Session is what somebody who logged in asked for: the console, or a command.
type Session struct {
	Identity Identity
	Args     []string // the words of a command; nil: the console

	In       io.Reader // what is typed; it ends with the session
	Out, Err io.Writer
	Sizes    <-chan Size // of the terminal, if there is one: the one it has, and each new one

	env map[string]string
	c   *connection
}

// Size is how large a terminal is, in cells: 1 to 1000 each way.
type Size struct{ Width, Height int }

// Env is what the client says of its terminal: TERM, COLORTERM, NO_COLOR, LANG,
// LC_* and STY; "" for anything else, and for what it does not say.
func (s *Session) Env(name string) string { return s.env[name] }

// session is one channel on its way to what it is to show.
type session struct {
	c       *connection
	ch      ssh.Channel
	ctx     context.Context
	end     context.CancelCauseFunc
	pty     bool
	started bool
	done    chan struct{} // closed when what was started is over
	full    string        // why nothing is to start
	sizes   chan Size
	env     map[string]string
	active  atomic.Int64 // when a key was pressed last, in Unix nanoseconds
}

// serveSession answers what a channel asks for, and returns when it is over.
func serveSession(c *connection, ch ssh.Channel, requests <-chan *ssh.Request, full string) {
	s := &session{c: c, ch: ch, done: make(chan struct{}), full: full, sizes: make(chan Size, 1), env: map[string]string{}}
	s.ctx, s.end = context.WithCancelCause(c.ctx)
	defer s.end(errGone)
	s.touch()
	over := make(chan struct{})
	defer close(over)
	c.late.Go(func() { s.unstick(over) })
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(s.limit)
	defer c.late.Go(func() { // the client's answer to the end is among them
		defer c.closed()
		ssh.DiscardRequests(requests)
	})
	start := c.s.o.After(c.s.o.Limits.Start) // nil once something has started
	for {
		select {
		case <-start:
			s.end(errNothing) // first: a client that takes nothing is not waited for
			s.say(errNothing.Error())
			s.finish(statusUsage)
			return
		case r, ok := <-requests:
			if !ok {
				s.end(errGone)
				return
			}
			answered := s.request(r)
			if r.WantReply {
				_ = r.Reply(answered != nil, nil)
			}
			if answered != nil && !s.started && (r.Type == "shell" || r.Type == "exec") {
				s.started, start = true, nil
				work.Go(func() {
					defer close(s.done)
					defer c.s.contain("an SSH session")
					answered()
				})
			}
		case <-s.done:
			return
		case <-s.ctx.Done():
			if s.started {
				<-s.done
			}
			return
		}
	}
}

// unstick ends the connection where a session that is to end does not, because
// the client takes nothing of what it is sent: whatever writes to it waits for as
// long as the connection lasts.
func (s *session) unstick(over <-chan struct{}) {
	select {
	case <-over:
		return
	case <-s.ctx.Done():
	}
	select {
	case <-over:
	case <-s.c.s.o.After(s.c.s.o.Limits.Leave):
		s.c.end(errStuck)
	}
}

// request takes one request; it returns nil to refuse it, else what is to be done
// once that is told.
func (s *session) request(r *ssh.Request) func() {
	nothing := func() {}
	switch r.Type {
	case "pty-req":
		if !s.started && !s.pty && s.takeTerminal(r.Payload) {
			return nothing
		}
	case "window-change":
		var m struct{ Columns, Rows, Width, Height uint32 }
		if s.pty && ssh.Unmarshal(r.Payload, &m) == nil {
			s.resize(m.Columns, m.Rows)
			return nothing
		}
	case "env":
		if !s.started && s.takeVariable(r.Payload) {
			return nothing
		}
	case "shell":
		if !s.started {
			return s.console
		}
	case "exec":
		var m struct{ Command string }
		if !s.started && ssh.Unmarshal(r.Payload, &m) == nil {
			return func() { s.command(m.Command) }
		}
	case "subsystem", "x11-req", "auth-agent-req@openssh.com":
		s.c.s.note("SSH asked for what there is not", s.c.id.Fingerprint, slog.String("who", s.c.id.Name()), slog.String("what", r.Type))
	}
	return nil
}

// The statuses with which a session ends. A command has its own besides.
const (
	statusDone   = 0
	statusFailed = 1
	statusUsage  = 2
)

// console shows the console.
func (s *session) console() {
	switch {
	case s.full != "":
		s.say(s.full)
	case !s.c.id.Console:
		s.say("your SSH key may not have a terminal (restrict or no-pty): give a command, such as key list")
	case !s.pty:
		s.say("the console needs a terminal: ssh -t, or give a command, such as key list")
	default:
		s.began("console")
		s.finish(s.contained(s.show))
		return
	}
	s.finish(statusUsage)
}

// show runs the console and says why it ended, where its user did not end it.
func (s *session) show() int {
	err := s.c.s.o.Show(s.ctx, &Session{
		Identity: s.c.id, In: s.input(true), Out: s.ch, Err: s.ch, Sizes: s.sizes, env: s.env, c: s.c,
	})
	switch cause := context.Cause(s.ctx); {
	case errors.Is(cause, errGone), errors.Is(cause, errInputEnded):
	case cause != nil:
		s.say(cause.Error())
	case err != nil:
		s.c.s.o.Log.Error("the console of an SSH session failed", slog.String("who", s.c.id.Name()), slog.String("error", err.Error()))
		s.say("the console stopped on a mistake of its own: connect again, and tell the administrator, who finds it in the log")
	default:
		return statusDone
	}
	return statusFailed
}

// command runs one of keyward's commands.
func (s *session) command(text string) {
	args, err := Words(text)
	switch {
	case s.full != "":
		s.say(s.full)
	case err != nil:
		s.say(err.Error())
	default:
		s.began("command")
		s.finish(s.contained(func() int { return s.run(args) }))
		return
	}
	s.finish(statusUsage)
}

func (s *session) run(args []string) int {
	in := s.input(false)
	s.c.late.Go(func() { s.watchInput(in) })
	out, errOut := s.writer(s.ch), s.writer(s.stderr())
	o := &Session{Identity: s.c.id, Args: args, In: strings.NewReader(""), Out: out, Err: errOut, Sizes: s.sizes, env: s.env, c: s.c}
	status := s.c.s.o.Run(s.ctx, o)
	if cause := context.Cause(s.ctx); cause != nil && !errors.Is(cause, errGone) && !errors.Is(cause, errInputEnded) {
		s.say(cause.Error())
	}
	return status
}

// contained runs fn. What panics in it ends this session and no other.
func (s *session) contained(fn func() int) (status int) {
	defer func() {
		if r := recover(); r != nil {
			s.c.s.caught("an SSH session", r)
			s.say("keyward made a mistake: connect again, and tell the administrator, who finds it in the log")
			status = statusFailed
		}
	}()
	return fn()
}

func (s *session) began(what string) {
	s.c.s.o.Log.Info("SSH session", slog.String("who", s.c.id.Name()), slog.String("of", what))
}

// say tells the client something that is no result.
func (s *session) say(text string) {
	_, _ = fmt.Fprintf(s.writer(s.stderr()), "keyward: %s\n", text)
}

// stderr is where errors go. To a terminal all goes one way, as with sshd: what is
// said after the console is not to come before its last frame.
func (s *session) stderr() io.Writer {
	if s.pty {
		return s.ch
	}
	return s.ch.Stderr()
}

// finish tells the client that it is over, and how it went.
func (s *session) finish(status int) {
	_, _ = s.ch.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{uint32(status)}))
	_ = s.ch.Close()
}

// touch notes that the user is there.
func (s *session) touch() { s.active.Store(s.c.s.o.Now().UnixNano()) }

// limit ends a session that nobody uses, and one that lasted long enough.
func (s *session) limit() {
	o := &s.c.s.o
	total := o.After(o.Limits.Total)
	for {
		idle := o.Limits.Idle - o.Now().Sub(time.Unix(0, s.active.Load()))
		if idle <= 0 {
			s.end(fmt.Errorf("nothing was typed for %s: connect again", span(o.Limits.Idle)))
			return
		}
		select {
		case <-o.After(idle):
		case <-total:
			s.end(fmt.Errorf("a session lasts %s at most: connect again", span(o.Limits.Total)))
			return
		case <-s.done:
			return
		case <-s.ctx.Done():
			return
		}
	}
}

// span is a length of time in words.
func span(d time.Duration) string {
	switch {
	case d >= time.Hour && d%time.Hour == 0:
		return fmt.Sprintf("%d hours", d/time.Hour)
	case d >= time.Minute && d%time.Minute == 0:
		return fmt.Sprintf("%d minutes", d/time.Minute)
	}
	return d.String()
}
