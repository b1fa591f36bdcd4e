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
	Field   string `json:"field,omitempty"`  // of an *InputError
	Reason  string `json:"reason,omitempty"` // of a *CertificateError
	Seq     uint64 `json:"seq,omitempty"`    // of an *AuditFault
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

// faultReasons are the kinds of a *CertificateError, by name; part of the admin
// protocol too.
var faultReasons = []struct {
	name string
	is   error
}{
	{"too-large", ErrCertificateTooLarge},
	{"not-certificate", ErrNotCertificate},
	{"trailing-data", ErrTrailingData},
	{"rsa-size", ErrRSASize},
	{"rsa-form", ErrRSAForm},
	{"rsa-pss", ErrRSAPSS},
	{"curve", ErrCurve},
	{"ed448", ErrEd448},
	{"key-algorithm", ErrKeyAlgorithm},
	{"signature-algorithm", ErrSignatureAlgorithm},
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
		for _, r := range faultReasons {
			if errors.Is(err, r.is) {
				f.Reason = r.name
			}
		}
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
// an error without a kind, and such a reason one without a reason.
func (f Fault) Err() error {
	switch f.Kind {
	case faultAudit:
		fault := &AuditFault{Seq: f.Seq, Problem: f.Problem}
		if f.Message == fault.Error() {
			return fault
		}
		return &sentence{f.Message, fault}
	case faultInvalid:
		for _, r := range faultReasons {
			if r.name == f.Reason {
				return &CertificateError{Kind: r.is, Message: f.Message}
			}
		}
		return &InputError{Field: f.Field, Message: f.Message}
	}
	for _, k := range faultKinds {
		if k.name == f.Kind {
			return &objectError{k.is, f.Message}
		}
	}
	return errors.New(f.Message)
}

// sentence is an error in other words.
type sentence struct {
	message string
	cause   error
}

func (e *sentence) Error() string { return e.message }
func (e *sentence) Unwrap() error { return e.cause }
