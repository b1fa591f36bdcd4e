package model

import (
	"strings"
)

// Decide answers whether r may pass. It is the only judge: the endpoint,
// keyward check and the console all ask it. It does no I/O, takes no lock and
// allocates nothing but the slice of a matched binding's variables (and the
// decoded form of what came percent-encoded).
func (s *Snapshot) Decide(r *Request) Decision { return s.decide(r, nil) }

// Explain is Decide with the steps that led to the answer; the last one is the
// one that failed, where one did.
func (s *Snapshot) Explain(r *Request) (Decision, []Step) {
	t := &trace{}
	return s.decide(r, t), t.steps
}

// explainDocument is Explain for the key's OpenAPI document: who calls and for
// which environment is all that is asked.
func (s *Snapshot) explainDocument(r *Request) (Decision, []Step) {
	t := &trace{}
	d := s.identity(r, t)
	if d.Reason == Allowed {
		t.add("path", true, "%s is the key's own document: the %s that it may invoke", DocumentPath, plural(len(s.Permitted(d.Key)), "workflow"))
	}
	return d, t.steps
}

// Identify answers only who calls and for which environment (spec §2.1–2.3):
// Allowed means that the key may be used there. The key's OpenAPI document
// asks it; no route is looked for.
func (s *Snapshot) Identify(r *Request) Decision { return s.identity(r, nil) }

func (s *Snapshot) identity(r *Request, t *trace) Decision {
	own := readOwnParams(r.RawQuery)
	d := s.identify(r, &own, t)
	if d.Reason == Undecided {
		s.judgeEnvironment(r, &own, &d, t)
	}
	if d.Reason == Undecided {
		d.Reason = Allowed
	}
	return d
}

// decide judges the credential first, then the path's form, then the rest
// (spec §2).
func (s *Snapshot) decide(r *Request, t *trace) Decision {
	own := readOwnParams(r.RawQuery)
	d := s.identify(r, &own, t)
	if d.Reason != Undecided {
		return d
	}
	var buf [maxSegments]string
	segs, problem := splitPath(r.Path, buf[:0])
	switch {
	case problem != "":
		d.Reason = PathRefused
	case len(segs) > 0 && reserved(segs[0], len(segs) == 1):
		d.Reason = PathReserved
	}
	if d.Reason != Undecided {
		t.path(r, problem)
		return d
	}
	t.path(r, "")
	if s.judgeEnvironment(r, &own, &d, t); d.Reason != Undecided {
		return d
	}
	if s.judgeRoute(r, segs, &d, t); d.Reason != Undecided {
		return d
	}
	d.Reason = WorkflowNotPermitted
	if d.Key.Permits(d.Workflow.ID) {
		d.Reason = Allowed
	}
	t.permission(&d)
	return d
}

// identify settles the caller (spec §2.1) and the key's state (§2.2). The
// reason stays Undecided when both are fine.
func (s *Snapshot) identify(r *Request, own *ownParams, t *trace) Decision {
	var d Decision
	var until Instant
	if r.Assume != nil {
		d.Credential, d.Key, d.Slot = AssumedCredential, r.Assume, assumedSlot(r)
	} else if entry, reason := s.credential(r, own, &d); reason != Undecided {
		d.Reason = reason
		if entry.key != nil {
			d.Key, d.Slot, d.Retiring = entry.key, entry.slot, entry.nth > 0
		}
		t.credential(r, &d)
		return d
	} else {
		d.Key, d.Slot, d.Retiring, until = entry.key, entry.slot, entry.nth > 0, entry.until()
	}
	t.credential(r, &d)
	d.Reason = keyState(r, &d, until)
	t.keyState(r, &d)
	return d
}

