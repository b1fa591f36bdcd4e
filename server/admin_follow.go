package server

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"dev.keyward/keyward/model"
)

// pieceRecords is how many records one line of a stream holds at most.
const pieceRecords = 200

// maxAckLine is the longest line that a follower sends, in bytes.
const maxAckLine = 4 << 10

// stream sends one follower what happens to the store, and takes its
// acknowledgements on the same connection: both bodies are lines of JSON.
type stream struct {
	*adminCall
	follower *model.Follower
}

// beginStream lets the answer begin before the request ends, also where it is a
// refusal. Only streams have that, and their connections end with them: net/http
// does not read the rest of such a request before the next one.
func (c *adminCall) beginStream() {
	_ = c.rc.EnableFullDuplex() // HTTP/1.1 has it.
	_ = c.rc.SetReadDeadline(time.Now().Add(adminBodyTime))
	c.w.Header().Set("Connection", "close")
}

// follow serves a follower until it goes away, falls silent or the owner leaves.
func follow(c *adminCall) {
	lines := bufio.NewScanner(c.r.Body)
	lines.Buffer(nil, maxAckLine)
	var in followRequest
	if err := nextLine(lines, &in); err != nil {
		c.refuse(http.StatusBadRequest, model.Fault{Kind: "other", Message: "the owner of the store cannot read what is to be followed: " + model.Clean(err.Error())})
		return
	}
	_ = c.rc.SetReadDeadline(time.Time{})
	service := c.service()
	if service == nil {
		return
	}
	s := &stream{c, service.Follow(model.Following{Name: c.partner(in.Self).String(), Peer: c.partner(in.Self), Records: in.Records, Decides: in.Decides})}
	defer s.follower.Close()
	s.run(lines)
}

// nextLine reads one line as a request.
func nextLine(lines *bufio.Scanner, in any) error {
	if !lines.Scan() {
		return errors.Join(lines.Err(), io.ErrUnexpectedEOF)
	}
	return decodeRequest(lines.Bytes(), in)
}

// run sends until something ends, and leaves no goroutine behind.
func (s *stream) run(lines *bufio.Scanner) {
	ctx, cancel := context.WithCancel(s.a.streams)
	defer cancel()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer cancel()
		s.acknowledge(lines)
	}()
	stop := context.AfterFunc(ctx, func() { // ends a read or a write that waits for the other end
		_ = s.rc.SetReadDeadline(time.Now())
		_ = s.rc.SetWriteDeadline(time.Now())
	})
	s.sendAll(ctx)
	cancel()
	if stop() {
		_ = s.rc.SetReadDeadline(time.Now())
	}
	<-ended
}

// acknowledge reads the follower's acknowledgements until it has no more.
func (s *stream) acknowledge(lines *bufio.Scanner) {
	var in ackLine
	for nextLine(lines, &in) == nil {
		s.follower.Ack(in.Ack)
	}
}

// sendAll sends updates as they come, and a sign of life for each second without
// one.
func (s *stream) sendAll(ctx context.Context) {
	if s.line(ctx, streamLine{}) != nil {
		return
	}
	for {
		limit, cancel := context.WithTimeout(ctx, beatEvery)
		u, err := s.follower.Next(limit)
		cancel()
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, context.DeadlineExceeded):
			err = s.line(ctx, streamLine{})
		case err == nil:
			err = updateLines(u, func(text []byte) error { return s.write(ctx, text) })
		}
		if err != nil {
			return
		}
	}
}

// updateLines writes an update in lines of bounded length.
func updateLines(u model.Update, write func([]byte) error) error {
	base, rest := u.Base, u.Records
	for {
		part := model.Update{Base: u.Base, After: u.After, Head: u.Head}
		part.Records, rest = split(rest, pieceRecords)
		last := rest.IsZero()
		if last {
			part.Gone = u.Gone
		}
		if err := partLines(part, last, base, write); err != nil || last {
			return err
		}
		u.Base = false
	}
}

// partLines writes one part of an update, in halves if it is too long for a
// line. base says that the whole is one, whose parts are updates of their own.
func partLines(u model.Update, last, base bool, write func([]byte) error) error {
	u.More = base && !last
	text, err := json.Marshal(streamLine{Update: &u, Part: !base && !last})
	if err != nil {
		return err
	}
	n := len(u.Records.Keys) + len(u.Records.Workflows) + len(u.Records.Environments)
	if len(text) < maxAdminLine || n < 2 {
		return write(text)
	}
	first := model.Update{Base: u.Base, After: u.After, Head: u.Head}
	rest := model.Update{After: u.After, Head: u.Head, Gone: u.Gone}
	first.Records, rest.Records = split(u.Records, n/2)
	if err := partLines(first, false, base, write); err != nil {
		return err
	}
	return partLines(rest, last, base, write)
}

// split cuts off the first n records.
func split(r model.Records, n int) (first, rest model.Records) {
	first.Environments, rest.Environments = cutList(r.Environments, &n)
	first.Workflows, rest.Workflows = cutList(r.Workflows, &n)
	first.Keys, rest.Keys = cutList(r.Keys, &n)
	return first, rest
}

func cutList[T any](list []T, n *int) (first, rest []T) {
	k := min(*n, len(list))
	*n -= k
	return list[:k:k], list[k:]
}

func (s *stream) line(ctx context.Context, l streamLine) error {
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return s.write(ctx, text)
}

// write sends one line, which the follower has beatTime to take.
func (s *stream) write(ctx context.Context, text []byte) error {
	if err := s.rc.SetWriteDeadline(time.Now().Add(beatTime)); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil { // its end may have set the deadline just before
		return err
	}
	if _, err := s.w.Write(append(text, '\n')); err != nil {
		return err
	}
	return s.rc.Flush()
}
