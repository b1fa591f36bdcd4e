package model

import (
	"slices"
	"time"
)

// Kind is what a key's slots hold: secrets or certificates. It never changes.
type Kind uint8

// The kinds of key (spec §1).
const (
	TokenKey       Kind = 1 + iota // token-based: a secret in each slot
	CertificateKey                 // certificate-based: a certificate in each slot, the secondary optional
)

var kindTexts = texts[Kind]{"kind", []string{"", "token", "certificate"}}

// String returns "token" or "certificate".
func (k Kind) String() string { return kindTexts.text(k) }

// Title returns the kind as the newer --username-prefix form and the console
// write it: "Token-based" or "Certificate-based".
func (k Kind) Title() string {
	switch k {
	case TokenKey:
		return "Token-based"
	case CertificateKey:
		return "Certificate-based"
	}
	return ""
}

// MarshalText writes what String returns.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (k *Kind) UnmarshalText(b []byte) (err error) { *k, err = kindTexts.parse(b); return err }

// SlotName tells a key's two slots apart. They are equal in power.
type SlotName uint8

// The slots of a key. NoSlot is the zero value.
const (
	NoSlot SlotName = iota
	Primary
	Secondary
)

// SlotNames lists both slots in the order in which they are shown.
var SlotNames = [2]SlotName{Primary, Secondary}

var slotTexts = texts[SlotName]{"slot", []string{"", "primary", "secondary"}}

// ParseSlot reads "primary" or "secondary", in any case.
func ParseSlot(s string) (SlotName, error) {
	n, err := slotTexts.parse([]byte(Fold(s)))
	if err != nil || n == NoSlot {
		return NoSlot, Invalid("slot", "the slot is \"primary\" or \"secondary\", not %q", Clean(s))
	}
	return n, nil
}

// String returns "primary", "secondary" or "".
func (n SlotName) String() string { return slotTexts.text(n) }

// Other returns the slot that n is not.
func (n SlotName) Other() SlotName {
	if n == Primary {
		return Secondary
	}
	return Primary
}

// MarshalText writes what String returns.
func (n SlotName) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (n *SlotName) UnmarshalText(b []byte) (err error) { *n, err = slotTexts.parse(b); return err }

// State is whether a key may be used at all. Deleted is a state and not an
// absence: a store that lost a deletion by accident would bring the key back.
type State uint8

// The states of a key. The zero value is none of them, so that a record whose
// state was lost denies.
const (
	Enabled State = 1 + iota
	Disabled
	Deleted
)

var stateTexts = texts[State]{"state", []string{"", "enabled", "disabled", "deleted"}}

// String returns "enabled", "disabled" or "deleted".
func (s State) String() string { return stateTexts.text(s) }

// MarshalText writes what String returns.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *State) UnmarshalText(b []byte) (err error) { *s, err = stateTexts.parse(b); return err }

// Key is a key as it is kept: an authorization context with a unique name
// (spec §1). Once a snapshot or a store holds it, it is never written to again:
// a change makes a copy.
type Key struct {
	// What a decision looks at comes first and together: a cache line is most
	// of what a decision among a million keys costs.
	ID          ID      `json:"id"`
	Kind        Kind    `json:"kind"`
	State       State   `json:"state"`
	NoQuery     bool    `json:"noQuery,omitempty"`     // ?auth-key= is refused for this key
	Environment ID      `json:"environment,omitempty"` // the target; zero: any
	Expires     Instant `json:"expires,omitempty"`     // zero: never
	Workflows   []ID    `json:"workflows,omitempty"`   // permitted; a sorted set
	Primary     Slot    `json:"primary,omitzero"`
	Secondary   Slot    `json:"secondary,omitzero"`
	Name        string  `json:"name"`
	Created     Instant `json:"created"`
	Changed     Instant `json:"changed"`
}

// Slot holds one secret's digest or one certificate, or nothing.
type Slot struct {
	Digest      Digest       `json:"digest,omitzero"` // of the secret's text, or of the certificate's DER
	Hint        Hint         `json:"hint,omitzero"`
	Created     Instant      `json:"created,omitempty"` // when the slot got what it holds
	Certificate *Certificate `json:"certificate,omitempty"`
	Retiring    *[]Retiring  `json:"retiring,omitempty"` // see Grace; nil for none, as in nearly every key
}