// assumedSlot picks the slot that a caller would use who has the choice: the
// first that holds something and, of a certificate, is in its validity.
func assumedSlot(r *Request) SlotName {
	if r.AssumeSlot != NoSlot {
		return r.AssumeSlot
	}
	first := NoSlot
	for _, n := range SlotNames {
		slot := r.Assume.Slot(n)
		if slot.IsZero() {
			continue
		}
		if first == NoSlot {
			first = n
		}
		if c := slot.Certificate; c == nil || !c.NotYetValid(r.Now) && !c.Expired(r.Now) {
			return n
		}
	}
	return max(first, Primary)
}

// credential finds whose credential the request carries. A token that is there
// decides alone: a bad one never falls through to the certificate.
func (s *Snapshot) credential(r *Request, own *ownParams, d *Decision) (tableEntry, Reason) {
	if len(r.Authorization) > 1 {
		return tableEntry{}, CredentialAmbiguous
	}
	var token string
	header := false
	if len(r.Authorization) == 1 {
		token, header = headerToken(r.Authorization[0])
		d.Foreign = !header && r.Authorization[0] != ""
	}
	header = header || !r.Secret.IsZero()
	switch {
	case own.authKeys > 1, own.authKeys == 1 && header:
		return tableEntry{}, CredentialAmbiguous
	case !r.Secret.IsZero():
		d.Credential = HeaderCredential
		return s.digest(&r.Secret)
	case header:
		d.Credential = HeaderCredential
		return s.secret(token)
	case own.authKeys == 1:
		d.Credential = QueryCredential
		return s.querySecret(r, own)
	case !r.Certificate.IsZero():
		d.Credential = CertificateCredential
		if e, ok := s.certificates.find(&r.Certificate); ok {
			return e, Undecided
		}
		return tableEntry{}, CertificateUnknown
	}
	return tableEntry{}, CredentialMissing
}

// secret looks a token up. The checksum is looked at only of a token that
// nobody has: one whose SHA-256 is on record needs no further proof of form.
func (s *Snapshot) secret(token string) (tableEntry, Reason) {
	if len(token) != SecretLength {
		return tableEntry{}, CredentialMalformed
	}
	d := digestOf(token)
	e, reason := s.digest(&d)
	if reason != Undecided && !wellFormed(token) {
		reason = CredentialMalformed
	}
	return e, reason
}

func (s *Snapshot) digest(d *Digest) (tableEntry, Reason) {
	if e, ok := s.secrets.find(d); ok {
		return e, Undecided
	}
	return tableEntry{}, SecretUnknown
}

func (s *Snapshot) querySecret(r *Request, own *ownParams) (tableEntry, Reason) {
	token, ok := unescape(own.authKey, true)
	switch {
	case r.NoQuery:
		return tableEntry{}, QueryRefused
	case !ok || !own.authKeyExact:
		return tableEntry{}, CredentialMalformed
	}
	e, reason := s.secret(token)
	if reason == Undecided && e.key.NoQuery {
		return e, QueryRefused // the administrator is told whose secret it was, the caller is not
	}
	return e, reason
}

// headerToken returns what an Authorization header carries for keyward; ours
// is false for another scheme. "Key" without its "=" is ours and malformed, and
// so is whatever holds a secret of ours: forwarding it would hand that to the
// upstream.
func headerToken(value string) (token string, ours bool) {
	value = strings.Trim(value, " \t")
	end := 0
	for end < len(value) && value[end] != '=' && value[end] != ' ' && value[end] != '\t' {
		end++
	}
	scheme, rest := value[:end], value[end:]
	if rest == "" {
		return "", strings.EqualFold(scheme, "Key") || strings.EqualFold(scheme, "Bearer") || HoldsSecret(value)
	}
	switch {
	case strings.EqualFold(scheme, "Key"):
		rest = strings.TrimLeft(rest, " \t")
		if rest == "" || rest[0] != '=' {
			return "", true
		}
		return strings.Trim(rest[1:], " \t"), true
	case strings.EqualFold(scheme, "Bearer"):
		return strings.Trim(rest, " \t"), true
	}
	return "", HoldsSecret(value)
}
