package model

import "fmt"

// presented is the certificate that the caller showed and that no key has, as far
// as the record tells what it says of itself.
func (a *Activity) presented(now Instant) string {
	if a.CertificateEnds == 0 {
		return fmt.Sprintf("the client certificate with the SHA-256 %s", a.Certificate)
	}
	text := "the client certificate without a subject"
	if a.CertificateSubject != "" {
		text = "the client certificate " + a.CertificateSubject
	}
	switch a.CertificateIssuer {
	case "":
		text += ", issued by nobody"
	case a.CertificateSubject:
		text += ", issued by itself"
	default:
		text += ", issued by " + a.CertificateIssuer
	}
	ends := "valid until " + a.CertificateEnds.DayText()
	switch {
	case a.CertificateEnds == endless:
		ends = "without an end"
	case past(a.CertificateEnds, now):
		ends = "which expired " + a.CertificateEnds.DayText()
	}
	return fmt.Sprintf("%s, %s (SHA-256 %s)", text, ends, a.Certificate)
}

func (e *explaining) unknownCertificate() []Remedy {
	if e.key != nil && e.key.State != Deleted {
		return []Remedy{e.about(RenewCertificate, "Put the certificate that the caller uses into a slot of the key %q, or have it use the one that is there", e.name())}
	}
	var list []Remedy
	same, others := e.sameSubject()
	if same != nil {
		r := advice("Put the certificate into a slot of the key %q, which has one of the same subject", same.Name)
		r.Kind, r.Key = RegisterCertificate, same.ID
		list = append(list, r)
	}
	if others {
		r := advice("Put the certificate into a slot of the key that the caller should have: choose that key by one that it has")
		if same != nil {
			r.Text = "Or put it into a slot of another key: choose that key by one that it has"
		}
		r.Kind = RegisterCertificate
		list = append(list, r)
	}
	r := advice("Make a key for the certificate")
	if others {
		r.Text = "Or make a key for it"
	}
	r.Kind = MakeKey
	list = append(list, r)
	if !e.a.Certificate.IsZero() {
		list = append(list, advice("Compare its SHA-256 with the caller's first: anyone can write any name into a certificate"))
	}
	return list
}

// sameSubject is the first key by name that has a certificate of the subject that
// the unknown one has, as a renewed one does, and whether any key has one at all.
func (e *explaining) sameSubject() (same *Key, others bool) {
	for _, k := range e.names {
		if k.Kind != CertificateKey {
			continue
		}
		others = true
		if e.a.CertificateSubject == "" {
			return nil, others
		}
		for _, n := range SlotNames {
			if c := k.Slot(n).Certificate; c != nil && c.Subject == e.a.CertificateSubject {
				return k, others
			}
		}
	}
	return nil, others
}

// early is for a certificate that is not valid yet.
func (e *explaining) early() []Remedy {
	list := []Remedy{advice("Wait until the certificate's validity begins, and compare the clocks of this machine and of the one that made it")}
	if c := e.otherCertificate(); c != nil && !c.Expired(e.now) && !c.NotYetValid(e.now) {
		list = append(list, advice("Or have the caller use the %s one until then, %s, until %s", e.a.Slot.Other(), c.SubjectText(), At(c.NotAfter).DayText()))
	}
	return append(list, e.about(RenewCertificate, "Or put a certificate that is valid already into the key %q", e.name()))
}

// otherCertificate is the one in the slot that the call did not use; nil: it is
// empty, or it is not known which slot that is.
func (e *explaining) otherCertificate() *Certificate {
	if e.key == nil {
		return nil
	}
	if other := e.key.Slot(e.a.Slot.Other()); other != nil {
		return other.Certificate
	}
	return nil
}

// expired is for a certificate that is past its end: the other slot has its
// successor already, or is the place for it.
func (e *explaining) expired() []Remedy {
	c, other := e.otherCertificate(), e.a.Slot.Other()
	switch {
	case c == nil:
		return []Remedy{e.about(RenewCertificate, "Renew the certificate: put a new one into the key %q, in its %s slot, which is empty", e.name(), other)}
	case c.Expired(e.now):
		return []Remedy{e.about(RenewCertificate, "Renew the certificate: put a new one into the key %q; the %s one, %s, has expired too", e.name(), other, c.SubjectText())}
	case c.NotYetValid(e.now):
		return []Remedy{
			e.about(RenewCertificate, "Renew the certificate: put one that is valid already into the key %q, in place of the %s one", e.name(), e.a.Slot),
			advice("Or have the caller use the %s one, %s, which is valid from %s on", other, c.SubjectText(), At(c.NotBefore).Text()),
		}
	}
	return []Remedy{
		advice("Renewed: have the caller use the %s one, %s, until %s", other, c.SubjectText(), At(c.NotAfter).DayText()),
		e.about(RenewCertificate, "Or put another one into the key %q, in place of the %s one, which has expired", e.name(), e.a.Slot),
	}
}
