package model

import (
	"bytes"
	"crypto/sha1" // The thumbprint that Windows shows is SHA-1; nothing is matched by it.
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// Thumbprint is the SHA-1 of a certificate's DER, as Windows shows it. It is
// for people to compare; nothing is ever matched by it.
type Thumbprint [sha1.Size]byte

// FingerprintOf digests a certificate's DER, as matching does. It does not
// parse: any bytes have a fingerprint.
func FingerprintOf(der []byte) Digest { return sha256.Sum256(der) }

// Certificate is a client certificate as keyward keeps and shows it. It is a
// value: copy it freely. The texts are what the certificate says, byte for
// byte, and may hold control or bidirectional characters: views pass them
// through Clean first. Marshalled to JSON it has every field but DER, which
// whoever stores it keeps beside it.
type Certificate struct {
	// SHA256 and SHA1 are digests of DER.
	SHA256 Digest     `json:"sha256"`
	SHA1   Thumbprint `json:"thumbprint"`
	// Subject and Issuer are in RFC 2253 order, the last attribute first, and
	// are empty when the certificate names nobody.
	Subject string `json:"subject"`
	Issuer  string `json:"issuer"`
	// Serial is upper-case hex, two digits a byte, as `openssl x509 -serial`.
	Serial string `json:"serial"`
	// Algorithm is that of the public key: "RSA 4096", "ECDSA P-256", "Ed25519".
	Algorithm string `json:"algorithm"`
	// SignatureAlgorithm is the issuer's, as crypto/x509 names it, or "unknown".
	SignatureAlgorithm string `json:"signatureAlgorithm"`
	// NotBefore and NotAfter are the first and the last valid second, in UTC.
	NotBefore time.Time `json:"notBefore"`
	NotAfter  time.Time `json:"notAfter"`
	// SelfSigned holds when the certificate's own key verifies its signature.
	SelfSigned bool `json:"selfSigned"`
	// CA, NotForClients and UnknownCritical are what Warnings tells of.
	CA              bool `json:"ca,omitempty"`
	NotForClients   bool `json:"notForClients,omitempty"`
	UnknownCritical bool `json:"unknownCritical,omitempty"`
	// DER is the certificate itself; nil where only the rest was kept.
	DER []byte `json:"-"`
}

// NewCertificate parses the DER of one certificate and applies the policy: the
// certificate must be one that TLS clients can use and that nobody can forge.
// It copies der. Its errors are *CertificateError of one of the kinds of
// certificate_policy.go. A
// certificate out of its validity dates is not an error; see Warnings.
func NewCertificate(der []byte) (Certificate, error) {
	if len(der) > MaxCertificateSize {
		return Certificate{}, RefuseCertificate(ErrCertificateTooLarge,
			"the certificate is larger than %d KiB, the most that keyward accepts: choose a file that holds one client certificate and nothing else", MaxCertificateSize>>10)
	}
	if err := checkOutline(der); err != nil {
		return Certificate{}, err
	}
	parsed, err := x509.ParseCertificate(bytes.Clone(der))
	if err != nil {
		return Certificate{}, malformed(err)
	}
	algorithm, err := publicKeyAlgorithm(parsed.PublicKey)
	if err != nil {
		return Certificate{}, err
	}
	return newCertificate(parsed, algorithm), nil
}

func newCertificate(parsed *x509.Certificate, algorithm string) Certificate {
	c := Certificate{
		SHA256:             sha256.Sum256(parsed.Raw),
		SHA1:               sha1.Sum(parsed.Raw), // Shown only.
		Subject:            distinguishedName(parsed.Subject),
		Issuer:             distinguishedName(parsed.Issuer),
		Serial:             serialText(parsed.SerialNumber),
		Algorithm:          algorithm,
		SignatureAlgorithm: signatureAlgorithm(parsed.SignatureAlgorithm),
		NotBefore:          parsed.NotBefore.UTC(),
		NotAfter:           parsed.NotAfter.UTC(),
		SelfSigned:         selfSigned(parsed),
		CA:                 parsed.IsCA || parsed.KeyUsage&x509.KeyUsageCertSign != 0,
		NotForClients:      notForClients(parsed),
		UnknownCritical:    len(parsed.UnhandledCriticalExtensions) > 0,
		DER:                parsed.Raw,
	}
	if c.Issuer == c.Subject {
		c.Issuer = c.Subject // One string in memory, not two.
	}
	return c
}

// Thumbprint returns the SHA-1 of the DER: 40 upper-case hex digits, those of
// `openssl x509 -fingerprint -sha1` without the colons.
func (c Certificate) Thumbprint() string { return c.SHA1.String() }

// Fingerprint returns the SHA-256 of the DER: 64 upper-case hex digits, those
// of `openssl x509 -fingerprint -sha256` without the colons.
func (c Certificate) Fingerprint() string { return c.SHA256.String() }

// SubjectText returns the subject cleaned for a screen. Where there is none it is
// "(no subject), serial " and the serial number, which tells certificates apart.
func (c Certificate) SubjectText() string {
	if c.Subject == "" {
		return strings.TrimSuffix("(no subject), serial "+Clean(c.Serial), ", serial ")
	}
	return Clean(c.Subject)
}

// IssuerText returns the issuer cleaned for a screen. Where the certificate names
// none it says so.
func (c Certificate) IssuerText() string {
	if c.Issuer == "" {
		return "(no issuer: the certificate names none)"
	}
	return Clean(c.Issuer)
}

// Expired reports whether the last valid second is over.
func (c Certificate) Expired(now time.Time) bool { return now.After(c.NotAfter) }

// NotYetValid reports whether the first valid second is still to come.
func (c Certificate) NotYetValid(now time.Time) bool { return now.Before(c.NotBefore) }

// EndsSoon reports whether a certificate that has not expired will within
// ExpiringWithin.
func (c Certificate) EndsSoon(now time.Time) bool {
	return !c.Expired(now) && c.NotAfter.Before(now.Add(ExpiringWithin))
}

// DaysLeft returns how many days after today, in UTC, the certificate's last
// day is: 0 on the last day, negative once the certificate has expired.
func (c Certificate) DaysLeft(now time.Time) int {
	days := daysBetween(now, c.NotAfter)
	if c.Expired(now) {
		return min(days, -1)
	}
	return days
}

// LeftText says for how long the certificate is still good: "600 days left",
// "expires today", "not valid yet", "expired 3 days ago".
func (c Certificate) LeftText(now time.Time) string {
	switch days := daysBetween(now, c.NotAfter); {
	case c.NotYetValid(now):
		return "not valid yet"
	case At(c.NotAfter) == endless:
		return "no end"
	case c.Expired(now) && days == 0:
		return "expired today"
	case c.Expired(now):
		return "expired " + plural(-days, "day") + " ago"
	case days == 0:
		return "expires today"
	default:
		return plural(days, "day") + " left"
	}
}

// Warnings returns what an administrator should know before trusting the
// certificate, one plain sentence each, the most pressing first; none is a
// reason to refuse it.
func (c Certificate) Warnings(now time.Time) []string {
	const date = "2006-01-02 15:04:05 MST"
	var warnings []string
	warn := func(applies bool, sentence string) {
		if applies {
			warnings = append(warnings, sentence)
		}
	}
	warn(c.Expired(now), "This certificate expired on "+c.NotAfter.Format(date)+", so every call with it will be refused.")
	warn(c.NotYetValid(now), "This certificate is not valid until "+c.NotBefore.Format(date)+", so calls with it will be refused before then.")
	warn(c.NotForClients, "The extended key usage of this certificate leaves out client authentication, so some clients will not present it.")
	warn(c.CA, "This certificate is marked as a certificate authority, as openssl req -x509 marks it; keyward accepts the certificate itself and none that it issued.")
	warn(c.UnknownCritical, "This certificate has a critical extension that keyward does not know and does not enforce.")
	warn(strings.Contains(c.SignatureAlgorithm, "SHA1"), "This certificate is signed with SHA-1, which some clients refuse to use; SHA-256 is safe everywhere.")
	return warnings
}

// String returns 40 upper-case hex digits.
func (t Thumbprint) String() string { return upperHex(t[:]) }

// MarshalText writes what String returns.
func (t Thumbprint) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads 40 hex digits in either case.
func (t *Thumbprint) UnmarshalText(text []byte) error { return decodeDigest(t[:], text, "thumbprint") }

func serialText(serial *big.Int) string {
	if serial.Sign() == 0 {
		return "00"
	}
	return upperHex(serial.Bytes())
}

func signatureAlgorithm(a x509.SignatureAlgorithm) string {
	if a == x509.UnknownSignatureAlgorithm {
		return "unknown"
	}
	return a.String()
}

// selfSigned looks at the signature, because equal names prove nothing:
// certificates without a name all have equal ones.
func selfSigned(c *x509.Certificate) bool {
	return bytes.Equal(c.RawSubject, c.RawIssuer) &&
		c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}

// notForClients holds when the certificate lists what it is for and clients
// are not on the list. One without a list is for everything.
func notForClients(c *x509.Certificate) bool {
	for _, usage := range c.ExtKeyUsage {
		if usage == x509.ExtKeyUsageClientAuth || usage == x509.ExtKeyUsageAny {
			return false
		}
	}
	return len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) > 0
}

