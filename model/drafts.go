package model

import "time"

// Holding is what a slot is to hold: a secret's digest and hint, or a
// certificate. The secret itself stays in the process that shows it.
type Holding struct {
	Digest      Digest       `json:"digest,omitzero"`
	Hint        Hint         `json:"hint,omitzero"`
	Certificate *Certificate `json:"certificate,omitempty"`
}

// IsZero reports whether the holding holds nothing.
func (h Holding) IsZero() bool { return h.Digest.IsZero() && h.Certificate == nil }

// Hold returns what a slot keeps of the secret.
func (s Secret) Hold() Holding { return Holding{Digest: s.Digest(), Hint: s.Hint()} }

// KeyDraft is a key to be created. Names of workflows and of the environment
// are matched without regard to case.
type KeyDraft struct {
	Name        string    `json:"name"`
	Kind        Kind      `json:"kind"`
	Environment string    `json:"environment"` // "": any
	Workflows   []string  `json:"workflows"`
	Expires     time.Time `json:"expires,omitzero"` // zero: never
	NoQuery     bool      `json:"noQuery"`
	Primary     Holding   `json:"primary,omitzero"`
	Secondary   Holding   `json:"secondary,omitzero"` // optional for a certificate key
}

// KeyEdit is what to change of a key; a nil field stays as it is.
type KeyEdit struct {
	Name        *string      `json:"name,omitempty"`
	Environment *string      `json:"environment,omitempty"` // "": any
	Workflows   *[]string    `json:"workflows,omitempty"`   // the whole set; before Permit and Forbid
	Permit      []string     `json:"permit,omitempty"`
	Forbid      []string     `json:"forbid,omitempty"`
	Expires     *time.Time   `json:"expires,omitempty"` // the zero time: never
	NoQuery     *bool        `json:"noQuery,omitempty"`
	Slot        SlotName     `json:"slot,omitempty"`        // of Certificate
	Certificate *Certificate `json:"certificate,omitempty"` // put into Slot; nil with a Slot empties it
	Seen        Instant      `json:"seen,omitempty"`        // KeyInfo.Changed as the editor saw it; another change since is a conflict
}

// WorkflowDraft is a workflow to be created. Method and Path are both empty for
// an unbound one.
type WorkflowDraft struct {
	Name      string            `json:"name"`
	Method    string            `json:"method"`
	Path      string            `json:"path"`
	Upstreams map[string]string `json:"upstreams"` // environment name to URL
}

// WorkflowEdit is what to change of a workflow; a nil field stays as it is.
type WorkflowEdit struct {
	Name      *string           `json:"name,omitempty"`
	Method    *string           `json:"method,omitempty"` // with Path; both empty unbind
	Path      *string           `json:"path,omitempty"`
	Upstreams map[string]string `json:"upstreams,omitempty"` // environment name to URL; "" removes
	Seen      Instant           `json:"seen,omitempty"`
}

// EnvironmentDraft is an environment to be created. Production takes the flag
// from the environment that has it.
type EnvironmentDraft struct {
	Name       string   `json:"name"`
	Production bool     `json:"production"`
	Hosts      []string `json:"hosts"`
}

// EnvironmentEdit is what to change of an environment; a nil field stays as it
// is. The production flag can be given, not taken away.
type EnvironmentEdit struct {
	Name       *string   `json:"name,omitempty"`
	Production bool      `json:"production,omitempty"`
	Hosts      *[]string `json:"hosts,omitempty"` // the whole set
	Seen       Instant   `json:"seen,omitempty"`
}
