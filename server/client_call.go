package server

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"sync/atomic"
	"time"

	"dev.keyward/keyward/model"
)

// clientCall is one request and its answer. Its silence is bounded, not its
// length: each sign of life counts.
type clientCall struct {
	c       *Client
	parent  context.Context
	ctx     context.Context
	cancel  context.CancelCauseFunc
	silence *time.Timer
	limit   time.Duration
	written atomic.Bool // the request may have reached the owner
	looking bool        // it changes nothing, wherever it ended
}

func (c *Client) begin(ctx context.Context, silence time.Duration) *clientCall {
	call := &clientCall{c: c, parent: ctx, limit: silence}
	traced, cancel := context.WithCancelCause(ctx)
	call.cancel = cancel
	call.ctx = httptrace.WithClientTrace(traced, &httptrace.ClientTrace{
		// Another attempt is made only where nothing was written in the one before.
		GetConn:        func(string) { call.written.Store(false) },
		WroteHeaders:   func() { call.written.Store(true) },
		Got1xxResponse: func(int, textproto.MIMEHeader) error { call.alive(); return nil },
	})
	call.silence = time.AfterFunc(silence, func() { cancel(ErrSilent) })
	return call
}

func (call *clientCall) alive() { call.silence.Reset(call.limit) }

// busy stops the watch on the owner's silence while this process is at work;
// alive begins it again.
func (call *clientCall) busy() { call.silence.Stop() }

func (call *clientCall) end() {
	call.silence.Stop()
	call.cancel(nil)
}

// open sends a request and returns the answer once its header is there. The
// caller closes its body.
func (call *clientCall) open(method, path string, header http.Header, body io.Reader) (*http.Response, error) {
	r, err := http.NewRequestWithContext(call.ctx, method, "http://"+adminHost+path, body)
	if err != nil {
		return nil, err
	}
	r.Header = header
	res, err := call.c.transport.RoundTrip(r)
	if err != nil {
		return nil, call.failed(err)
	}
	call.alive()
	return res, nil
}

// ask sends a request and returns the whole answer, of at most limit bytes.
func (call *clientCall) ask(method, path string, header http.Header, body io.Reader, limit int64) (*http.Response, []byte, error) {
	res, err := call.open(method, path, header, body)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = res.Body.Close() }() // read to its end, or given up
	data, err := io.ReadAll(io.LimitReader(&answerReader{call, res.Body}, limit+1))
	if err != nil {
		return nil, nil, call.failed(err)
	}
	if int64(len(data)) > limit {
		return nil, nil, fmt.Errorf("the answer of %s is larger than %d MiB: ask for less", call.c.owner(), limit>>20)
	}
	return res, data, nil
}

// answerReader takes each part of an answer as a sign of life.
type answerReader struct {
	call *clientCall
	body io.Reader
}

// Read reads the next part.
func (r *answerReader) Read(p []byte) (int, error) {
	r.call.alive()
	n, err := r.body.Read(p)
	r.call.busy()
	return n, err
}

// failed says what an error of the connection means.
func (call *clientCall) failed(err error) error {
	notDone := call.looking || !call.written.Load()
	if call.parent.Err() == nil && errors.Is(context.Cause(call.ctx), ErrSilent) {
		return call.c.silent(notDone)
	}
	return call.c.failed(call.parent, err, notDone)
}

// failed says what an error of a connection means to whoever called with ctx.
func (c *Client) failed(ctx context.Context, err error, notDone bool) error {
	if cause := ctx.Err(); cause != nil {
		return &LinkError{Kind: cause, PID: c.ownerPID(), NotDone: notDone, message: "the call to " + c.owner() + " was given up: " + cause.Error()}
	}
	var link *LinkError // from the dial
	if errors.As(err, &link) && (c.hello.Owner.PID == 0 || !errors.Is(link.Kind, ErrNobody)) {
		return link
	}
	return &LinkError{Kind: ErrGone, PID: c.ownerPID(), NotDone: notDone || link != nil, Err: err, message: c.owner() + " went away"}
}

func (c *Client) silent(notDone bool) error {
	message := c.owner() + " does not answer: look at what holds it up"
	if pid := c.ownerPID(); pid != 0 {
		message = fmt.Sprintf("%s does not answer, it may be stopped: let it go on with kill -CONT %d, or end it with kill %d", c.owner(), pid, pid)
	}
	return &LinkError{Kind: ErrSilent, PID: c.ownerPID(), NotDone: notDone, message: message}
}

// invokeChange is invoke for one change, which gets an id first: who loses the
// answer can ask for it.
func invokeChange[Out any](ctx context.Context, c *Client, method string, in any) (out Out, err error) {
	receipt := model.ReceiptOf(ctx)
	if receipt.Request == "" {
		if receipt.Request, err = model.NewRequest(rand.Reader); err != nil {
			return out, err
		}
	}
	return invoke[Out](model.WithReceipt(ctx, receipt), c, method, in)
}

// invoke calls a method. A change fills the receipt that goes with ctx.
func invoke[Out any](ctx context.Context, c *Client, method string, in any) (out Out, err error) {
	body, err := json.Marshal(in)
	if err != nil {
		return out, model.Invalid("request", "the request cannot be written: %v", err)
	}
	if len(body) > maxAdminRequest {
		return out, errTooLarge
	}
	receipt := model.ReceiptOf(ctx)
	header := c.headerOf(ctx)
	if receipt.Request != "" {
		header.Set(requestHeader, receipt.Request)
	}
	call := c.begin(ctx, silenceTime)
	defer call.end()
	res, data, err := call.ask(http.MethodPost, methodPath+method, header, bytes.NewReader(body), maxAdminAnswer)
	if err != nil {
		return out, err
	}
	if text := res.Header.Get(receiptHeader); text != "" {
		if err := json.Unmarshal([]byte(text), receipt); err != nil {
			return out, c.unreadable(err)
		}
	}
	if res.StatusCode != http.StatusOK {
		return out, c.fault(data, &out)
	}
	if err := json.Unmarshal(data, &out); err != nil {
		return out, c.unreadable(err)
	}
	return out, nil
}

func (c *Client) unreadable(err error) error {
	return &LinkError{Kind: ErrProtocol, PID: c.ownerPID(), Err: err, message: "the answer of " + c.owner() + " cannot be read: " + err.Error()}
}

// fault reads an error that the owner sent, and what was done before it into out
// if that is sent as well.
func (c *Client) fault(data []byte, out any) error {
	var f adminFault
	if err := json.Unmarshal(data, &f); err != nil {
		return c.unreadable(err)
	}
	if len(f.Result) > 0 && out != nil {
		if err := json.Unmarshal(f.Result, out); err != nil {
			return c.unreadable(err)
		}
	}
	switch f.State {
	case StateLeaving:
		return &LinkError{Kind: ErrGone, PID: c.ownerPID(), NotDone: true, Err: f.Err(), message: c.owner() + " is letting go of the store"}
	case stateLate:
		return &LinkError{Kind: model.ErrUnavailable, PID: c.ownerPID(), NotDone: true, Err: f.Err(), message: c.owner() + " was held up until the call had been given up"}
	case StateOpening:
		return &LinkError{Kind: model.ErrUnavailable, PID: c.ownerPID(), NotDone: true, Err: f.Err(), message: c.owner() + " is still opening the store"}
	}
	return f.Err()
}
