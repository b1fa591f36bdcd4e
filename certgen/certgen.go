// Package certgen makes, writes and reads certificates: self-signed client
// certificates and the development server certificate, as PEM, DER and
// PKCS#12, and whatever an administrator uploads. What may be accepted is
// model's to say; this package knows formats and files. It imports model and
// the standard library; the commands call it, and the console through a port.
package certgen

import (
	"cmp"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"strings"
	"time"

	"dev.keyward/keyward/model"
)

// DefaultDays is how long a client certificate is valid when nobody says.
const DefaultDays = 600

// maxDays keeps the last valid day a date that every reader can write.
const maxDays = 36500

// Algorithm is a kind of key that Generate makes.
type Algorithm uint8

// The algorithms, the default first.
const (
	RSA4096 Algorithm = iota
	RSA2048
	P256
	Ed25519
)

// Algorithms returns every algorithm, the default first.
func Algorithms() []Algorithm { return []Algorithm{RSA4096, RSA2048, P256, Ed25519} }

// ParseAlgorithm reads what String writes, in either case; "" is the default.
func ParseAlgorithm(s string) (Algorithm, error) {
	if s == "" {
		return RSA4096, nil
	}
	var names []string
	for _, a := range Algorithms() {
		if strings.EqualFold(s, a.String()) {
			return a, nil
		}
		names = append(names, a.String())
	}
	return 0, model.Invalid("algorithm", "there is no algorithm %q: use one of %s", model.Clean(s), strings.Join(names, ", "))
}

// String returns the name that commands use, such as "rsa4096".
func (a Algorithm) String() string {
	switch a {
	case RSA4096:
		return "rsa4096"
	case RSA2048:
		return "rsa2048"
	case P256:
		return "p256"
	case Ed25519:
		return "ed25519"
	}
	return fmt.Sprintf("Algorithm(%d)", uint8(a))
}

// Options say what client certificate to make. The zero value makes what the
// documentation's openssl line makes: RSA 4096, no subject, 600 days.
type Options struct {
	Algorithm Algorithm
	// Subject is in openssl's form, "/CN=x/O=y"; "" and "/" are the empty one.
	Subject string
	// Days is how long the certificate is valid from now; 0 is DefaultDays.
	Days int
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Rand gives the serial number; nil is crypto/rand. Keys always come from
	// the system's generator.
	Rand io.Reader
}

// Pair is a certificate and its private key. Printing or logging it shows
// neither key nor certificate, only the fingerprint.
type Pair struct {
	Certificate model.Certificate
	// key is a function because that is what fmt cannot look into, not even
	// with a wrong verb in a nested struct.
	key func() crypto.Signer
}

// Generate makes a self-signed client certificate: not an authority, good for
// signatures and client authentication, signed with SHA-256 (Ed25519 with
// itself). Making an RSA key takes seconds; when ctx ends Generate returns at
// once and the key is dropped. A bad option is a *model.InputError.
func Generate(ctx context.Context, o Options) (Pair, error) {
	subject, err := parseSubject(o.Subject)
	if err != nil {
		return Pair{}, err
	}
	days := cmp.Or(o.Days, DefaultDays)
	if days < 1 || days > maxDays {
		return Pair{}, model.Invalid("days", "a certificate cannot be valid for %d days: use 1 to %d", days, maxDays)
	}
	template := &x509.Certificate{
		RawSubject:  subject,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	key, err := generateKey(ctx, o.Algorithm)
	if err != nil {
		return Pair{}, err
	}
	return selfSign(template, key, days, o.Now, o.Rand)
}

// CertificatePEM returns the certificate as PEM.
func (p Pair) CertificatePEM() []byte { return EncodePEM(p.Certificate.DER) }

// KeyPEM returns the private key as unencrypted PKCS#8 PEM. Whoever calls it
// keeps it secret.
func (p Pair) KeyPEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(p.key())
	if err != nil {
		return nil, fmt.Errorf("encoding private key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// Key returns the private key, for use in a tls.Certificate.
func (p Pair) Key() crypto.Signer { return p.key() }

// String returns the fingerprint and nothing of the key.
func (p Pair) String() string { return "certificate " + p.Certificate.Fingerprint() }

// GoString is String: %#v must not show the key either.
func (p Pair) GoString() string { return p.String() }

// EncodePEM returns the DER of a certificate as PEM.
func EncodePEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// generateKey returns early when ctx ends; the search for primes cannot be
// interrupted and ends in its own goroutine, its result unread.
func generateKey(ctx context.Context, a Algorithm) (crypto.Signer, error) {
	type result struct {
		key crypto.Signer
		err error
	}
	done := make(chan result, 1)
	go func() {
		key, err := newKey(a)
		done <- result{key, err}
	}()
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("generating %s key: %w", a, context.Cause(ctx))
	case r := <-done:
		if r.err != nil {
			return nil, fmt.Errorf("generating %s key: %w", a, r.err)
		}
		return r.key, nil
	}
}

func newKey(a Algorithm) (crypto.Signer, error) {
	switch a {
	case RSA4096:
		return rsa.GenerateKey(rand.Reader, 4096)
	case RSA2048:
		return rsa.GenerateKey(rand.Reader, 2048)
	case P256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case Ed25519:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	}
	return nil, model.Invalid("algorithm", "there is no %s", a)
}

// selfSign completes the template with what every certificate of ours has,
// signs it and passes it through the policy that it will meet later.
func selfSign(template *x509.Certificate, key crypto.Signer, days int, now func() time.Time, random io.Reader) (Pair, error) {
	if now == nil {
		now = time.Now
	}
	if random == nil {
		random = rand.Reader
	}
	serial, err := newSerial(random)
	if err != nil {
		return Pair{}, err
	}
	keyID, err := subjectKeyID(key.Public())
	if err != nil {
		return Pair{}, err
	}
	template.SerialNumber = serial
	template.SubjectKeyId = keyID
	template.NotBefore = now().UTC().Truncate(time.Second)
	template.NotAfter = template.NotBefore.AddDate(0, 0, days)
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.BasicConstraintsValid = true
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return Pair{}, fmt.Errorf("signing certificate: %w", err)
	}
	certificate, err := model.NewCertificate(der)
	if err != nil {
		return Pair{}, fmt.Errorf("checking new certificate: %w", err)
	}
	return Pair{Certificate: certificate, key: func() crypto.Signer { return key }}, nil
}

// newSerial returns 128 random bits; the certificate is the only one of its
// issuer, and readers still like serials to differ.
func newSerial(random io.Reader) (*big.Int, error) {
	var b [16]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return nil, fmt.Errorf("choosing serial number: %w", err)
	}
	serial := new(big.Int).SetBytes(b[:])
	if serial.Sign() == 0 {
		serial.SetInt64(1)
	}
	return serial, nil
}

func subjectKeyID(public crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, fmt.Errorf("encoding public key: %w", err)
	}
	sum := sha256.Sum256(der)
	return sum[:20], nil
}
