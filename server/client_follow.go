package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"

	"dev.keyward/keyward/model"
)

// Follow calls fn with what happens to the store, in order, until ctx ends, fn
// fails or the owner is gone: a base at first, in parts (Update.More), and again
// where this process is too far behind; then each change. ack, which fn may call
// and keep while Follow lasts, tells the owner that everything up to seq is in
// force here: a change is not confirmed before, as far as o.Decides says so.
//
// The owner names the follower itself: o.Name is not used. The error is fn's, or
// a *LinkError: ErrGone when the stream ends, ErrSilent when nothing came for
// 3 s, ctx's. It is never nil.
func (c *Client) Follow(ctx context.Context, o model.Following, fn func(u model.Update, ack func(seq uint64)) error) error {
	first, err := json.Marshal(followRequest{c.o.Self, o.Records, o.Decides})
	if err != nil {
		return err
	}
	acks, ackEnd := io.Pipe()
	defer func() { _ = ackEnd.Close() }() // Neither end has an error to tell.
	// It has a connection of its own, whose end ends the acknowledgements too.
	own := &Client{o: c.o, dir: c.dir, hello: c.hello, header: c.header, transport: c.transport.Clone()}
	own.pid.Store(c.pid.Load())
	own.transport.DisableKeepAlives = true
	own.transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := c.dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &endingConn{conn, func() { _ = acks.Close() }}, nil
	}
	call := own.begin(ctx, streamSilence)
	defer call.end()
	res, err := call.open(http.MethodPost, methodPath+"Follow", c.header, io.MultiReader(bytes.NewReader(append(first, '\n')), acks))
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }() // it is given up
	if res.StatusCode != http.StatusOK {
		data, err := io.ReadAll(io.LimitReader(&answerReader{call, res.Body}, maxAdminLine))
		if err != nil {
			return call.failed(err)
		}
		return c.fault(data, nil)
	}
	f := &following{call: call, fn: fn, ack: func(seq uint64) {
		text, _ := json.Marshal(ackLine{seq})   // It has no field that could fail.
		_, _ = ackEnd.Write(append(text, '\n')) // The stream tells when nobody reads it.
	}}
	return f.run(res.Body)
}

// following is a stream as its receiver sees it.
type following struct {
	call *clientCall
	fn   func(model.Update, func(uint64)) error
	ack  func(uint64)
	part *model.Update // of a change that goes on in the next line
	size int           // of its lines, in bytes
}

func (f *following) run(body io.Reader) error {
	lines := bufio.NewScanner(body)
	lines.Buffer(make([]byte, 0, 64<<10), 2*maxAdminLine)
	for {
		f.call.alive()
		if !lines.Scan() {
			break
		}
		f.call.busy()
		if err := f.line(lines.Bytes()); err != nil {
			return err
		}
	}
	err := lines.Err()
	if err == bufio.ErrTooLong {
		return f.call.c.unreadable(err)
	}
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	return f.call.failed(err)
}

func (f *following) line(text []byte) error {
	var l streamLine
	if err := json.Unmarshal(text, &l); err != nil {
		return f.call.c.unreadable(err)
	}
	switch {
	case l.Fault != nil:
		return l.Fault.Err()
	case l.Update == nil:
		return nil
	case l.Part || f.part != nil:
		return f.join(l, len(text))
	}
	return f.fn(*l.Update, f.ack)
}

// join puts the parts of a change together: it is taken whole or not at all.
func (f *following) join(l streamLine, size int) error {
	if f.part == nil {
		f.part, f.size = &model.Update{}, 0
	}
	whole, u := f.part, l.Update
	if f.size += size; f.size > maxAdminAnswer {
		return fmt.Errorf("a change of %s is larger than %d MiB", f.call.c.owner(), maxAdminAnswer>>20)
	}
	whole.Head = u.Head
	whole.Records.Keys = append(whole.Records.Keys, u.Records.Keys...)
	whole.Records.Workflows = append(whole.Records.Workflows, u.Records.Workflows...)
	whole.Records.Environments = append(whole.Records.Environments, u.Records.Environments...)
	whole.Gone = append(whole.Gone, u.Gone...)
	if l.Part {
		return nil
	}
	f.part = nil
	return f.fn(*whole, f.ack)
}

// endingConn tells when nothing more can be read from it. net/http waits for a
// request's body before it tells that the connection is gone, and the body of a
// following ends with nothing else.
type endingConn struct {
	net.Conn
	ended func()
}

// Read reads, and tells of an error.
func (c *endingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil {
		c.ended()
	}
	return n, err
}
