package model

import "time"

// Request is what a decision is made about, as the transport received it.
type Request struct {
	Method   string
	Path     string // escaped, as received, without the query
	RawQuery string
	Host     string // of the Host header or :authority, with or without a port

	Authorization []string // every Authorization header, in order
	Secret        Digest   // of a secret presented in place of an Authorization header; zero: none
	Certificate   Digest   // SHA-256 of the TLS client certificate's DER; zero: none was presented
	NoQuery       bool     // this server does not take secrets from the query

	// Assume, when set, is the key to decide for, as if the caller had proven
	// it: "keyward check --key". No credential is read then.
	Assume     *Key
	AssumeSlot SlotName // by which slot of Assume; NoSlot: the one that a caller would choose

	Now time.Time
}

// Decision is the answer for one request (spec §1). The pointers are into the
// snapshot: read only.
type Decision struct {
	Reason      Reason
	Credential  Credential
	Key         *Key // nil while the caller is not known
	Slot        SlotName
	Retiring    bool         // the secret was a replaced one in its grace period
	Environment *Environment // what the call asks for; nil until that is settled
	Workflow    *Workflow    // nil until a route matched
	Clash       []*Workflow  // of RouteAmbiguous: those that matched, mostClash at most
	Variables   []Variable
	Foreign     bool // Authorization carries another scheme and is the upstream's
}

// Allowed reports whether the request may pass.
func (d Decision) Allowed() bool { return d.Reason == Allowed }

// Credential is where a request's credential came from.
type Credential uint8

// The sources of a credential.
const (
	NoCredential Credential = iota
	HeaderCredential
	QueryCredential
	CertificateCredential
	AssumedCredential
)

var credentialTexts = texts[Credential]{"credential", []string{"", "header", "query", "certificate", "assumed"}}

// String returns "header", "query", "certificate", "assumed" or "".
func (c Credential) String() string { return credentialTexts.text(c) }

// MarshalText writes what String returns.
func (c Credential) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (c *Credential) UnmarshalText(b []byte) (err error) {
	*c, err = credentialTexts.parse(b)
	return err
}

// Reason says why a request is allowed or denied. The texts are a contract:
// they stand in logs and in JSON.
type Reason uint8

// The reasons, in the order in which they are looked for. The zero value
// denies.
const (
	Undecided Reason = iota
	Allowed
	CredentialAmbiguous
	CredentialMissing
	CredentialMalformed
	QueryRefused
	SecretUnknown
	CertificateUnknown
	SecretRetired
	KeyDeleted
	KeyDisabled
	KeyExpired
	CertificateNotYetValid
	CertificateExpired
	PathRefused
	PathReserved
	EnvironmentRepeated
	EnvironmentEmpty
	EnvironmentUnknown
	EnvironmentContradicted
	EnvironmentNotPermitted
	RouteUnknown
	RouteAmbiguous
	VariableRepeated
	WorkflowNotPermitted
	Stale // the endpoint has not seen the newest change, and decides nothing until it has
)

var reasonTexts = texts[Reason]{"reason", []string{
	"", "allowed",
	"credential-ambiguous", "credential-missing", "credential-malformed", "query-refused",
	"secret-unknown", "certificate-unknown", "secret-retired",
	"key-deleted", "key-disabled", "key-expired", "certificate-not-yet-valid", "certificate-expired",
	"path-refused", "path-reserved",
	"environment-repeated", "environment-empty", "environment-unknown", "environment-contradicted", "environment-not-permitted",
	"route-unknown", "route-ambiguous", "variable-repeated",
	"workflow-not-permitted", "stale",
}}

// String returns the reason as logs and JSON have it.
func (r Reason) String() string { return reasonTexts.text(r) }

// MarshalText writes what String returns.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (r *Reason) UnmarshalText(b []byte) (err error) { *r, err = reasonTexts.parse(b); return err }

// Status returns the HTTP status that --deny-status standard answers with
// (spec §2.6): 401 for anything wrong with the credential, 403 for an
// environment or workflow that the key may not use, 404 for no such route, 409
// for two, 400 for what cannot be read in one way only, 503 where nothing is
// decided just now.
func (r Reason) Status() int {
	switch r {
	case Allowed:
		return 200
	case CredentialAmbiguous, PathRefused, EnvironmentRepeated, EnvironmentEmpty, VariableRepeated:
		return 400
	case EnvironmentUnknown, EnvironmentContradicted, EnvironmentNotPermitted, WorkflowNotPermitted:
		return 403
	case RouteUnknown, PathReserved:
		return 404
	case RouteAmbiguous:
		return 409
	case Stale:
		return 503
	}
	return 401
}

// Step is one check of a decision, for people: what was looked at and what came
// of it. Texts hold no secret; what came from the request in them is Clean.
type Step struct {
	Check  string `json:"check"` // "credential", "key", "path", "environment", "route", "permission"
	Passed bool   `json:"passed"`
	Text   string `json:"text"`
}
