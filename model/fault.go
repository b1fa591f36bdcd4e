package model

import (
	"context"
	"errors"
)

// Fault is an error as it crosses from one process to another: its kind, by
// which errors.Is tells it apart on either side, and its sentence.
type Fault struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
	Field   string `json:"field,omitempty"` // of an *InputError
	Seq     uint64 `json:"seq,omitempty"`   // of an *AuditFault
	Problem string `json:"problem,omitempty"`
}

// faultKinds are the kinds that errors.Is finds, by name. The names are part of
// the admin protocol.
var faultKinds = []struct {
	name string
	is   error
}{
	{"not-found", ErrNotFound},
	{"conflict", ErrConflict},
	{"forbidden", ErrForbidden},
	{"changed", ErrChanged},
	{"unknown-outcome", ErrUnknownOutcome},
	{"no-space", ErrNoSpace},
	{"too-large", ErrTooLarge},
	{"degraded", ErrDegraded},
	{"unavailable", ErrUnavailable},
	{"deadline", context.DeadlineExceeded},
	{"canceled", context.Canceled},
}

const (
	faultInvalid = "invalid"
	faultAudit   = "audit"
	faultOther   = "other"
)

// FaultOf takes err apart for sending.
func FaultOf(err error) Fault {
	f := Fault{Kind: faultOther, Message: err.Error()}
	var input *InputError
	var audit *AuditFault
	switch {
	case errors.As(err, &audit):
		f.Kind, f.Seq, f.Problem = faultAudit, audit.Seq, audit.Problem
	case errors.As(err, &input):
		f.Kind, f.Field = faultInvalid, input.Field
	case errors.Is(err, ErrInvalid):
		f.Kind = faultInvalid
	default:
		for _, k := range faultKinds {
			if errors.Is(err, k.is) {
				f.Kind = k.name
				break
			}
		}
	}
	return f
}

// Err makes the error that was sent. A kind that this version does not know is
// an error without a kind.
func (f Fault) Err() error {
	switch f.Kind {
	case faultAudit:
		return &AuditFault{Seq: f.Seq, Problem: f.Problem}
	case faultInvalid:
		return &InputError{Field: f.Field, Message: f.Message}
	}
	for _, k := range faultKinds {
		if k.name == f.Kind {
			return &objectError{k.is, f.Message}
		}
	}
	return errors.New(f.Message)
}