// Retiring is a replaced secret that works until Until, or did.
type Retiring struct {
	Digest Digest  `json:"digest"`
	Hint   Hint    `json:"hint"`
	Until  Instant `json:"until"`
}

// ended reports whether it was cut off, whatever the clock says.
func (r *Retiring) ended() bool { return r.Until == cutOff }

// notEnded counts the replaced secrets that were not cut off.
func (s *Slot) notEnded() int {
	n := 0
	for i := range s.Grace() {
		if !s.Grace()[i].ended() {
			n++
		}
	}
	return n
}

// IsZero reports whether the slot is empty: nothing matches it.
func (s *Slot) IsZero() bool { return s.Digest.IsZero() && len(s.Grace()) == 0 }

// Grace returns the replaced secrets: those that are in their grace period, and
// the latest that were or had none. The caller does not write to them.
func (s *Slot) Grace() []Retiring {
	if s.Retiring == nil {
		return nil
	}
	return *s.Retiring
}

// setGrace puts others in their place.
func (s *Slot) setGrace(list []Retiring) {
	s.Retiring = nil
	if len(list) > 0 {
		s.Retiring = &list
	}
}

// Slot returns the slot called n, or nil for NoSlot.
func (k *Key) Slot(n SlotName) *Slot {
	switch n {
	case Primary:
		return &k.Primary
	case Secondary:
		return &k.Secondary
	}
	return nil
}

// Permits reports whether workflow is among the key's permitted workflows.
func (k *Key) Permits(workflow ID) bool {
	_, found := slices.BinarySearch(k.Workflows, workflow)
	return found
}

// Expired reports whether the key's own expiry is past: from that very instant
// on it is.
func (k *Key) Expired(now time.Time) bool { return past(k.Expires, At(now)) }

// past reports whether end, where there is one, has come.
func past(end, now Instant) bool { return end != 0 && now >= end }

// clone returns a copy that shares nothing that a change writes to.
func (k *Key) clone() *Key {
	c := *k
	c.Workflows = slices.Clone(k.Workflows)
	for _, n := range SlotNames {
		c.Slot(n).setGrace(slices.Clone(k.Slot(n).Grace()))
	}
	return &c
}

// Status is what a list shows of a key: the first reason for which it would be
// refused everything, or what it may expect soon.
type Status uint8

// The statuses, in the order in which a list sorts them: what needs a look
// comes first.
const (
	StatusExpired  Status = 1 + iota // the key, or every certificate it has, is past its end
	StatusPending                    // no certificate of it is valid yet
	StatusExpiring                   // within ExpiringWithin
	StatusDisabled
	StatusEnabled
)

// ExpiringWithin is how long before its end a key counts as expiring.
const ExpiringWithin = 30 * 24 * time.Hour

var statusTexts = texts[Status]{"status", []string{"", "expired", "pending", "expiring", "disabled", "enabled"}}

// String returns "enabled", "disabled", "expired", "pending" or "expiring".
func (s Status) String() string { return statusTexts.text(s) }

// MarshalText writes what String returns.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *Status) UnmarshalText(b []byte) (err error) { *s, err = statusTexts.parse(b); return err }

// Status returns the key's status at now. A disabled key is disabled whatever
// else it is.
func (k *Key) Status(now time.Time) Status {
	end := k.End()
	switch {
	case k.State != Enabled:
		return StatusDisabled
	case past(end, At(now)):
		return StatusExpired
	case k.pending(now):
		return StatusPending
	case past(end, At(now.Add(ExpiringWithin))):
		return StatusExpiring
	}
	return StatusEnabled
}

// pending reports whether a certificate key has none that is valid yet.
func (k *Key) pending(now time.Time) bool {
	if k.Kind != CertificateKey {
		return false
	}
	for _, n := range SlotNames {
		if c := k.Slot(n).Certificate; c != nil && !c.NotYetValid(now) {
			return false
		}
	}
	return true
}

// End returns when the key stops working by itself: its own expiry or, if that
// comes first, the end of its longest-lived certificate. Zero is never.
func (k *Key) End() Instant {
	end := k.Expires
	if last := k.lastCertificate(); last != 0 && (end == 0 || last < end) {
		end = last
	}
	return end
}

func (k *Key) lastCertificate() Instant {
	var last Instant
	for _, n := range SlotNames {
		if c := k.Slot(n).Certificate; c != nil {
			last = max(last, At(c.NotAfter))
		}
	}
	return last
}