// distinguishedName writes a name in the order and with the escapes of RFC
// 2253. Unlike pkix.Name.String it keeps the certificate's own order and knows
// the e-mail and domain attributes that real subjects have.
func distinguishedName(name pkix.Name) string {
	var b strings.Builder
	for i := len(name.Names) - 1; i >= 0; i-- {
		attribute := name.Names[i]
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(attributeName(attribute.Type.String()))
		b.WriteByte('=')
		escapeValue(&b, fmt.Sprint(attribute.Value))
	}
	return b.String()
}

func attributeName(oid string) string {
	switch oid {
	case "2.5.4.3":
		return "CN"
	case "2.5.4.5":
		return "serialNumber"
	case "2.5.4.6":
		return "C"
	case "2.5.4.7":
		return "L"
	case "2.5.4.8":
		return "ST"
	case "2.5.4.9":
		return "street"
	case "2.5.4.10":
		return "O"
	case "2.5.4.11":
		return "OU"
	case "2.5.4.17":
		return "postalCode"
	case "0.9.2342.19200300.100.1.1":
		return "UID"
	case "0.9.2342.19200300.100.1.25":
		return "DC"
	case "1.2.840.113549.1.9.1":
		return "emailAddress"
	}
	return oid
}

// escapeValue puts a backslash where RFC 2253 wants one, so that a value
// cannot pass for a further attribute.
func escapeValue(b *strings.Builder, value string) {
	for i, r := range []byte(value) {
		first, last := i == 0, i == len(value)-1
		if strings.IndexByte(`,+"\<>;`, r) >= 0 || (r == ' ' && (first || last)) || (r == '#' && first) {
			b.WriteByte('\\')
		}
		b.WriteByte(r)
	}
}
