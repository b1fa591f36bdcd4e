package model

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// MaxCertificateSize is the most that the DER of a certificate may have, in
// bytes.
const MaxCertificateSize = 16 << 10

// The bounds of an accepted RSA key, in bits. Under 2048 a key can be broken;
// over 8192 TLS servers refuse it.
const (
	minRSABits = 2048
	maxRSABits = 8192
)

// The reasons for which NewCertificate refuses a certificate.
var (
	// ErrCertificateTooLarge: more than MaxCertificateSize.
	ErrCertificateTooLarge = errors.New("certificate too large")
	// ErrNotCertificate: not the DER of an X.509 certificate.
	ErrNotCertificate = errors.New("not a certificate")
	// ErrTrailingData: something follows the certificate.
	ErrTrailingData = errors.New("data after the certificate")
	// ErrRSASize: an RSA key under 2048 or over 8192 bits.
	ErrRSASize = errors.New("unusable RSA key size")
	// ErrRSAForm: an RSA key whose numbers protect nothing.
	ErrRSAForm = errors.New("broken RSA key")
	// ErrRSAPSS: a key restricted to RSA-PSS.
	ErrRSAPSS = errors.New("RSA-PSS key")
	// ErrCurve: an elliptic curve other than P-256, P-384 and P-521.
	ErrCurve = errors.New("unusable elliptic curve")
	// ErrEd448: an Ed448 key.
	ErrEd448 = errors.New("Ed448 key")
	// ErrKeyAlgorithm: any other key, such as DSA or X25519.
	ErrKeyAlgorithm = errors.New("unusable key algorithm")
	// ErrSignatureAlgorithm: signed with MD5 or older.
	ErrSignatureAlgorithm = errors.New("broken signature algorithm")
)

// CertificateError is the refusal of a certificate, or of what was offered as
// one. errors.Is finds both its Kind and ErrInvalid in it.
type CertificateError struct {
	// Kind is the sentinel to tell this refusal from others.
	Kind error
	// Message is one sentence without a period that says what is wrong and
	// what to do. It holds nothing of what was offered.
	Message string
}

