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
// the route does not end a request that is under way (security.md A9). While
// the endpoint has not seen the newest change nothing can be judged: data waits
// as a new request does, and after that the right is lost.
type right struct {
	x      *exchange
	ctx    context.Context // of the request to the upstream
	cancel context.CancelCauseFunc
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
	r := &right{x: x, ctx: ctx, cancel: cancel, snapshot: x.snapshot, checked: x.start, reason: model.Allowed}
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

// lost asks whether the right is gone: nothing may move then.
func (r *right) lost() bool {
	snapshot := r.x.e.current(r.ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	o := &r.x.e.o
	if snapshot == nil || snapshot != r.snapshot || o.Now().Sub(r.checked) >= o.Recheck {
		r.judge(snapshot)
	}
	return snapshot == nil || r.reason != model.Allowed
}

// why returns what the right was lost for when it was last asked for, or
// model.Allowed. A request that is not proxied keeps its own.
func (r *right) why() model.Reason {
	if r == nil {
		return model.Allowed
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reason
}

// lossReason says for the log that the right is lost.
func lossReason(why model.Reason) string {
	if why == model.Stale {
		return staleReason
	}
	return revokedReason
}

func (r *right) tick() {
	snapshot := r.x.e.current(r.ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.judge(snapshot)
	if !r.ended && r.reason == model.Allowed {
		r.timer.Reset(r.x.e.o.Recheck)
	}
}

// judge asks model; snapshot is nil where none is new enough, which is no
// loss when the request ended before the wait for one. What was lost stays lost.
// The caller holds mu.
func (r *right) judge(snapshot *model.Snapshot) {
	switch {
	case r.ended, r.reason != model.Allowed, snapshot == nil && r.ctx.Err() != nil:
		return
	case snapshot == nil:
		r.reason = model.Stale
	default:
		r.reason = r.reasonIn(snapshot)
	}
	if r.reason == model.Allowed {
		return
	}
	r.cancel(errRevoked)
	if r.upload != nil {
		r.upload.cutOff()
	}
}

// reasonIn judges the request by a snapshot. The caller holds mu.
func (r *right) reasonIn(snapshot *model.Snapshot) model.Reason {
	request := r.x.request
	request.Now = r.x.e.o.Now()
	d := snapshot.Identify(&request)
	r.snapshot, r.checked = snapshot, request.Now
	if d.Allowed() && !d.Key.Permits(r.x.decision.Workflow.ID) {
		return model.WorkflowNotPermitted
	}
	return d.Reason
}
