package model

import (
	"context"
	"time"
)

// Explain says why a call was decided as it was, what can be done, and what the
// same call would get now: the decision is made again with the key assumed. What
// the record does not hold, the credential itself, is taken from what came of it;
// where a key or workflow is gone, the record alone explains.
func (s *Session) Explain(ctx context.Context, a Activity) (Explanation, error) {
	if err := ctx.Err(); err != nil {
		return Explanation{}, err
	}
	out := Explanation{Activity: a}
	err := s.service.read(func(st *state) error {
		e := explaining{state: st, a: &a, now: s.service.now(), key: st.keys.of(a.Key)}
		e.explain(&out)
		return nil
	})
	return out, err
}

// explaining is one explanation while it is made.
type explaining struct {
	*state
	a   *Activity
	now time.Time
	key *Key // nil: not known, or gone
}

func (e *explaining) explain(out *Explanation) {
	switch {
	case e.a.Reason == Stale || e.a.Reason == Undecided:
		out.Steps, out.Now = e.recorded(), Undecided
	case e.a.Key == 0:
		out.Steps, out.Now = e.stranger()
	case e.key == nil:
		out.Steps, out.Now = e.recorded(), SecretUnknown
		if e.a.Credential == CertificateCredential {
			out.Now = CertificateUnknown
		}
	default:
		out.Steps, out.Now = e.again()
	}
	reason := out.Now
	if reason == Undecided {
		reason = e.a.Reason
	}
	out.Steps = append(out.Steps, e.upstreamSteps()...)
	out.Remedies = append(e.remedies(reason), e.limited(reason)...)
	out.Remedies = append(out.Remedies, e.upstreamRemedies(out.Now)...)
}

// request is the call again, without its credential.
func (e *explaining) request() *Request {
	return &Request{Method: e.a.Method, Path: e.a.Path, RawQuery: e.a.Query, Host: e.a.Host, NoQuery: e.a.NoQuery, Now: e.now}
}

// slot is the one that was used, where the record says so.
func (e *explaining) slot() SlotName {
	if e.key == nil || e.key.Slot(e.a.Slot) == nil {
		return NoSlot
	}
	return e.a.Slot
}

// stranger explains a call whose credential was not taken. The same credential
// gets the same answer, but for a certificate that a key got meanwhile.
func (e *explaining) stranger() ([]Step, Reason) {
	if e.a.Reason < CredentialAmbiguous || e.a.Reason > CertificateUnknown { // no call brings that: its key is known
		return e.recorded(), e.a.Reason
	}
	t := &trace{}
	r := e.request()
	r.Certificate = e.a.Certificate
	t.credential(r, &Decision{Reason: e.a.Reason, Credential: e.a.Credential, Foreign: e.a.Foreign})
	if e.a.Reason != CertificateUnknown {
		return t.steps, e.a.Reason
	}
	t.steps[0].Text = Clean("no key has " + e.a.presented(At(e.now)))
	d, _ := e.decide(r)
	return t.steps, d.Reason
}

// again explains the call of a key that is there.
func (e *explaining) again() ([]Step, Reason) {
	r := e.request()
	r.Assume, r.AssumeSlot = e.key, e.slot()
	d, steps := e.decide(r)
	now := d.Reason
	switch {
	case e.a.Credential == QueryCredential && e.key.NoQuery:
		now = QueryRefused
	case now == KeyDeleted || now == KeyDisabled || now == KeyExpired:
	default:
		if lost := e.lost(); lost != Undecided {
			now = lost
		}
	}
	if d.Reason != e.a.Reason || len(steps) == 0 {
		return e.recorded(), now
	}
	steps[0].Text = e.proof() // not assumed: it was proven
	return steps, now
}

// lost is why what proved the key then does not prove it any more; Undecided:
// as far as is known, it does.
func (e *explaining) lost() Reason {
	slot := e.key.Slot(e.a.Slot)
	if slot == nil {
		return Undecided
	}
	replaced := slot.Created > At(e.a.At)
	switch {
	case e.a.Reason == SecretRetired:
		return SecretRetired
	case e.key.Kind == CertificateKey && (replaced || slot.Certificate == nil):
		return CertificateUnknown
	case e.key.Kind == CertificateKey || !replaced && !e.a.Retiring:
		return Undecided
	}
	for _, r := range slot.Grace() {
		if !past(r.Until, At(e.now)) {
			return Undecided
		}
	}
	return SecretRetired
}

// decide makes the decision again. Of a call that is not on record as a whole,
// what does not depend on the rest is decided, and the record has the last word.
func (e *explaining) decide(r *Request) (Decision, []Step) {
	switch {
	case !e.a.Partial && r.Path == DocumentPath:
		return e.snapshot.explainDocument(r)
	case !e.a.Partial:
		return e.snapshot.Explain(r)
	}
	own := readOwnParams("")
	d := e.snapshot.identify(r, &own, nil)
	if d.Reason == Undecided {
		d.Reason = e.partly(d.Key)
	}
	return d, nil
}

// partly is what a key would get for a call of which only the record's outcome
// is known.
func (e *explaining) partly(k *Key) Reason {
	known := e.a.Reason == Allowed || e.a.Reason == WorkflowNotPermitted
	switch {
	case !known || e.a.Workflow == 0:
		return e.a.Reason
	case k.Permits(e.a.Workflow):
		return Allowed
	}
	return WorkflowNotPermitted
}