// RefuseCertificate returns a *CertificateError.
func RefuseCertificate(kind error, format string, args ...any) error {
	return &CertificateError{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Error returns the sentence alone.
func (e *CertificateError) Error() string { return e.Message }

// Unwrap returns the kind.
func (e *CertificateError) Unwrap() error { return e.Kind }

// Is makes errors.Is(err, ErrInvalid) hold as well.
func (e *CertificateError) Is(target error) bool { return target == ErrInvalid }

// outline is as much of a certificate as tells which algorithms it uses, read
// without crypto/x509, which reports many keys only as unknown or malformed.
type outline struct {
	TBS struct {
		Version   int `asn1:"optional,explicit,default:0,tag:0"`
		Serial    *big.Int
		Signature pkix.AlgorithmIdentifier
		Issuer    asn1.RawValue
		Validity  asn1.RawValue
		Subject   asn1.RawValue
		PublicKey struct {
			Algorithm pkix.AlgorithmIdentifier
			Key       asn1.BitString
		}
	}
	Signature asn1.RawValue
	Value     asn1.BitString
}

// checkOutline refuses what crypto/x509 could not name. What it cannot read it
// leaves to crypto/x509.
func checkOutline(der []byte) error {
	var whole asn1.RawValue
	rest, err := asn1.Unmarshal(der, &whole)
	if err != nil {
		return malformed(errors.New("it is cut short or not DER"))
	}
	if len(rest) > 0 {
		return RefuseCertificate(ErrTrailingData,
			"there is more data after the certificate: export it again, alone, as DER or Base64 X.509 (.cer)")
	}
	var o outline
	if _, err := asn1.Unmarshal(der, &o); err != nil {
		return nil // crypto/x509 decides, and says what is wrong.
	}
	if err := checkKeyAlgorithm(o.TBS.PublicKey.Algorithm); err != nil {
		return err
	}
	return checkSignatureAlgorithm(o.TBS.Signature.Algorithm.String())
}

func checkKeyAlgorithm(a pkix.AlgorithmIdentifier) error {
	switch a.Algorithm.String() {
	case "1.2.840.113549.1.1.1", "1.3.101.112": // RSA, Ed25519
		return nil
	case "1.2.840.10045.2.1":
		return checkCurve(a.Parameters)
	case "1.2.840.113549.1.1.10":
		return RefuseCertificate(ErrRSAPSS,
			"the key is an RSA-PSS key, which TLS clients cannot use here: make a certificate with an ordinary RSA key (rsa:4096)")
	case "1.3.101.113":
		return RefuseCertificate(ErrEd448,
			"the key is an Ed448 key, which TLS clients cannot use here: make a certificate with an Ed25519, ECDSA P-256 or RSA key")
	case "1.2.840.10040.4.1":
		return refuseKey("a DSA key")
	case "1.3.101.110", "1.3.101.111":
		return refuseKey("a key-agreement key (X25519 or X448)")
	}
	return refuseKey("of a kind that keyward does not know")
}

func refuseKey(what string) error {
	return RefuseCertificate(ErrKeyAlgorithm,
		"the key is %s, which TLS clients cannot use here: make a certificate with an RSA, ECDSA P-256 or Ed25519 key", what)
}

func checkCurve(parameters asn1.RawValue) error {
	const useful = "make a certificate with a key on P-256, P-384 or P-521"
	var curve asn1.ObjectIdentifier
	if _, err := asn1.Unmarshal(parameters.FullBytes, &curve); err != nil {
		return RefuseCertificate(ErrCurve, "the key describes its own elliptic curve instead of naming one: %s", useful)
	}
	name := "of the key"
	switch curve.String() {
	case "1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35": // P-256, P-384, P-521
		return nil
	case "1.3.132.0.33":
		name = "P-224"
	case "1.3.132.0.10":
		name = "secp256k1"
	}
	return RefuseCertificate(ErrCurve, "the elliptic curve %s is one that TLS clients cannot use: %s", name, useful)
}

func checkSignatureAlgorithm(oid string) error {
	switch oid {
	case "1.2.840.113549.1.1.2", "1.2.840.113549.1.1.3", "1.2.840.113549.1.1.4":
		return RefuseCertificate(ErrSignatureAlgorithm,
			"the certificate is signed with MD5 or older, which can be forged: have it issued again with SHA-256")
	}
	return nil
}

// publicKeyAlgorithm names the key, or refuses it.
func publicKeyAlgorithm(public any) (string, error) {
	switch key := public.(type) {
	case *rsa.PublicKey:
		return rsaAlgorithm(key)
	case *ecdsa.PublicKey:
		switch key.Curve {
		case elliptic.P256(), elliptic.P384(), elliptic.P521():
			return "ECDSA " + key.Params().Name, nil
		}
		return "", RefuseCertificate(ErrCurve,
			"the elliptic curve of the key is one that TLS clients cannot use: make a certificate with a key on P-256, P-384 or P-521")
	case ed25519.PublicKey:
		return "Ed25519", nil
	}
	return "", refuseKey("of a kind that keyward does not know")
}

func rsaAlgorithm(key *rsa.PublicKey) (string, error) {
	bits := key.N.BitLen()
	if bits < minRSABits || bits > maxRSABits {
		return "", RefuseCertificate(ErrRSASize,
			"the RSA key has %d bits and must have %d to %d: make a certificate with a key of 4096 bits (rsa:4096)", bits, minRSABits, maxRSABits)
	}
	// Exponent 1 signs nothing: anybody could present the certificate.
	if key.E < 3 || key.E%2 == 0 || int64(key.E) > 1<<31-1 || key.N.Bit(0) == 0 {
		return "", RefuseCertificate(ErrRSAForm,
			"the RSA key is not a sound one, so it would protect nothing: make a new key and a certificate for it")
	}
	return fmt.Sprintf("RSA %d", bits), nil
}

// malformed turns an error of crypto/x509 into ours. Its text helps, except
// where it quotes the certificate.
func malformed(err error) error {
	reason := strings.TrimPrefix(err.Error(), "x509: ")
	if strings.ContainsAny(reason, "\"`") || Clean(reason) != reason {
		reason = "one of its fields is malformed"
	}
	return RefuseCertificate(ErrNotCertificate,
		"this is not a certificate that keyward can read (%s): export it again as DER or Base64 X.509 (.cer)", reason)
}
