package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"dev.keyward/keyward/model"
)

// adminCall is one request on the admin socket.
type adminCall struct {
	a    *Admin
	w    http.ResponseWriter
	r    *http.Request
	rc   *http.ResponseController
	peer peer
	beat beat
}

// serve answers one request: who asks, how, and what.
func (a *Admin) serve(w http.ResponseWriter, r *http.Request) {
	c := &adminCall{a: a, w: w, r: r, rc: http.NewResponseController(w)}
	if r.URL.Path == methodPath+"Follow" {
		c.beginStream()
	}
	c.peer, _ = r.Context().Value(peerKey{}).(peer)
	if status, err := c.admit(); err != nil {
		w.Header().Set("Connection", "close")
		c.refuse(status, model.FaultOf(err))
		return
	}
	if r.URL.Path == helloPath && r.Method == http.MethodGet {
		tellClock(c.header())
		c.send(http.StatusOK, a.hello())
		return
	}
	name, ok := strings.CutPrefix(r.URL.Path, methodPath)
	method, known := adminMethods[name]
	if !ok || !known || r.Method != http.MethodPost {
		c.refuse(http.StatusNotFound, model.Fault{Kind: "other", Message: fmt.Sprintf("the owner of the store does not know %q: it is of another version", model.Clean(name))})
		return
	}
	c.run(method)
}

// hello is what the owner says of itself.
func (a *Admin) hello() Hello {
	h := a.o.Hello()
	h.Instance = a.instance
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.state != serving { // who comes now would find long calls refused
		h.State = StateLeaving
	}
	return h
}

// admit looks at who asks. The mode of the socket is not relied on: somebody may
// have changed it. A browser cannot reach a socket by itself; what names a page
// as its origin came through some bridge that should not be there.
func (c *adminCall) admit() (status int, err error) {
	p := c.peer
	switch {
	case p.over:
		return http.StatusServiceUnavailable, fmt.Errorf("%d connections to the owner of the store are open, the most there may be: close some consoles or commands", maxConnections)
	case p.err != nil:
		c.a.o.Log.Error("admin connection without credentials", slog.String("error", p.err.Error()))
		return http.StatusForbidden, fmt.Errorf("the owner of the store cannot tell who asks: %w", p.err)
	case p.uid != c.a.o.UID && p.uid != 0:
		c.a.o.Log.Warn("admin connection refused", slog.Int("uid", p.uid), slog.Int("pid", p.pid))
		return http.StatusForbidden, fmt.Errorf("%wthe data directory belongs to another user than uid %d: run it as its owner (%s)", errForbiddenPeer, p.uid, sudo(c.a.o.UID))
	case c.r.Header.Get("Origin") != "" || c.r.Header.Get("Referer") != "" || c.r.Host != adminHost:
		return http.StatusForbidden, errors.New("the admin socket is for keyward itself, not for browsers")
	}
	return 0, nil
}

// errForbiddenPeer has the kind of model.ErrForbidden, and no words of it.
var errForbiddenPeer = quiet{model.ErrForbidden}

// run makes one call, unless the owner is leaving.
func (c *adminCall) run(method adminMethod) {
	if asked := c.r.Header.Get(instanceHeader); asked != "" && asked != c.a.instance {
		c.nothingDone(StateLeaving)
		return
	}
	end, ok := c.a.begin(method.kind)
	if !ok {
		c.nothingDone(StateLeaving)
		return
	}
	defer end()
	if method.kind != streamCall {
		limit := adminCallTime
		if method.kind != shortCall {
			limit = adminLongTime
		}
		ctx, cancel := context.WithTimeout(c.r.Context(), limit)
		defer cancel()
		c.r = c.r.WithContext(ctx)
		defer c.beat.end()
	}
	method.serve(c)
}

// callSession is every method that is one of a Session: decode, call, encode.
func callSession[In, Out any](c *adminCall, telling bool, fn func(context.Context, *model.Session, In) (Out, error)) {
	var in In
	if !c.read(&in) {
		return
	}
	service := c.service()
	if service == nil {
		return
	}
	caller, receipt, err := c.caller()
	if err != nil {
		c.refuse(http.StatusBadRequest, model.FaultOf(err))
		return
	}
	out, err := fn(model.WithReceipt(c.r.Context(), receipt), service.As(caller), in)
	if receipt.Seq != 0 {
		text, _ := json.Marshal(receipt) // It has no field that could fail.
		c.header().Set(receiptHeader, string(text))
	}
	if err == nil {
		c.send(http.StatusOK, out)
		return
	}
	var result any
	if telling {
		result = out
	}
	c.fail(err, result)
}

