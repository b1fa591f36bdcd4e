package model

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// AuditQuery asks for part of the audit trail, newest first.
type AuditQuery struct {
	Since  time.Time `json:"since,omitzero"`
	Before uint64    `json:"before,omitempty"` // entries with a lower sequence only; 0: from the newest on
	After  uint64    `json:"after,omitempty"`  // entries with a higher sequence only
	Object string    `json:"object,omitempty"` // about the object with that id, or those that had that name then
	Filter string    `json:"filter,omitempty"` // words, each in the action (its text or in words), the object, the actor, a change or the reason
	Limit  int       `json:"limit,omitempty"`  // 0: MaxPage
}

// AuditPage is part of the audit trail.
type AuditPage struct {
	Entries []Entry `json:"entries"`
	Newest  uint64  `json:"newest"`         // sequence of the newest entry there is
	Next    uint64  `json:"next,omitempty"` // the Before that continues; 0: nothing is left
}

// Audit returns part of the audit trail, newest first.
func (s *Session) Audit(ctx context.Context, q AuditQuery) (AuditPage, error) {
	if q.Limit <= 0 || q.Limit > MaxPage {
		q.Limit = MaxPage
	}
	var head Head
	if err := s.service.read(func(st *state) error { head = st.head; return nil }); err != nil {
		return AuditPage{}, err
	}
	page := AuditPage{Entries: []Entry{}, Newest: head.Seq}
	words := strings.Fields(Fold(q.Filter))
	upper := head.Seq
	if q.Before != 0 {
		upper = min(upper, q.Before-1)
	}
	const step = 256
	for upper > q.After {
		lower := max(q.After+1, upper-min(upper, step)+1)
		entries, err := s.service.store.Entries(ctx, lower, upper)
		if err != nil {
			return AuditPage{}, err
		}
		for _, e := range slices.Backward(entries) {
			if !q.Since.IsZero() && e.Time < At(q.Since) {
				return page, nil
			}
			if !e.about(q.Object) || !e.has(words) {
				continue
			}
			if len(page.Entries) == q.Limit {
				page.Next = e.Seq + 1
				return page, nil
			}
			page.Entries = append(page.Entries, *e)
		}
		upper = lower - 1
	}
	return page, nil
}

func (e *Entry) about(ref string) bool {
	return ref == "" || Fold(e.Object.Name) == Fold(ref) || e.Object.ID.String() == ref
}

func (e *Entry) has(words []string) bool {
	for _, w := range words {
		if !containsFold(string(e.Action), w) && !containsFold(e.Did(), w) && !containsFold(e.Object.Name, w) && !containsFold(e.Actor.String(), w) &&
			!containsFold(e.Reason, w) && !slices.ContainsFunc(e.Changes, func(c FieldChange) bool {
			return containsFold(c.Field, w) || containsFold(c.From, w) || containsFold(c.To, w)
		}) {
			return false
		}
	}
	return true
}

// AuditFault is the first entry at which the chain does not hold.
type AuditFault struct {
	Seq     uint64
	Problem string
}

// Error says which entry and what is wrong with it.
func (f *AuditFault) Error() string {
	return fmt.Sprintf("the audit trail is broken at entry %d: %s", f.Seq, f.Problem)
}

// VerifyAudit walks the whole chain, from the first entry to the head, and
// returns how many entries it has. The error is an *AuditFault where the chain
// does not hold.
func (s *Session) VerifyAudit(ctx context.Context) (entries uint64, err error) {
	var head Head
	if err := s.service.read(func(st *state) error { head = st.head; return nil }); err != nil {
		return 0, err
	}
	var prev Digest
	const step = 1024
	for lower := uint64(1); lower <= head.Seq; lower += step {
		upper := min(head.Seq, lower+step-1)
		list, err := s.service.store.Entries(ctx, lower, upper)
		for seq, i := lower, 0; seq <= upper; seq, i = seq+1, i+1 {
			if i >= len(list) && err != nil {
				return 0, err
			}
			if i >= len(list) || list[i].Seq != seq {
				return 0, &AuditFault{seq, "it is missing"}
			}
			e := list[i]
			if e.Prev != prev {
				return 0, &AuditFault{seq, "it does not follow from the entry before it"}
			}
			if e.Hash != e.Sum() {
				return 0, &AuditFault{seq, "it was altered"}
			}
			prev = e.Hash
		}
	}
	if prev != head.Hash {
		return 0, &AuditFault{head.Seq, "it is not the entry that the store ends with"}
	}
	return head.Seq, nil
}
