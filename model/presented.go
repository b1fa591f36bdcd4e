package model

import "crypto/x509"

// Limits of what is kept of a certificate that no key has, in bytes: a stranger
// wrote it. A longer name is not put into words at all.
const (
	maxKeptName = 256
	maxRawName  = 4 << 10
)

// Presented is what a client certificate says of itself that a caller presented
// and that no key has. Whoever made it may have written anything there.
type Presented struct {
	subject, issuer string // RFC 2253, clean, of maxKeptName bytes at most; "" for none
	ends            Instant
}

// PresentedIn reads it out of a certificate; nil for none. It costs as much as
// putting two names into words: once a connection is enough.
func PresentedIn(c *x509.Certificate) *Presented {
	if c == nil {
		return nil
	}
	p := &Presented{subject: "(too long to be kept)", issuer: "(too long to be kept)", ends: At(c.NotAfter)}
	if len(c.RawSubject) <= maxRawName {
		p.subject = keptName(distinguishedName(c.Subject))
	}
	if len(c.RawIssuer) <= maxRawName {
		p.issuer = keptName(distinguishedName(c.Issuer))
	}
	return p
}

func keptName(name string) string {
	b, _ := appendText(nil, Clean(name), maxKeptName)
	return string(b)
}
