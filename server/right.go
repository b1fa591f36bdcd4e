package server

import (
	"context"
	"errors"
	"sync"
	"time"

	"dev.keyward/keyward/model"
)

// errRevoked ends a proxied request whose key lost its right meanwhile.
var errRevoked = errors.New("the key may not do this any more")

// right is a proxied request's right to go on. model is asked again when data
// moves and anything has changed since, and once an interval whether data moves
// or not: time alone ends a key, a grace period and a certificate. A change of
// the route does not end a request that is under way (security.md A9).
type right struct {
	x      *exchange
	cancel context.CancelCauseFunc // of the request to the upstream
	timer  *time.Timer

	mu       sync.Mutex
	upload   *upload         // nil: none
	snapshot *model.Snapshot // that the request was last judged by
	checked  time.Time
	reason   model.Reason // why the right is lost
	ended    bool         // the request is over
}

// newRight returns the right of a request that was just allowed, and the
// context for its upstream. The caller releases it.
func newRight(x *exchange) (*right, context.Context) {
	ctx, cancel := context.WithCancelCause(x.r.Context())
	r := &right{x: x, cancel: cancel, snapshot: x.snapshot, checked: x.start, reason: model.Allowed}
	r.mu.Lock() // for a tick that comes at once
	defer r.mu.Unlock()
	r.timer = time.AfterFunc(x.e.o.Recheck, r.tick)
	return r, ctx
}

// watch also ends u when the right is lost.
func (r *right) watch(u *upload) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.upload = u
}

// release ends the asking. Afterwards nothing touches the connection.
func (r *right) release() {
	r.timer.Stop()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	r.cancel(nil)
}

// lost reports whether the right is gone. A request that is not proxied keeps
// its own.
func (r *right) lost() bool { return r != nil && r.why() != model.Allowed }

// why returns model.Allowed, or what the right was lost for.
func (r *right) why() model.Reason {
	r.mu.Lock()
	defer r.mu.Unlock()
	o := &r.x.e.o
	if o.Snapshot() != r.snapshot || o.Now().Sub(r.checked) >= o.Recheck {
		r.judge()
	}
	return r.reason
}

func (r *right) tick() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.judge()
	if !r.ended && r.reason == model.Allowed {
		r.timer.Reset(r.x.e.o.Recheck)
	}
}

// judge asks model. What was lost stays lost. The caller holds mu.
func (r *right) judge() {
	snapshot := r.x.e.o.Snapshot()
	if r.ended || r.reason != model.Allowed || snapshot == nil {
		return
	}
	request := r.x.request
	request.Now = r.x.e.o.Now()
	d := snapshot.Identify(&request)
	r.snapshot, r.checked, r.reason = snapshot, request.Now, d.Reason
	if d.Allowed() && !d.Key.Permits(r.x.decision.Workflow.ID) {
		r.reason = model.WorkflowNotPermitted
	}
	if r.reason == model.Allowed {
		return
	}
	r.cancel(errRevoked)
	if r.upload != nil {
		r.upload.cutOff()
	}
}
