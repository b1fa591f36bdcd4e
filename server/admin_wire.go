package server

import (
	"encoding/json"
	"time"

	"dev.keyward/keyward/model"
)

// The names that travel in headers and addresses. They are part of the admin
// protocol (docs/admin.md).
const (
	adminHost  = "keyward"
	helloPath  = "/hello"
	methodPath = "/v1/"

	instanceHeader = "Keyward-Instance" // whom the client takes the owner to be
	clockHeader    = "Keyward-Clock"    // of a greeting: the owner's CLOCK_MONOTONIC, in nanoseconds
	deadlineHeader = "Keyward-Deadline" // when the client gives a call up that was not begun, by the same clock
	requestHeader  = "Keyward-Request"  // the id of a change
	receiptHeader  = "Keyward-Receipt"  // what the change became: a model.Receipt
	reasonHeader   = "Keyward-Reason"   // percent-encoded
	claimedHeader  = "Keyward-Claimed"  // SUDO_USER, percent-encoded
	readOnlyHeader = "Keyward-Read-Only"
	sshKeyHeader   = "Keyward-SSH-Key"     // fingerprint of the SSH key of whom an endpoint asks for
	sshNameHeader  = "Keyward-SSH-Comment" // its comment, percent-encoded
	faultHeader    = "Keyward-Fault"       // trailer of a backup that failed: an adminFault
)

// adminFault is an error on the wire.
type adminFault struct {
	model.Fault
	State  string          `json:"state,omitempty"`  // StateOpening, StateLeaving, stateLate: nothing was done
	Result json.RawMessage `json:"result,omitempty"` // what was done before the error, of methods that tell
}

type none struct{}

type refRequest struct {
	Ref string `json:"ref"`
}

// holding is a model.Holding whose certificate is its DER: its owner reads that
// itself, and takes nobody's word for what is in it.
type holding struct {
	Digest      model.Digest `json:"digest,omitzero"`
	Hint        model.Hint   `json:"hint,omitzero"`
	Certificate []byte       `json:"certificate,omitempty"`
}

// outgoing prepares a holding for the slot n to be sent.
func outgoing(h model.Holding, n string) (holding, error) {
	out := holding{Digest: h.Digest, Hint: h.Hint}
	if h.Certificate == nil {
		return out, nil
	}
	if len(h.Certificate.DER) == 0 {
		return out, model.Invalid(n, "the %s certificate comes without its DER: read it from its file again", n)
	}
	out.Certificate = h.Certificate.DER
	return out, nil
}

func (h holding) model() (model.Holding, error) {
	out := model.Holding{Digest: h.Digest, Hint: h.Hint}
	if len(h.Certificate) == 0 {
		return out, nil
	}
	c, err := model.NewCertificate(h.Certificate)
	out.Certificate = &c
	return out, err
}

// createKeyRequest has the holdings beside the draft, whose own are empty.
type createKeyRequest struct {
	Draft     model.KeyDraft `json:"draft"`
	Primary   holding        `json:"primary"`
	Secondary holding        `json:"secondary"`
}

func (r createKeyRequest) draft() (d model.KeyDraft, err error) {
	if !r.Draft.Primary.IsZero() || !r.Draft.Secondary.IsZero() {
		return d, model.Invalid("primary", "what a new key holds travels beside its draft")
	}
	d = r.Draft
	if d.Primary, err = r.Primary.model(); err != nil {
		return d, err
	}
	d.Secondary, err = r.Secondary.model()
	return d, err
}

// editKeyRequest has the certificate's DER beside the edit.
type editKeyRequest struct {
	Ref         string        `json:"ref"`
	Edit        model.KeyEdit `json:"edit"`
	Certificate []byte        `json:"certificate,omitempty"`
}

func (r editKeyRequest) edit() (model.KeyEdit, error) {
	if r.Edit.Certificate != nil {
		return r.Edit, model.Invalid("certificate", "a certificate travels beside the edit, as its DER")
	}
	if len(r.Certificate) == 0 {
		return r.Edit, nil
	}
	c, err := model.NewCertificate(r.Certificate)
	r.Edit.Certificate = &c
	return r.Edit, err
}

type enableRequest struct {
	Ref     string `json:"ref"`
	Enabled bool   `json:"enabled"`
}

type regenerateRequest struct {
	Ref     string         `json:"ref"`
	Slot    model.SlotName `json:"slot"`
	Holding holding        `json:"holding"`
	Grace   time.Duration  `json:"grace"` // nanoseconds
}

type changeKeysRequest struct {
	Refs []string      `json:"refs"`
	Bulk model.KeyBulk `json:"bulk"`
}

type purgeRequest struct {
	Age time.Duration `json:"age"` // nanoseconds
}

type overlapsRequest struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Except string `json:"except"`
}

type editWorkflowRequest struct {
	Ref  string             `json:"ref"`
	Edit model.WorkflowEdit `json:"edit"`
}

type editEnvironmentRequest struct {
	Ref  string                `json:"ref"`
	Edit model.EnvironmentEdit `json:"edit"`
}

// checkRequest has the texts of the call as bytes too: what is checked must be
// what would arrive, and JSON would mend what is not UTF-8.
type checkRequest struct {
	Query  model.CheckQuery `json:"query"` // without Method and URL
	Method []byte           `json:"method"`
	URL    []byte           `json:"url"`
}

type certificateRequest struct {
	Ref  string         `json:"ref"`
	Slot model.SlotName `json:"slot"`
}

// certificateAnswer has the DER, of which the client reads the rest.
type certificateAnswer struct {
	Certificate model.Certificate `json:"certificate"`
	DER         []byte            `json:"der"`
}

type countAnswer struct {
	Count uint64 `json:"count"`
}

type settleRequest struct {
	Request string `json:"request"`
}

type handOverRequest struct {
	Self model.Peer `json:"self"`
}

type handOverAnswer struct {
	Released bool `json:"released"`
}

type followRequest struct {
	Self    model.Peer `json:"self"`
	Records bool       `json:"records"`
	Decides bool       `json:"decides"`
}

type ackLine struct {
	Ack uint64 `json:"ack"`
}

// streamLine is one line of what a follower is sent: an update, or part of one;
// an error, which ends the stream; or nothing, a sign of life.
type streamLine struct {
	Update *model.Update `json:"update,omitempty"`
	Part   bool          `json:"part,omitempty"` // the same update goes on in the next line
	Fault  *adminFault   `json:"fault,omitempty"`
}
