package model

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Receipt goes with a change in its context and comes back filled: what the
// change became, and where it is in force.
type Receipt struct {
	// Request names the change for ever. Whoever may lose the answer draws it
	// (see NewRequest), so that Settle can be asked; "": the service draws one.
	// Bulk work counts on from it: its second batch is REQUEST/1.
	Request string `json:"request,omitempty"`

	Seq     uint64        `json:"seq,omitempty"`     // of the change's newest audit entry; 0: there was nothing to change
	Serves  int           `json:"serves,omitempty"`  // endpoints that decide from the store
	InForce int           `json:"inForce,omitempty"` // those of them that have the change
	Missing []string      `json:"missing,omitempty"` // names of the others, which deny what they cannot decide until they have it
	Took    time.Duration `json:"took,omitempty"`    // nanoseconds, from asking to the last acknowledgement
}

// Words says where the change is in force: "in force at 2 of 2 endpoints in
// 3 ms". It is empty where nothing was changed or no endpoint runs.
func (r *Receipt) Words() string {
	if r.Seq == 0 || r.Serves == 0 {
		return ""
	}
	text := fmt.Sprintf("in force at %d of %d endpoints in %s", r.InForce, r.Serves, quickText(r.Took))
	if len(r.Missing) > 0 {
		text += "; " + Clean(strings.Join(r.Missing, ", ")) + late(len(r.Missing))
	}
	return text
}

func late(endpoints int) string {
	if endpoints == 1 {
		return " has not acknowledged, and denies until it does"
	}
	return " have not acknowledged, and deny until they do"
}

// quickText says a short time with as many digits as matter.
func quickText(d time.Duration) string {
	if d < time.Millisecond {
		return "under 1 ms"
	}
	if d = d.Round(time.Millisecond); d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

type receiptKey struct{}

// WithReceipt returns a context whose one change fills r. A receipt that names
// a Request is good for one change only: a second one is refused with ErrChanged,
// whatever became of the first.
func WithReceipt(ctx context.Context, r *Receipt) context.Context {
	return context.WithValue(ctx, receiptKey{}, r)
}

// ReceiptOf returns the receipt that goes with ctx, never nil.
func ReceiptOf(ctx context.Context) *Receipt {
	if r, ok := ctx.Value(receiptKey{}).(*Receipt); ok && r != nil {
		return r
	}
	return &Receipt{}
}