// service returns whom to ask. After nil the call is answered: the store is being
// opened, or this owner has neither a store nor a journal to read.
func (c *adminCall) service() *model.Service {
	h := c.a.o.Hello() // before the service is looked for, which is there by then
	service := c.a.o.Service()
	switch {
	case service != nil:
	case h.State == StateReady:
		c.fail(fmt.Errorf("%w%s", quiet{model.ErrDegraded}, orNothing(h.Degraded)), nil)
	default:
		c.nothingDone(h.State)
	}
	return service
}

func orNothing(degraded string) string {
	if degraded == "" {
		return "the owner of the store has nothing to read from: look at what it logged"
	}
	return degraded
}

// ready reports whether the store is open. After false the call is answered.
func (c *adminCall) ready() bool {
	state := c.a.o.Hello().State
	if state != StateReady {
		c.nothingDone(state)
	}
	return state == StateReady
}

// abandon ends a call without an answer once Close was called.
func (c *adminCall) abandon() {
	if c.a.ctx.Err() != nil {
		panic(http.ErrAbortHandler)
	}
}

// caller is for whom the call acts: the user and process that the kernel names,
// and what that process says of itself.
func (c *adminCall) caller() (model.Caller, *model.Receipt, error) {
	h := c.r.Header
	receipt := &model.Receipt{Request: h.Get(requestHeader)}
	if receipt.Request != "" && !validRequest(receipt.Request) {
		return model.Caller{}, nil, model.Invalid("request", "the id of a change is 32 hexadecimal digits")
	}
	reason, err := url.PathUnescape(h.Get(reasonHeader))
	if err != nil {
		return model.Caller{}, nil, model.Invalid("reason", "the reason does not travel percent-encoded")
	}
	claimed, err := url.PathUnescape(h.Get(claimedHeader))
	if err != nil {
		return model.Caller{}, nil, model.Invalid("claimed", "the claimed user does not travel percent-encoded")
	}
	key, err := sshKeyOf(h)
	if err != nil {
		return model.Caller{}, nil, err
	}
	return model.Caller{
		Actor:    model.Actor{UID: c.peer.uid, PID: c.peer.pid, User: c.a.users.of(c.peer.uid), Claimed: cut(model.Clean(claimed), model.MaxName), SSH: key},
		ReadOnly: h.Get(readOnlyHeader) != "",
		Reason:   reason,
	}, receipt, nil
}

func validRequest(s string) bool {
	return len(s) == 32 && strings.Trim(s, "0123456789abcdef") == ""
}

// read takes the request's body, and begins with signs of life, unless the client
// has given up. After false the call is answered.
func (c *adminCall) read(in any) bool {
	_ = c.rc.SetReadDeadline(time.Now().Add(adminBodyTime))
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxAdminRequest))
	_ = c.rc.SetReadDeadline(time.Time{})
	late := false
	if err == nil {
		err = decodeRequest(body, in)
	}
	if err == nil {
		late, err = c.late()
	}
	var large *http.MaxBytesError
	switch {
	case late:
		c.nothingDone(stateLate)
	case err == nil:
		c.beat.begin(c.w, c.rc)
		return true
	case errors.As(err, &large):
		c.refuse(http.StatusRequestEntityTooLarge, model.FaultOf(errTooLarge))
	default:
		c.refuse(http.StatusBadRequest, model.Fault{Kind: "other", Message: "the owner of the store cannot read the request: " + model.Clean(err.Error())})
	}
	return false
}

var errTooLarge = fmt.Errorf("%wthe request is larger than %d MiB: do less at once", quiet{model.ErrTooLarge}, maxAdminRequest>>20)

// decodeRequest reads one JSON value and refuses what it does not know: a field
// that is left unread might have meant less than what is then done.
func decodeRequest(body []byte, in any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(in); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows it")
	}
	return nil
}
