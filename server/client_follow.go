package server

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"dev.keyward/keyward/model"
)

// Follow calls fn with what happens to the store, in order, until ctx ends, fn
// fails or the owner is gone: a base at first, in parts (Update.More), and again
// where this process is too far behind; then each change. ack, which is for fn to
// call and works while Follow lasts, tells the owner that everything up to seq is
// in force here: a change is not confirmed before, as far as o.Decides says so.
//
// The owner names the follower itself: o.Name is not used. The error is fn's, or
// a *LinkError: ErrGone when the stream ends, ErrSilent when nothing came for
// 3 s, ctx's. It is never nil.
func (c *Client) Follow(ctx context.Context, o model.Following, fn func(u model.Update, ack func(seq uint64)) error) error {
	f, err := c.openStream(ctx, followRequest{c.o.Self, o.Records, o.Decides})
	if err != nil {
		return err
	}
	f.fn = fn
	defer f.close()
	if err := f.alive(); err != nil {
		return f.failed(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(f.conn), nil)
	if err != nil {
		return f.failed(err)
	}
	// Its body is not closed, which would wait for its end: the connection is.
	if res.StatusCode != http.StatusOK {
		data, err := io.ReadAll(io.LimitReader(res.Body, maxAdminLine))
		if err != nil {
			return f.failed(err)
		}
		return c.fault(data, nil)
	}
	return f.run(res.Body)
}

// following is a stream as its receiver sees it: a connection of its own, whose
// request goes on while its answer comes, with acknowledgements.
type following struct {
	c    *Client
	ctx  context.Context
	conn net.Conn
	stop func() bool
	fn   func(model.Update, func(uint64)) error
	part *model.Update // of a change that goes on in the next line
	size int           // of its lines, in bytes
}

// openStream connects and asks to follow.
func (c *Client) openStream(ctx context.Context, first followRequest) (*following, error) {
	limit, cancel := context.WithTimeout(ctx, streamSilence)
	defer cancel()
	conn, err := c.dial(limit, "", "")
	if err != nil && ctx.Err() == nil && limit.Err() != nil {
		return nil, c.silent(true)
	}
	if err != nil {
		return nil, c.failed(ctx, err, true)
	}
	f := &following{c: c, ctx: ctx, conn: conn}
	f.stop = context.AfterFunc(ctx, func() { _ = conn.Close() }) // It ends whatever waits for the owner.
	w := bufio.NewWriter(conn)
	_, err = fmt.Fprintf(w, "POST %sFollow HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n", methodPath, adminHost)
	err = errors.Join(err, c.header.Write(w))
	_, werr := w.WriteString("\r\n")
	if err = errors.Join(err, werr, w.Flush(), f.send(first)); err != nil {
		f.close()
		return nil, f.failed(err)
	}
	return f, nil
}

func (f *following) close() {
	f.stop()
	_ = f.conn.Close() // It has no more to tell.
}

// send writes a value as a line, in a chunk of the request's body.
func (f *following) send(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if err := f.conn.SetWriteDeadline(time.Now().Add(streamSilence)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(f.conn, "%x\r\n%s\n\r\n", len(text)+1, text)
	return err
}

// alive gives the owner another while for its next line.
func (f *following) alive() error { return f.conn.SetReadDeadline(time.Now().Add(streamSilence)) }

// failed says what an error of the connection means.
func (f *following) failed(err error) error {
	if f.ctx.Err() == nil && errors.Is(err, os.ErrDeadlineExceeded) {
		return f.c.silent(false)
	}
	return f.c.failed(f.ctx, err, false)
}

func (f *following) run(body io.Reader) error {
	lines := bufio.NewScanner(body)
	lines.Buffer(make([]byte, 0, 64<<10), 2*maxAdminLine)
	for lines.Scan() {
		if err := f.line(lines.Bytes()); err != nil {
			return err
		}
		if err := f.alive(); err != nil {
			return f.failed(err)
		}
	}
	err := lines.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		return f.c.unreadable(err)
	}
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	return f.failed(err)
}

func (f *following) line(text []byte) error {
	var l streamLine
	if err := json.Unmarshal(text, &l); err != nil {
		return f.c.unreadable(err)
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

// ack tells the owner how far this process is. Where that fails, the stream is
// about to end.
func (f *following) ack(seq uint64) { _ = f.send(ackLine{seq}) }

// join puts the parts of a change together: it is taken whole or not at all.
func (f *following) join(l streamLine, size int) error {
	if f.part == nil {
		f.part, f.size = &model.Update{}, 0
	}
	whole, u := f.part, l.Update
	if f.size += size; f.size > maxAdminAnswer {
		return f.c.unreadable(fmt.Errorf("a change is larger than %d MiB", maxAdminAnswer>>20))
	}
	whole.After, whole.Head = u.After, u.Head
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
