package model

import (
	"errors"
	"fmt"
)

// The kinds of refusal a caller can tell apart with errors.Is. Each error that
// a Session returns wraps exactly one of them or is an unexpected failure of
// the store.
var (
	// ErrInvalid: the input breaks a rule; the error is an *InputError.
	ErrInvalid = errors.New("invalid input")
	// ErrNotFound: nothing has that name.
	ErrNotFound = errors.New("not found")
	// ErrConflict: the change clashes with what is there: a name or certificate
	// already taken, something still in use.
	ErrConflict = errors.New("conflict")
	// ErrForbidden: this operator may not do that.
	ErrForbidden = errors.New("not allowed")
	// ErrChanged: another change came in between more often than the session
	// retries; nothing was done and trying again is safe. The store's Commit
	// returns it when Change.Head is not the newest.
	ErrChanged = errors.New("changed meanwhile")
	// ErrUnknownOutcome: the store cannot say whether the change was kept. The
	// next look at the object tells.
	ErrUnknownOutcome = errors.New("outcome not known")
	// ErrNoSpace: the disk is too full to change anything; decisions go on.
	ErrNoSpace = errors.New("no space")
	// ErrTooLarge: the change does not fit into one commit.
	ErrTooLarge = errors.New("too large")
	// ErrDegraded: the store cannot be opened, and its journal is read in its
	// place: everything can be looked at, nothing changed.
	ErrDegraded = errors.New("read-only for now")
	// ErrUnavailable: whoever owns the store does not answer.
	ErrUnavailable = errors.New("not available")
)

// InputError is a rule that the input breaks, with the field it is about, so
// that a form can show it in place.
type InputError struct {
	Field   string // "name", "environment", "workflows", "expires", "path" …
	Message string // one sentence, ending without a period
}

// Error returns the sentence alone.
func (e *InputError) Error() string { return e.Message }

// Is makes errors.Is(err, ErrInvalid) hold.
func (e *InputError) Is(target error) bool { return target == ErrInvalid }

// Invalid returns an *InputError about field.
func Invalid(field, format string, args ...any) error {
	return &InputError{Field: field, Message: fmt.Sprintf(format, args...)}
}

// objectError is a refusal about one named object.
type objectError struct {
	kind    error
	message string
}

func (e *objectError) Error() string        { return e.message }
func (e *objectError) Is(target error) bool { return target == e.kind }

func notFound(noun, name string) error {
	return &objectError{ErrNotFound, fmt.Sprintf("there is no %s called %q: see keyward %s list", noun, Clean(name), noun)}
}

func conflict(format string, args ...any) error {
	return &objectError{ErrConflict, fmt.Sprintf(format, args...)}
}

func forbidden(format string, args ...any) error {
	return &objectError{ErrForbidden, fmt.Sprintf(format, args...)}
}
