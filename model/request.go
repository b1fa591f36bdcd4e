package model

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxRequest is the longest name of a change, in bytes.
const maxRequest = 64

// checkRequest refuses what cannot name a change.
func checkRequest(request string) error {
	if request == "" || len(request) > maxRequest || strings.ContainsFunc(request, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.')
	}) {
		return Invalid("request", "the name of a change has 1 to %d letters, digits, \"-\", \"_\" and \".\"", maxRequest)
	}
	return nil
}

// partOf names one batch of the bulk work that has that request, "" for none.
func partOf(request string, part int) string {
	if request == "" || part == 0 {
		return request
	}
	return request + "/" + strconv.Itoa(part)
}

// NewRequest draws the name of a change.
func NewRequest(random io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("drawing a change id: %w", err)
	}
	return fmt.Sprintf("%x", b), nil
}

// settleTime bounds how long a change whose outcome is unknown is asked about,
// beyond the caller's own deadline: the caller is better served by an answer.
const settleTime = 5 * time.Second

// catchUp reads the store anew after a change whose outcome is not known: it may
// have been made, and nothing is to be decided on the state before it for longer
// than must be. A store that cannot be read leaves the state as it is.
func (s *Service) catchUp(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	_ = s.reload(ctx) // the caller is told already that the store does not answer
}

func (s *Service) settle(ctx context.Context, c Change) (Head, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	head, done, err := s.store.Settle(ctx, c)
	switch {
	case err != nil:
		return Head{}, fmt.Errorf("%w: look at the object before you try again (%w)", ErrUnknownOutcome, err)
	case !done:
		return Head{}, ErrChanged // nothing was done: decide anew
	}
	return head, nil
}

// Settled is what became of a change whose answer was lost.
type Settled struct {
	Done    bool     `json:"done"`              // false: it was not made, and never will be
	Objects []Object `json:"objects,omitempty"` // that it changed, in order
}

// settleSteps bounds how many entries are looked through for those of a change,
// from the newest and from each that was found on. A store forgets the requests
// of long ago sooner than that.
const settleSteps = 1 << 15

// Settle decides for good what became of the change with that request id. After
// a change that was not made, another attempt needs another id. Of bulk work it
// finds the batches that were made, and no further one will be; where the store
// takes nothing in, a full disk say, that is not certain of work that made one
// entry so far, which is what was done then.
//
// Asking again is safe. ErrInvalid when request cannot name a change.
func (s *Session) Settle(ctx context.Context, request string) (Settled, error) {
	if err := checkRequest(request); err != nil {
		return Settled{}, err
	}
	svc := s.service
	done, err := svc.turn(ctx)
	if err != nil {
		return Settled{}, err
	}
	defer done()
	for {
		out, next, last, err := svc.settled(ctx, request)
		if err != nil {
			return Settled{}, err
		}
		alone := next == 1 && len(out.Objects) == 1
		if alone && !inBulk(last) {
			return out, nil
		}
		made, arrived, err := svc.store.Settle(ctx, Change{ID: partOf(request, next)})
		if err != nil && alone { // a full disk keeps no note that there is no other batch; this one was made
			return out, nil
		}
		if err != nil || !arrived {
			return out, err
		}
		if made.Rev <= svc.state.head.Rev { // it is so old that its entries are not found
			out.Done = true
			return out, nil
		}
		if err := svc.reload(ctx); err != nil { // its commit arrived after the state was read
			return Settled{}, err
		}
	}
}

// inBulk reports whether bulk work makes such entries: where there is one, other
// batches may follow.
func inBulk(a Action) bool {
	switch a {
	case KeyEdited, KeyEnabledAction, KeyDisabledAction, KeyDeletedAction, KeyPurged:
		return true
	}
	return false
}

// settled looks through the audit trail for the change, and returns what is
// there, the number of the first batch that is not, and what the entries say.
func (s *Service) settled(ctx context.Context, request string) (out Settled, next int, action Action, err error) {
	const step = 1024
	newest := s.state.head.Seq // only whoever has the turn writes it
	for upper := newest; upper > 0 && upper+settleSteps > newest; {
		lower := max(1, upper-min(upper, step)+1)
		entries, err := s.store.Entries(ctx, lower, upper)
		if err != nil {
			return Settled{}, 0, "", err
		}
		for _, e := range slices.Backward(entries) {
			part, ok := partIn(e.Request, request)
			if !ok {
				continue
			}
			newest, next, action = e.Seq, max(next, part+1), e.Action
			out.Objects = append(out.Objects, e.Object)
		}
		upper = lower - 1
	}
	slices.Reverse(out.Objects)
	out.Done = len(out.Objects) > 0
	return out, next, action, nil
}

// partIn reads what partOf wrote, of that request.
func partIn(id, request string) (part int, ok bool) {
	rest, ok := strings.CutPrefix(id, request)
	if !ok || rest == "" {
		return 0, ok
	}
	number, ok := strings.CutPrefix(rest, "/")
	if !ok {
		return 0, false
	}
	part, err := strconv.Atoi(number)
	return part, err == nil
}
