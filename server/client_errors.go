package server

import (
	"errors"

	"dev.keyward/keyward/model"
)

// What may go wrong between a client and the owner of the store. errors.Is finds
// them in a *LinkError.
var (
	// ErrNobody: the socket is not there, or nobody answers at it any more.
	ErrNobody = errors.New("nobody has the data directory open")
	// ErrGone: the owner went away, or is letting go of the store. What became of
	// a change is not known then, unless ErrNotDone is found as well.
	ErrGone = errors.New("the owner of the store is gone")
	// ErrNotDone: it is certain that nothing was done.
	ErrNotDone = errors.New("nothing was done")
	// ErrSilent: the owner is there and gives no sign of life; it may be stopped.
	ErrSilent = errors.New("the owner of the store does not answer")
	// ErrProtocol: the owner is of a version that speaks another protocol.
	ErrProtocol = errors.New("the owner of the store speaks another protocol")
)

// LinkError is what kept a call from being answered by the owner of the store.
// All of them but those of the kind ErrProtocol are model.ErrUnavailable, too. A
// model.ErrUnavailable that is no *LinkError is the answer of an owner whose store
// has stopped.
type LinkError struct {
	Kind    error // one of the Errors above, fs.ErrPermission, the context's error, or model's
	PID     int   // of the owner; 0 where it is not known
	NotDone bool  // it is certain that nothing was done
	Err     error // the cause, or nil
	message string
}

// Error is a sentence that names the owner.
func (e *LinkError) Error() string { return e.message }

// Is finds the kind, ErrNotDone and model.ErrUnavailable.
func (e *LinkError) Is(target error) bool {
	switch target {
	case ErrNotDone:
		return e.NotDone
	case model.ErrUnavailable:
		return e.Kind == ErrNobody || e.Kind == ErrGone || e.Kind == ErrSilent || e.Kind == model.ErrUnavailable
	}
	return errors.Is(e.Kind, target)
}

// Unwrap returns the cause, or nil.
func (e *LinkError) Unwrap() error { return e.Err }
