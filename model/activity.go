package model

import "time"

// Activity is one decision of a running endpoint, for people who watch. It holds
// no secret: Query is the call's query without the value of auth-key.
type Activity struct {
	Number      uint64        `json:"number"` // rises in the order in which the owner of the store heard of it, and from owner to owner
	At          time.Time     `json:"at"`
	Took        time.Duration `json:"took"`
	PID         int           `json:"pid"` // of the endpoint
	Remote      string        `json:"remote"`
	Method      string        `json:"method"`
	Host        string        `json:"host"`
	Path        string        `json:"path"` // escaped, as received, cut to 1 KiB
	Query       string        `json:"query,omitempty"`
	Agent       string        `json:"agent,omitempty"` // the User-Agent header, cut to 256 bytes
	Credential  Credential    `json:"credential"`
	Foreign     bool          `json:"foreign,omitempty"` // see Decision.Foreign
	NoQuery     bool          `json:"no_query,omitempty"`
	Partial     bool          `json:"partial,omitempty"`    // a text is not whole: it was too long, not UTF-8, or may have held a secret
	Certificate Digest        `json:"certificate,omitzero"` // that was presented and that no key has
	Reason      Reason        `json:"reason"`
	Status      int           `json:"status,omitempty"` // HTTP status of the answer; 0: there was none
	Key         ID            `json:"key,omitempty"`    // 0: the caller is not known
	KeyName     string        `json:"key_name,omitempty"`
	Slot        SlotName      `json:"slot,omitempty"`
	Retiring    bool          `json:"retiring,omitempty"` // by a replaced secret in its grace period
	Workflow    ID            `json:"workflow,omitempty"` // 0: no route was settled
	Bound       string        `json:"bound,omitempty"`    // the workflow's name
	Clash       Clashing      `json:"clash,omitzero"`     // of RouteAmbiguous: the workflows that matched
	Environment string        `json:"environment,omitempty"`
	Production  bool          `json:"production,omitempty"` // Environment is production

	// UpstreamFailure says that the call was allowed and its upstream did not
	// answer, and Upstream which one that was: scheme, host and port. An Upstream
	// without a failure answered by itself that something went wrong (5xx). Where
	// there is neither, a 5xx is the endpoint's own, or an earlier version's
	// endpoint did not say whose it is.
	UpstreamFailure UpstreamFailure `json:"upstream_failure,omitzero"`
	Upstream        string          `json:"upstream,omitempty"`

	// Run and Sequence tell a decision from every other one, whoever owned the
	// store when it was told and whatever Number it got then: Run is of the process
	// that decided, and Sequence rises with each decision that it kept. An earlier
	// version's endpoint gives neither.
	Run      ID     `json:"run,omitzero"`
	Sequence uint64 `json:"sequence,omitempty"`
}

// Allowed reports whether the call got through.
func (a Activity) Allowed() bool { return a.Reason == Allowed }

// ActivityQuery asks for decisions newer than After. The filter's parts all have
// to fit; texts are compared as Fold has them.
type ActivityQuery struct {
	After    uint64 `json:"after,omitempty"` // the Next of the page before; 0: the newest there are
	Limit    int    `json:"limit,omitempty"` // at most so many, the newest ones; 0: 200
	Refused  bool   `json:"refused,omitempty"`
	Key      ID     `json:"key,omitempty"`
	Workflow ID     `json:"workflow,omitempty"`
	Words    string `json:"words,omitempty"` // each is found in the key, workflow, environment, reason, remote, method or path

	// Serving asks for nothing but which endpoints and consoles there are: the
	// page has no records, and nothing is recorded on account of the question.
	Serving bool `json:"serving,omitempty"`
}

// ActivityPage answers an ActivityQuery. Asking for decisions keeps the endpoints
// recording for a few seconds more: nothing is recorded, but for the newest refusals,
// while nobody asks.
type ActivityPage struct {
	Records []Activity       `json:"records"` // oldest first
	Next    uint64           `json:"next"`
	Missed  uint64           `json:"missed"`        // since After: not kept, or more than Limit; without those in Gaps
	Cut     uint64           `json:"cut,omitempty"` // of Missed: those that were more than Limit
	Serving []EndpointReport `json:"serving"`
	// Gaps are the times after After in which allowed calls were decided and not
	// kept, for nobody watched. A query for refusals or for words has none.
	Gaps []ActivityGap `json:"gaps,omitempty"`
	// Consoles are the consoles that look at the store, the owner included when
	// it is one, and those that endpoints show over SSH, by pid.
	Consoles []Peer `json:"consoles,omitempty"`
}

// ActivityGap is a time in which nobody watched.
type ActivityGap struct {
	Number uint64    `json:"number"` // the gap stands before the record of that number
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Calls  uint64    `json:"calls"` // allowed ones, which were not kept
}

// EndpointReport is what a running endpoint says of itself.
type EndpointReport struct {
	PID       int       `json:"pid"`
	Since     Instant   `json:"since"`
	Addresses []string  `json:"addresses"` // such as https://127.0.0.1:8443
	Allowed   uint64    `json:"allowed"`   // requests since it runs
	Denied    uint64    `json:"denied"`
	At        time.Time `json:"at"`                // when it said so
	Looking   []Peer    `json:"looking,omitempty"` // consoles that it shows over SSH; ActivityPage.Consoles has them
}

// Explanation says why a call was decided as it was, and what can be done.
type Explanation struct {
	Activity Activity `json:"activity"`
	Steps    []Step   `json:"steps"`
	Remedies []Remedy `json:"remedies,omitempty"`
	// Now is what the same call would get at this moment. It differs from
	// Activity.Reason where something was changed meanwhile.
	Now Reason `json:"now"`
}

// Remedy is one thing that would help.
type Remedy struct {
	Kind     RemedyKind `json:"kind"`
	Text     string     `json:"text"` // a sentence
	Key      ID         `json:"key,omitempty"`
	Workflow ID         `json:"workflow,omitempty"`

	Environment ID `json:"environment,omitempty"` // of ChangeUpstream: whose upstream
}

// RemedyKind is what a remedy would do; the console can apply some of them.
type RemedyKind uint8

// The kinds of remedies. Advice is for the caller's side, or needs a thought.
const (
	Advice RemedyKind = iota
	EnableKey
	PermitWorkflow
	ExtendKey        // change when the key expires
	ChangeTarget     // change the key's environment
	RegenerateSlot   // the secret is gone: make a new one
	BindWorkflow     // no workflow has that route: make one
	RenewCertificate // put a certificate in the place of one that is past its end
	ChangeUpstream   // of a workflow, in an environment: it does not answer
	RestoreKey       // it is in the bin
	AcceptQuery      // let the key take its secret from the query
	ChangeBinding    // of a workflow: another one matches the same call
)
