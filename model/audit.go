package model

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
)

// Actor is who made a change, as far as the system vouches for it.
type Actor struct {
	UID     int    `json:"uid"`               // of the process that asked, from the kernel; -1 where the system has none
	PID     int    `json:"pid"`               // likewise
	User    string `json:"user,omitempty"`    // the name that the system gives the uid
	Claimed string `json:"claimed,omitempty"` // SUDO_USER: what the process says of itself, which anyone can set
	SSH     SSHKey `json:"ssh,omitzero"`      // for whom that process, an endpoint, says that it asks
}

// String names the actor for a list: "alice", "uid 1000", "root (claims alice)",
// "unknown"; "ssh ada@laptop (SHA256:…)" for who came over SSH.
func (a Actor) String() string {
	if !a.SSH.IsZero() {
		return Clean(a.SSH.String())
	}
	name := a.User
	switch {
	case name == "" && a.UID < 0:
		name = "unknown"
	case name == "":
		name = fmt.Sprintf("uid %d", a.UID)
	}
	if a.Claimed != "" {
		name += " (claims " + a.Claimed + ")"
	}
	return Clean(name)
}

// Action is what an entry of the audit trail records. The texts are a contract.
type Action string

// The actions.
const (
	StoreCreated       Action = "store.create"
	StoreRestored      Action = "store.restore"
	KeyCreated         Action = "key.create"
	KeyEdited          Action = "key.edit"
	KeyEnabledAction   Action = "key.enable"
	KeyDisabledAction  Action = "key.disable"
	KeyRegenerated     Action = "key.regenerate"
	KeyDeletedAction   Action = "key.delete"
	KeyPurged          Action = "key.purge"
	KeyRestored        Action = "key.restore"
	WorkflowCreated    Action = "workflow.create"
	WorkflowEdited     Action = "workflow.edit"
	WorkflowDeleted    Action = "workflow.delete"
	EnvironmentCreated Action = "environment.create"
	EnvironmentEdited  Action = "environment.edit"
	EnvironmentDeleted Action = "environment.delete"
)

// verbs say each action in words, for refusals: "creating a key is not allowed".
var verbs = map[string]string{
	"create": "creating", "edit": "editing", "enable": "enabling", "disable": "disabling",
	"regenerate": "regenerating a secret of", "delete": "deleting", "purge": "purging",
	"restore": "restoring",
}

// Words returns the action as a sentence has it: "disabling a key".
func (a Action) Words() string {
	noun, verb, _ := strings.Cut(string(a), ".")
	article := "a "
	if noun == "environment" {
		article = "an "
	}
	return verbs[verb] + " " + article + noun
}

// Done returns the action as a list has it: "key disabled".
func (a Action) Done() string {
	noun, verb, ok := strings.Cut(string(a), ".")
	switch {
	case !ok:
		return Clean(noun)
	case strings.HasSuffix(verb, "e"):
		return Clean(noun + " " + verb + "d")
	}
	return Clean(noun + " " + verb + "ed")
}

// Object is what an entry is about. The name is the one it had then.
type Object struct {
	Noun string `json:"noun"` // "key", "workflow", "environment"
	ID   ID     `json:"id"`
	Name string `json:"name"`
}

// FieldChange is one field that a change wrote. Values are words for people;
// of a secret they say its hint, never more.
type FieldChange struct {
	Field string `json:"field"`
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`
}

// String says the change on one line: "state enabled → disabled".
func (c FieldChange) String() string {
	switch {
	case c.From == "":
		return c.Field + " " + c.To
	case c.To == "":
		return c.Field + " " + c.From + " removed"
	}
	return c.Field + " " + c.From + " → " + c.To
}

// Entry is one record of the audit trail. Entries are chained: each holds the
// hash of the one before it, so that none can be altered, left out, put in or
// reordered without breaking the chain behind it.
type Entry struct {
	Seq     uint64        `json:"seq"`
	Time    Instant       `json:"time"`
	Actor   Actor         `json:"actor"`
	Action  Action        `json:"action"`
	Refused bool          `json:"refused,omitempty"` // for want of rights; nothing was changed
	Object  Object        `json:"object"`
	Changes []FieldChange `json:"changes,omitempty"`
	Reason  string        `json:"reason,omitempty"`  // as the operator gave it
	Request string        `json:"request,omitempty"` // the id of the change, shared by the entries of one
	Prev    Digest        `json:"prev"`
	Hash    Digest        `json:"hash"`
}

// Did says in words what was done, or refused: "key disabled", "refused: key
// disable".
func (e *Entry) Did() string {
	if e.Refused {
		return "refused: " + Clean(strings.Replace(string(e.Action), ".", " ", 1))
	}
	return e.Action.Done()
}

// Summary is the changes and the reason on one line, without what the object
// and the action say: a new object's name, a key's state.
func (e *Entry) Summary() string {
	var parts []string
	for _, c := range e.Changes {
		if c.Field != "state" && (c.Field != "name" || c.From != "") {
			parts = append(parts, c.String())
		}
	}
	if e.Reason != "" {
		parts = append(parts, "reason: "+e.Reason)
	}
	return strings.Join(parts, "; ")
}

// Sum returns the hash that the entry must have: SHA-256 over every field but
// Hash, each with its length before it, so that no two entries have one form.
func (e *Entry) Sum() Digest {
	b := make([]byte, 0, 512)
	text := func(s string) {
		b = binary.BigEndian.AppendUint64(b, uint64(len(s)))
		b = append(b, s...)
	}
	number := func(n uint64) { b = binary.BigEndian.AppendUint64(b, n) }
	text("keyward audit 1")
	number(e.Seq)
	number(uint64(e.Time))      // a two's complement is as good as any
	number(uint64(e.Actor.UID)) // likewise
	number(uint64(e.Actor.PID))
	text(e.Actor.User)
	text(e.Actor.Claimed)
	text(string(e.Action))
	text(fmt.Sprint(e.Refused))
	text(e.Object.Noun)
	number(uint64(e.Object.ID))
	text(e.Object.Name)
	number(uint64(len(e.Changes)))
	for _, c := range e.Changes {
		text(c.Field)
		text(c.From)
		text(c.To)
	}
	text(e.Reason)
	text(e.Request)
	text(string(e.Prev[:]))
	if !e.Actor.SSH.IsZero() { // what is longer is another form
		text(e.Actor.SSH.Fingerprint)
		text(e.Actor.SSH.Comment)
	}
	return sha256.Sum256(b)
}

// Link puts the entry behind head, which is the last thing to be done to it: it
// sets Seq, Prev and Hash.
func (e *Entry) Link(head Head) {
	e.Seq, e.Prev = head.Seq+1, head.Hash
	e.Hash = e.Sum()
}

// FirstEntry is the entry with which every store begins.
func FirstEntry(now Instant) Entry {
	e := Entry{Time: now, Actor: Actor{UID: -1, PID: -1}, Action: StoreCreated, Object: Object{Noun: "store"}}
	e.Link(Head{})
	return e
}
