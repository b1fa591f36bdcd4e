package model

import "time"

// The types here are what a Session answers with: names in place of ids, no
// digest of a secret. Their JSON field names are a contract (spec §9,
// docs/json.md): they may grow, they do not change.

// KeyRow is a key as a list shows it.
type KeyRow struct {
	ID            ID      `json:"id"`
	Name          string  `json:"name"`
	Kind          Kind    `json:"kind"`
	Status        Status  `json:"status"`
	Enabled       bool    `json:"enabled"`
	Environment   string  `json:"environment"` // the target environment; "": any
	Production    bool    `json:"production"`  // it may invoke production: by its target, or for want of one
	WorkflowCount int     `json:"workflowCount"`
	Created       Instant `json:"created"`
	Expires       Instant `json:"expires,omitempty"`  // its own expiry
	Ends          Instant `json:"ends,omitempty"`     // when it stops working by itself: Expires, or the last certificate's end if that is sooner
	LastUsed      Instant `json:"lastUsed,omitempty"` // of its last allowed call, by either slot, to the minute
	Due           []Due   `json:"due,omitempty"`      // what ends within KeyQuery.Within, where a query gave that
}

// KeyInfo is everything about one key.
type KeyInfo struct {
	KeyRow
	Changed   Instant       `json:"changed"`
	Query     bool          `json:"query"` // its secrets are accepted as ?auth-key=
	Workflows []WorkflowRef `json:"workflows"`
	Slots     []SlotInfo    `json:"slots"` // primary, then secondary
}

// Slot returns the slot called n.
func (k *KeyInfo) Slot(n SlotName) SlotInfo {
	for _, s := range k.Slots {
		if s.Slot == n {
			return s
		}
	}
	return SlotInfo{Slot: n}
}

// SlotOf returns the slot that holds the certificate, NoSlot for none.
func (k *KeyInfo) SlotOf(c Certificate) SlotName {
	for _, s := range k.Slots {
		if s.Certificate != nil && s.Certificate.SHA256 == c.SHA256 {
			return s.Slot
		}
	}
	return NoSlot
}

// SlotInfo is one slot of a key.
type SlotInfo struct {
	Slot        SlotName       `json:"slot"`
	Empty       bool           `json:"empty"`
	Hint        Hint           `json:"hint,omitzero"`
	Created     Instant        `json:"created,omitempty"`
	Certificate *Certificate   `json:"certificate,omitempty"`
	Retiring    []RetiringInfo `json:"retiring,omitempty"`
	Usage       *SlotUsage     `json:"usage,omitempty"` // nil: no call is on record
}

// SlotUsage is how a slot was used, as far as the endpoints have told: they do
// every 2 s.
type SlotUsage struct {
	LastUsed Instant `json:"lastUsed,omitempty"` // of the last allowed call, to the minute
	Remote   string  `json:"remote,omitempty"`   // the IP address that it came from
	Allowed  uint64  `json:"allowed"`
	Denied   uint64  `json:"denied"` // calls that proved the key and were refused

	Days    []DayCalls  `json:"days,omitempty"`    // the calls of the last UsageDays days, oldest first; days without are left out
	Callers []CallerUse `json:"callers,omitempty"` // where allowed calls came from, the latest first, MaxCallers at most
}

// RetiringInfo is a replaced secret in its grace period.
type RetiringInfo struct {
	Hint  Hint    `json:"hint"`
	Until Instant `json:"until"`
}

// WorkflowRef is a workflow as a key shows it.
type WorkflowRef struct {
	ID     ID     `json:"id"`
	Name   string `json:"name"`
	Method string `json:"method,omitempty"` // "" while unbound
	Path   string `json:"path,omitempty"`
}

// MostNamed is how many of the keys that permit a workflow are named: enough to
// see whom its end concerns, and few enough for a question.
const MostNamed = 20

// WorkflowInfo is everything about one workflow.
type WorkflowInfo struct {
	WorkflowRef
	Bound     bool           `json:"bound"`
	Variables []string       `json:"variables"`
	Upstreams []UpstreamInfo `json:"upstreams"`
	KeyCount  int            `json:"keyCount"`           // keys that permit it
	Keys      []string       `json:"keys,omitempty"`     // the first MostNamed of their names; in a list of workflows none
	Calls     uint64         `json:"calls"`              // allowed ones on record, as far as the endpoints have told
	LastCall  Instant        `json:"lastCall,omitempty"` // when the last of them came, to the minute
	Created   Instant        `json:"created"`
	Changed   Instant        `json:"changed"`
	Overlaps  []Clash        `json:"overlaps"` // bindings that some request matches as well

	// ProductionKeys is how many of the keys that permit it may invoke production:
	// the first of Keys are theirs. In a list of workflows it is not counted.
	ProductionKeys int `json:"productionKeys,omitempty"`
	// Production says that it has an upstream for the environment with the
	// production flag, or that a key that permits it may invoke production.
	Production bool `json:"production,omitempty"`
}

