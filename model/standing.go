package model

import "fmt"

// Rank says whose the store should be where several processes want it: an
// endpoint before a console before a command.
type Rank uint8

// The ranks, from the lowest.
const (
	RankCommand Rank = 1 + iota
	RankConsole
	RankServe
)

var rankTexts = texts[Rank]{"rank", []string{"", "command", "console", "serve"}}

// String returns "command", "console" or "serve".
func (r Rank) String() string { return rankTexts.text(r) }

// MarshalText writes what String returns.
func (r Rank) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (r *Rank) UnmarshalText(b []byte) (err error) { *r, err = rankTexts.parse(b); return err }

// Peer is a process that shares a data directory.
type Peer struct {
	PID     int     `json:"pid"`
	Rank    Rank    `json:"rank"`
	Version string  `json:"version,omitempty"`
	Since   Instant `json:"since,omitempty"` // when it took part

	// Kind is what the process is where its rank does not say it: "console" with an
	// endpoint in it, "demo", a command such as "keyward key list".
	Kind string `json:"kind,omitempty"`

	// SSH and Visit are of a console that the process, an endpoint, shows to
	// somebody who came over SSH: with which key, and the how manieth to come.
	SSH   SSHKey `json:"ssh,omitzero"`
	Visit uint64 `json:"visit,omitempty"`
}

// String names the process for people: "serve (pid 4242)".
func (p Peer) String() string {
	if p.PID == 0 {
		return "nobody"
	}
	return fmt.Sprintf("%s (pid %d)", p.What(), p.PID)
}

// What says what the process is: "serve", "console", "keyward key list". It is
// the process that says so.
func (p Peer) What() string {
	if p.Kind == "" {
		return p.Rank.String()
	}
	return p.Kind
}

// Standing is who owns the store, and how what a process sees relates to it.
type Standing struct {
	Seq      uint64 `json:"seq"`                // the newest change seen
	Mine     bool   `json:"mine"`               // this process owns the store
	Owner    Peer   `json:"owner"`              // zero while nobody does
	Stale    string `json:"stale,omitempty"`    // why what is seen may be old, in words; "": it is not
	Degraded string `json:"degraded,omitempty"` // why nothing can be changed, in words; "": it can
}
