package model_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"dev.keyward/keyward/model"
)

// sent is an error as the other process has it.
func sent(t *testing.T, err error) error {
	t.Helper()
	b, jerr := json.Marshal(model.FaultOf(err))
	if jerr != nil {
		t.Fatal(jerr)
	}
	var f model.Fault
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	return f.Err()
}

// TestFaultKeepsTheKind: errors.Is says of an error what it said in the process
// that it came from, and the sentence is the same.
func TestFaultKeepsTheKind(t *testing.T) {
	kinds := []error{
		model.ErrNotFound, model.ErrConflict, model.ErrForbidden, model.ErrChanged, model.ErrUnknownOutcome, model.ErrNoSpace, model.ErrTooLarge,
		model.ErrDegraded, model.ErrUnavailable, context.DeadlineExceeded, context.Canceled,
		model.ErrCertificateTooLarge, model.ErrNotCertificate, model.ErrTrailingData, model.ErrRSASize, model.ErrRSAForm, model.ErrRSAPSS,
		model.ErrCurve, model.ErrEd448, model.ErrKeyAlgorithm, model.ErrSignatureAlgorithm,
	}
	for i, kind := range kinds {
		certificate := i > 10
		for _, err := range []error{kind, fmt.Errorf("doing it: %w", kind), model.RefuseCertificate(kind, "in a sentence")} {
			var refused *model.CertificateError
			if errors.As(err, &refused) != certificate {
				continue // a sentinel of certificates comes in a refusal only
			}
			got := sent(t, err)
			if got.Error() != err.Error() {
				t.Errorf("%v became %q", err, got)
			}
			for _, other := range append(kinds, model.ErrInvalid) {
				if errors.Is(got, other) != errors.Is(err, other) {
					t.Errorf("%v is %q: %t, and was %t", kind, other, errors.Is(got, other), errors.Is(err, other))
				}
			}
		}
	}
	wrapped := fmt.Errorf("the primary: %w", model.RefuseCertificate(model.ErrCurve, "a bad curve"))
	if got := sent(t, wrapped); got.Error() != wrapped.Error() || !errors.Is(got, model.ErrCurve) || !errors.Is(got, model.ErrInvalid) {
		t.Errorf("a wrapped refusal: %v", got)
	}
	foreign := model.RefuseCertificate(errors.New("a file"), "choose another")
	if got := sent(t, foreign); got.Error() != foreign.Error() || !errors.Is(got, model.ErrInvalid) {
		t.Errorf("a refusal of another kind: %v", got)
	}
	if got := sent(t, errors.New("disk on fire")); got.Error() != "disk on fire" {
		t.Errorf("an error of no kind: %v", got)
	}
}

func TestFaultKeepsFields(t *testing.T) {
	err := fmt.Errorf("row 7: %w", model.Invalid("name", "a name has letters"))
	var input *model.InputError
	if got := sent(t, err); !errors.As(got, &input) || input.Field != "name" || got.Error() != err.Error() || !errors.Is(got, model.ErrInvalid) {
		t.Errorf("an input error: %#v", got)
	}
	for _, err := range []error{&model.AuditFault{Seq: 7, Problem: "it was altered"}, fmt.Errorf("verifying: %w", &model.AuditFault{Seq: 7, Problem: "it was altered"})} {
		var fault *model.AuditFault
		if got := sent(t, err); !errors.As(got, &fault) || fault.Seq != 7 || fault.Problem != "it was altered" || got.Error() != err.Error() {
			t.Errorf("an audit fault: %#v", got)
		}
	}
	for _, f := range []model.Fault{{Kind: "newer", Message: "a sentence"}, {Kind: "invalid", Reason: "newer", Message: "a sentence"}} {
		if got := f.Err(); got.Error() != "a sentence" {
			t.Errorf("of a newer version: %v", got)
		}
	}
	if got := (model.Fault{Kind: "invalid", Reason: "newer", Message: "x"}).Err(); !errors.Is(got, model.ErrInvalid) {
		t.Errorf("a reason of a newer version: %v", got)
	}
}

func TestStandingTexts(t *testing.T) {
	for _, tt := range []struct {
		peer model.Peer
		want string
	}{
		{model.Peer{}, "nobody"},
		{model.Peer{PID: 42, Rank: model.RankServe}, "serve (pid 42)"},
		{model.Peer{PID: 42, Rank: model.RankConsole}, "console (pid 42)"},
		{model.Peer{PID: 42, Rank: model.RankCommand}, "command (pid 42)"},
	} {
		if got := tt.peer.String(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
		b, err := json.Marshal(tt.peer)
		if err != nil {
			t.Fatal(err)
		}
		var back model.Peer
		if err := json.Unmarshal(b, &back); err != nil || back != tt.peer {
			t.Errorf("%s came back as %+v, %v", b, back, err)
		}
	}
	if !(model.RankCommand < model.RankConsole && model.RankConsole < model.RankServe) {
		t.Error("a serve comes before a console, and that before a command")
	}
	var r model.Rank
	if err := r.UnmarshalText([]byte("emperor")); err == nil {
		t.Error("a rank that is none")
	}
}
