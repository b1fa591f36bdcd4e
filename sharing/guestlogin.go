package sharing

import (
	"context"
	"time"

	"dev.keyward/keyward/model"
)

// Login is how a guest came in, which may be taken back while it is here.
type Login interface {
	// Still is nil while the guest may do what it could when it came, else a
	// sentence that tells it why not. It is asked before each change.
	Still(ctx context.Context) error
	// End has the guest leave, and tells it why.
	End(why error)
}

// Under returns the guest whose every change asks l first: one that may not be
// made any more is refused by whoever owns the store, and on record there as any
// other refusal; then the guest leaves.
func (g *Guest) Under(l Login) *Guest {
	out := *g
	out.login = l
	return &out
}

// guestKey is under what a call carries the Guest that it is made for.
type guestKey struct{}

// recordingTime bounds how long a refusal is tried to be put on record.
const recordingTime = 2 * time.Second

// withdrawnReason is why a refusal is on record whose guest could change things
// when it came.
const withdrawnReason = "the SSH key does not allow it any more"

// admit says why the change of a call may not be made any more; nil where it may.
// do is the change: the store's owner refuses it to the guest and keeps that.
func (m *Member) admit(ctx context.Context, do func(context.Context, backend) error) error {
	g, guest := ctx.Value(guestKey{}).(Guest)
	if !guest || g.login == nil {
		return nil
	}
	why := g.login.Still(ctx)
	if why == nil {
		return nil
	}
	g.caller.ReadOnly, g.caller.Reason = true, withdrawnReason
	late, cancel := context.WithTimeout(context.WithValue(context.WithoutCancel(ctx), guestKey{}, g), recordingTime)
	defer cancel()
	_, _ = m.at(late, func(b backend) error { return do(late, b) }) // refused, on record or not
	g.login.End(why)
	return &withdrawnError{why}
}

// withdrawnError is a change that a guest may not make any more.
type withdrawnError struct{ why error }

// Error is the sentence for the guest, which says that nothing was done.
func (e *withdrawnError) Error() string { return "nothing was changed, for " + e.why.Error() }

// Is makes errors.Is(err, model.ErrForbidden) hold.
func (e *withdrawnError) Is(target error) bool { return target == model.ErrForbidden }

// Unwrap is why.
func (e *withdrawnError) Unwrap() error { return e.why }