// UpstreamInfo is where a workflow's invokes go in one environment.
type UpstreamInfo struct {
	Environment string `json:"environment"`
	URL         string `json:"url"`
}

// Clash is a workflow whose binding some request matches as well as another's;
// such a request is answered 409 (spec §2.4).
type Clash struct {
	Workflow string `json:"workflow"`
	Example  string `json:"example"` // a path that both match

	// Production says of that workflow what WorkflowInfo.Production says: the
	// refusals hit callers of production.
	Production bool `json:"production,omitempty"`
}

// EnvironmentInfo is everything about one environment.
type EnvironmentInfo struct {
	ID            ID       `json:"id"`
	Name          string   `json:"name"`
	Production    bool     `json:"production"`
	Hosts         []string `json:"hosts"`
	KeyCount      int      `json:"keyCount"`      // keys whose target it is
	UpstreamCount int      `json:"upstreamCount"` // workflows with an upstream for it
	Created       Instant  `json:"created"`
	Changed       Instant  `json:"changed"`
}

// Verdict is a decision in words and names: what "keyward check" prints.
type Verdict struct {
	Allowed     bool       `json:"allowed"`
	Reason      Reason     `json:"reason"`
	Status      int        `json:"status"` // of --deny-status standard
	Key         string     `json:"key"`
	Slot        SlotName   `json:"slot"`
	Environment string     `json:"environment"`
	Workflow    string     `json:"workflow"`
	Variables   []Variable `json:"variables"`
	Steps       []Step     `json:"steps"`
}

// CheckQuery is a call to decide about without making it. At most one of Key,
// Secret, Certificate and Malformed is set; with none, the call carries no
// credential.
type CheckQuery struct {
	Method      string `json:"method"`
	URL         string `json:"url"` // https://HOST/PATH?QUERY, or from the path on
	Key         string `json:"key,omitempty"`
	Secret      Digest `json:"secret,omitzero"`
	Certificate Digest `json:"certificate,omitzero"`
	Malformed   bool   `json:"malformed,omitempty"` // the call carries a token that cannot be a secret; it stays where it was read
	NoQuery     bool   `json:"noQuery,omitempty"`
}

// KeySort is the order of a list of keys. Rows that are equal in it come by
// name.
type KeySort uint8

// The orders of a list of keys.
const (
	SortName KeySort = iota
	SortKind
	SortEnvironment
	SortStatus
	SortWorkflows
	SortCreated
	SortEnds
)

var keySortTexts = texts[KeySort]{"sort order", []string{"name", "kind", "environment", "status", "workflows", "created", "ends"}}

// KeySorts lists every order.
var KeySorts = [...]KeySort{SortName, SortKind, SortEnvironment, SortStatus, SortWorkflows, SortCreated, SortEnds}

// String returns the order's name.
func (s KeySort) String() string { return keySortTexts.text(s) }

// MarshalText writes what String returns.
func (s KeySort) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *KeySort) UnmarshalText(b []byte) (err error) { *s, err = keySortTexts.parse(b); return err }

// KeyQuery asks for part of the list of keys. Filter holds words, each of which
// must be found in the name, the environment's name, the kind, the status, a
// hint, or a certificate's subject or thumbprint, without regard to case.
type KeyQuery struct {
	Filter string  `json:"filter,omitempty"`
	Sort   KeySort `json:"sort,omitempty"`
	Desc   bool    `json:"desc,omitempty"`
	Limit  int     `json:"limit,omitempty"` // at most MaxPage, which zero means too

	// Within, above zero, leaves only keys of which something ends within that
	// time or has ended: see Due, which the rows then have.
	Within time.Duration `json:"within,omitempty"`

	// Where the page begins: after Cursor, a KeyPage.Next; else at Offset;
	// with Around, so that the key of that id is on the page, if it is in the
	// list at all.
	Cursor string `json:"cursor,omitempty"`
	Offset int    `json:"offset,omitempty"`
	Around ID     `json:"around,omitempty"`
}

// MaxPage is the most rows that one page of a list holds.
const MaxPage = 1000

// KeyPage is part of the list of keys.
type KeyPage struct {
	Keys   []KeyRow `json:"keys"`
	Offset int      `json:"offset"` // of the first row, among Total
	Total  int      `json:"total"`  // rows that match the filter
	All    int      `json:"all"`    // keys there are
	Next   string   `json:"next,omitempty"`
}
