package model_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" // As Windows shows it.
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/model"
	"github.com/google/go-cmp/cmp"
)

var certificateStart = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// certificateDER makes the DER of a certificate with an Ed25519 key, valid for ten
// days from certificateStart.
func certificateDER(t testing.TB, change func(*x509.Certificate)) []byte {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return certificateSignedBy(t, key, change)
}

func certificateSignedBy(t testing.TB, key crypto.Signer, change func(*x509.Certificate)) []byte {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(0xabc),
		Subject:      pkix.Name{CommonName: "client", Organization: []string{"Example"}},
		NotBefore:    certificateStart,
		NotAfter:     certificateStart.AddDate(0, 0, 10),
	}
	if change != nil {
		change(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func parsedCertificate(t *testing.T, der []byte) model.Certificate {
	t.Helper()
	c, err := model.NewCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNewCertificate(t *testing.T) {
	der := certificateDER(t, nil)
	want := model.Certificate{
		SHA256: sha256.Sum256(der), SHA1: sha1.Sum(der),
		Subject: "CN=client,O=Example", Issuer: "CN=client,O=Example", Serial: "0ABC",
		Algorithm: "Ed25519", SignatureAlgorithm: "Ed25519",
		NotBefore: certificateStart, NotAfter: certificateStart.AddDate(0, 0, 10),
		SelfSigned: true, DER: der,
	}
	c := parsedCertificate(t, der)
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
	if c.Fingerprint() != fmt.Sprintf("%X", sha256.Sum256(der)) || c.Thumbprint() != fmt.Sprintf("%X", sha1.Sum(der)) {
		t.Errorf("fingerprint %s, thumbprint %s", c.Fingerprint(), c.Thumbprint())
	}
	if model.FingerprintOf(der) != c.SHA256 {
		t.Error("FingerprintOf differs")
	}
	clear(der)
	if model.FingerprintOf(c.DER) != c.SHA256 {
		t.Error("the certificate points into what it was made of")
	}
}

func TestCertificateJSON(t *testing.T) {
	c := parsedCertificate(t, certificateDER(t, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }))
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`{"sha256":"%s","thumbprint":"%s","subject":"CN=client,O=Example","issuer":"CN=client,O=Example",`+
		`"serial":"0ABC","algorithm":"Ed25519","signatureAlgorithm":"Ed25519","notBefore":"2026-01-02T03:04:05Z",`+
		`"notAfter":"2026-01-12T03:04:05Z","selfSigned":true,"notForClients":true}`, c.Fingerprint(), c.Thumbprint())
	if string(data) != want {
		t.Errorf("got  %s\nwant %s", data, want)
	}
	var back model.Certificate
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	c.DER = nil
	if diff := cmp.Diff(c, back); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{`{"sha256":"AB"}`, `{"thumbprint":"` + strings.Repeat("g", 40) + `"}`, `{"sha256":7}`} {
		if err := json.Unmarshal([]byte(bad), &back); err == nil {
			t.Errorf("read %s", bad)
		}
	}
}

func TestCertificateNames(t *testing.T) {
	for _, tt := range []struct {
		name    string
		subject pkix.RDNSequence
		want    string
	}{
		{"empty", pkix.RDNSequence{}, ""},
		{"escapes", relativeNames("2.5.4.3", ` a,b+"c"\<d>; `), `CN=\ a\,b\+\"c\"\\\<d\>\;\ `},
		{"number sign", relativeNames("2.5.4.3", "#a#"), `CN=\#a#`},
		{"one space", relativeNames("2.5.4.3", " "), `CN=\ `},
		{"order", append(relativeNames("2.5.4.6", "DE"), relativeNames("2.5.4.3", "x")...), "CN=x,C=DE"},
		{"domain", append(relativeNames("0.9.2342.19200300.100.1.25", "com"), relativeNames("0.9.2342.19200300.100.1.25", "example")...), "DC=example,DC=com"},
		{"unknown attribute", relativeNames("1.2.3.4", "x"), "1.2.3.4=x"},
		{"no attribute smuggled", relativeNames("2.5.4.3", "x,O=Trusted"), `CN=x\,O=Trusted`},
		{"kept as it is", relativeNames("2.5.4.3", "a\x1b]0;b\u202e"), "CN=a\x1b]0\\;b\u202e"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := parsedCertificate(t, certificateDER(t, func(c *x509.Certificate) {
				der, err := asn1.Marshal(tt.subject)
				if err != nil {
					t.Fatal(err)
				}
				c.RawSubject = der
			}))
			if c.Subject != tt.want || c.Issuer != tt.want {
				t.Errorf("got %q and %q, want %q", c.Subject, c.Issuer, tt.want)
			}
			subject, issuer := model.Clean(tt.want), model.Clean(tt.want)
			if subject == "" {
				subject, issuer = "(no subject), serial "+c.Serial, "(no issuer: the certificate names none)"
			}
			if c.SubjectText() != subject || c.IssuerText() != issuer {
				t.Errorf("shown as %q and %q, want %q and %q", c.SubjectText(), c.IssuerText(), subject, issuer)
			}
		})
	}
}

func relativeNames(oid, value string) pkix.RDNSequence {
	var id asn1.ObjectIdentifier
	for arc := range strings.SplitSeq(oid, ".") {
		var n int
		_, _ = fmt.Sscan(arc, &n)
		id = append(id, n)
	}
	return pkix.RDNSequence{{{Type: id, Value: value}}}
}

func TestCertificateDates(t *testing.T) {
	c := parsedCertificate(t, certificateDER(t, nil))
	for _, tt := range []struct {
		name            string
		now             time.Time
		early, late     bool
		days            int
		left            string
		leading, absent string
	}{
		{"a second early", c.NotBefore.Add(-time.Second), true, false, 10, "not valid yet", "not valid until 2026-01-02 03:04:05 UTC", "expired"},
		{"the first second", c.NotBefore, false, false, 10, "10 days left", "", ""},
		{"a minute later", c.NotBefore.Add(time.Minute), false, false, 10, "10 days left", "", ""},
		{"elsewhere", c.NotBefore.Add(time.Minute).In(time.FixedZone("far", -12*3600)), false, false, 10, "10 days left", "", ""},
		{"the day before", time.Date(2026, 1, 11, 23, 59, 59, 0, time.UTC), false, false, 1, "1 day left", "", ""},
		{"the last day", time.Date(2026, 1, 12, 0, 0, 0, 0, time.UTC), false, false, 0, "expires today", "", ""},
		{"the last second", c.NotAfter, false, false, 0, "expires today", "", ""},
		{"a moment late", c.NotAfter.Add(time.Nanosecond), false, true, -1, "expired today", "expired on 2026-01-12 03:04:05 UTC", "not valid until"},
		{"the next day", time.Date(2026, 1, 13, 0, 0, 0, 0, time.UTC), false, true, -1, "expired 1 day ago", "expired", ""},
		{"two days late", c.NotAfter.AddDate(0, 0, 2), false, true, -2, "expired 2 days ago", "expired", ""},
		{"centuries early", c.NotAfter.AddDate(-900, 0, 0), true, false, 328719, "not valid yet", "not valid", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if c.NotYetValid(tt.now) != tt.early || c.Expired(tt.now) != tt.late || c.DaysLeft(tt.now) != tt.days {
				t.Errorf("not yet valid %v, expired %v, %d days left", c.NotYetValid(tt.now), c.Expired(tt.now), c.DaysLeft(tt.now))
			}
			if got := c.LeftText(tt.now); got != tt.left {
				t.Errorf("got %q, want %q", got, tt.left)
			}
			all := strings.Join(c.Warnings(tt.now), "\n")
			if !strings.Contains(all, tt.leading) || (tt.leading == "" && all != "") || tt.absent != "" && strings.Contains(all, tt.absent) {
				t.Errorf("warnings: %q", all)
			}
		})
	}
}

func TestCertificateWarnings(t *testing.T) {
	critical := pkix.Extension{Id: asn1.ObjectIdentifier{1, 2, 3, 4}, Critical: true, Value: []byte{5, 0}}
	for _, tt := range []struct {
		name   string
		change func(*x509.Certificate)
		want   string
	}{
		{"plain", nil, ""},
		{"for clients and servers", func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
		}, ""},
		{"for everything", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny} }, ""},
		{"for servers", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }, "leaves out client authentication"},
		{"for something unknown", func(c *x509.Certificate) {
			c.UnknownExtKeyUsage = []asn1.ObjectIdentifier{{1, 2, 3}}
		}, "leaves out client authentication"},
		{"authority", func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true }, "certificate authority"},
		{"signs certificates", func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCertSign }, "certificate authority"},
		{"critical extension", func(c *x509.Certificate) { c.ExtraExtensions = []pkix.Extension{critical} }, "critical extension"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := parsedCertificate(t, certificateDER(t, tt.change)).Warnings(certificateStart)
			if tt.want == "" && got == nil {
				return
			}
			if len(got) != 1 || !strings.Contains(got[0], tt.want) || !strings.HasSuffix(got[0], ".") {
				t.Errorf("got %q, want one sentence with %q", got, tt.want)
			}
		})
	}
}

// Equal names do not make a certificate self-signed.
func TestCertificateSelfSigned(t *testing.T) {
	_, issuer, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: certificateStart, NotAfter: certificateStart}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, issuer)
	if err != nil {
		t.Fatal(err)
	}
	if parsedCertificate(t, der).SelfSigned {
		t.Error("another key's signature counts as its own")
	}
}

// forgedCertificate is a certificate of which only the algorithms matter: the policy
// looks at them before anything can be verified.
func forgedCertificate(t *testing.T, key, signature pkix.AlgorithmIdentifier, public []byte) []byte {
	t.Helper()
	type validity struct{ NotBefore, NotAfter time.Time }
	type publicKey struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	type body struct {
		Version   int `asn1:"explicit,tag:0"`
		Serial    int
		Signature pkix.AlgorithmIdentifier
		Issuer    pkix.RDNSequence
		Validity  validity
		Subject   pkix.RDNSequence
		PublicKey publicKey
	}
	der, err := asn1.Marshal(struct {
		TBS       body
		Signature pkix.AlgorithmIdentifier
		Value     asn1.BitString
	}{
		TBS: body{
			Version: 2, Serial: 1, Signature: signature, Issuer: pkix.RDNSequence{}, Subject: pkix.RDNSequence{},
			Validity:  validity{certificateStart, certificateStart},
			PublicKey: publicKey{key, asn1.BitString{Bytes: public, BitLength: 8 * len(public)}},
		},
		Signature: signature,
		Value:     asn1.BitString{Bytes: []byte{0}, BitLength: 8},
	})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestNewCertificateRefuses(t *testing.T) {
	oid := func(arcs ...int) asn1.ObjectIdentifier { return arcs }
	algorithm := func(arcs ...int) pkix.AlgorithmIdentifier {
		return pkix.AlgorithmIdentifier{Algorithm: oid(arcs...)}
	}
	withParams := func(a pkix.AlgorithmIdentifier, params any) pkix.AlgorithmIdentifier {
		der, err := asn1.Marshal(params)
		if err != nil {
			t.Fatal(err)
		}
		a.Parameters = asn1.RawValue{FullBytes: der}
		return a
	}
	ed25519ID, ec := algorithm(1, 3, 101, 112), algorithm(1, 2, 840, 10045, 2, 1)
	rsaID := algorithm(1, 2, 840, 113549, 1, 1, 1)
	rsaID.Parameters = asn1.NullRawValue
	rsaKey := func(bits uint, e int, low uint) []byte {
		n := new(big.Int).Lsh(big.NewInt(1), bits-1)
		n.SetBit(n, 0, low)
		der, err := asn1.Marshal(struct {
			N *big.Int
			E int
		}{n, e})
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	public := make([]byte, 32)
	good := certificateDER(t, nil)
	large := certificateDER(t, func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: oid(1, 2, 3), Value: make([]byte, model.MaxCertificateSize)}}
	})
	for _, tt := range []struct {
		name string
		der  []byte
		kind error
		text string
	}{
		{"nothing", nil, model.ErrNotCertificate, "cut short"},
		{"not DER", []byte("hello"), model.ErrNotCertificate, "export it again"},
		{"cut short", good[:len(good)-1], model.ErrNotCertificate, "cut short"},
		{"another structure", []byte{0x30, 3, 2, 1, 5}, model.ErrNotCertificate, "export it again"},
		{"trailing data", append(bytes.Clone(good), 0), model.ErrTrailingData, "alone"},
		{"too large", large, model.ErrCertificateTooLarge, "16 KiB"},
		{"RSA 512", forgedCertificate(t, rsaID, ed25519ID, rsaKey(512, 65537, 1)), model.ErrRSASize, "512 bits"},
		{"RSA 2047", forgedCertificate(t, rsaID, ed25519ID, rsaKey(2047, 65537, 1)), model.ErrRSASize, "2047 bits"},
		{"RSA 8193", forgedCertificate(t, rsaID, ed25519ID, rsaKey(8193, 65537, 1)), model.ErrRSASize, "8193 bits"},
		{"RSA 16384", forgedCertificate(t, rsaID, ed25519ID, rsaKey(16384, 65537, 1)), model.ErrRSASize, "16384 bits"},
		{"RSA, exponent 1", forgedCertificate(t, rsaID, ed25519ID, rsaKey(2048, 1, 1)), model.ErrRSAForm, "protect nothing"},
		{"RSA, even exponent", forgedCertificate(t, rsaID, ed25519ID, rsaKey(2048, 4, 1)), model.ErrRSAForm, "protect nothing"},
		{"RSA, huge exponent", forgedCertificate(t, rsaID, ed25519ID, rsaKey(2048, 1<<31+1, 1)), model.ErrRSAForm, "protect nothing"},
		{"RSA, even modulus", forgedCertificate(t, rsaID, ed25519ID, rsaKey(2048, 65537, 0)), model.ErrRSAForm, "protect nothing"},
		{"RSA-PSS", forgedCertificate(t, algorithm(1, 2, 840, 113549, 1, 1, 10), ed25519ID, rsaKey(2048, 65537, 1)), model.ErrRSAPSS, "RSA-PSS"},
		{"Ed448", forgedCertificate(t, algorithm(1, 3, 101, 113), ed25519ID, public), model.ErrEd448, "Ed448"},
		{"X25519", forgedCertificate(t, algorithm(1, 3, 101, 110), ed25519ID, public), model.ErrKeyAlgorithm, "key-agreement"},
		{"unknown key", forgedCertificate(t, algorithm(1, 2, 3), ed25519ID, public), model.ErrKeyAlgorithm, "does not know"},
		{"DSA", forgedCertificate(t, withParams(algorithm(1, 2, 840, 10040, 4, 1), []*big.Int{big.NewInt(7), big.NewInt(3), big.NewInt(2)}), ed25519ID, []byte{2, 1, 5}), model.ErrKeyAlgorithm, "DSA"},
		{"P-224", forgedCertificate(t, withParams(ec, oid(1, 3, 132, 0, 33)), ed25519ID, public), model.ErrCurve, "P-224"},
		{"secp256k1", forgedCertificate(t, withParams(ec, oid(1, 3, 132, 0, 10)), ed25519ID, public), model.ErrCurve, "secp256k1"},
		{"another curve", forgedCertificate(t, withParams(ec, oid(1, 2, 3)), ed25519ID, public), model.ErrCurve, "P-256, P-384 or P-521"},
		{"explicit curve", forgedCertificate(t, withParams(ec, struct{ Version int }{1}), ed25519ID, public), model.ErrCurve, "describes its own"},
		{"no curve", forgedCertificate(t, ec, ed25519ID, public), model.ErrCurve, "describes its own"},
		{"a point off the curve", forgedCertificate(t, withParams(ec, oid(1, 2, 840, 10045, 3, 1, 7)), ed25519ID, public), model.ErrNotCertificate, "export it again"},
		{"MD2", forgedCertificate(t, ed25519ID, algorithm(1, 2, 840, 113549, 1, 1, 2), public), model.ErrSignatureAlgorithm, "SHA-256"},
		{"MD4", forgedCertificate(t, ed25519ID, algorithm(1, 2, 840, 113549, 1, 1, 3), public), model.ErrSignatureAlgorithm, "SHA-256"},
		{"MD5", forgedCertificate(t, ed25519ID, algorithm(1, 2, 840, 113549, 1, 1, 4), public), model.ErrSignatureAlgorithm, "SHA-256"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := model.NewCertificate(tt.der)
			var refusal *model.CertificateError
			if !errors.As(err, &refusal) || !errors.Is(err, tt.kind) || !errors.Is(err, model.ErrInvalid) || !strings.Contains(err.Error(), tt.text) {
				t.Fatalf("got %v, want %v with %q", err, tt.kind, tt.text)
			}
			if text := err.Error(); model.Clean(text) != text || !strings.Contains(text, ": ") || strings.HasSuffix(text, ".") {
				t.Errorf("not one clean sentence that says what to do: %q", text)
			}
			if c.DER != nil {
				t.Error("the certificate was kept")
			}
		})
	}
}

// What crypto/x509 says about a field must not bring the field along.
func TestNewCertificateQuotesNothing(t *testing.T) {
	bad := pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 17}}
	name := "evil\x1b]0;\x7f"
	bad.Value = append([]byte{0x30, byte(len(name) + 2), 0x86, byte(len(name))}, name...)
	der := certificateDER(t, func(c *x509.Certificate) { c.ExtraExtensions = []pkix.Extension{bad} })
	_, err := model.NewCertificate(der)
	if !errors.Is(err, model.ErrNotCertificate) || strings.Contains(err.Error(), "evil") {
		t.Errorf("got %v, want a refusal without the field", err)
	}
}

func TestNewCertificateAccepts(t *testing.T) {
	keys := map[string]func() (crypto.Signer, error){
		"RSA 2048":    func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 2048) },
		"ECDSA P-256": func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) },
		"ECDSA P-384": func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P384(), rand.Reader) },
		"ECDSA P-521": func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P521(), rand.Reader) },
	}
	for want, generate := range keys {
		key, err := generate()
		if err != nil {
			t.Fatal(err)
		}
		if c := parsedCertificate(t, certificateSignedBy(t, key, nil)); c.Algorithm != want || !c.SelfSigned {
			t.Errorf("got %q, self-signed %v, want %q", c.Algorithm, c.SelfSigned, want)
		}
		if want != "RSA 2048" {
			continue
		}
		c := parsedCertificate(t, certificateSignedBy(t, key, func(c *x509.Certificate) { c.SignatureAlgorithm = x509.SHA256WithRSAPSS }))
		if !c.SelfSigned || c.SignatureAlgorithm != "SHA256-RSAPSS" {
			t.Errorf("signed with PSS: %q, self-signed %v", c.SignatureAlgorithm, c.SelfSigned)
		}
	}
}

func FuzzNewCertificate(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0x30, 3, 2, 1, 5})
	f.Add(certificateDER(f, nil))
	f.Add(certificateDER(f, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }))
	f.Fuzz(func(t *testing.T, der []byte) {
		c, err := model.NewCertificate(der)
		if err != nil {
			if !errors.Is(err, model.ErrInvalid) || model.Clean(err.Error()) != err.Error() {
				t.Fatalf("got %q, want a clean refusal", err)
			}
			return
		}
		if !bytes.Equal(c.DER, der) || c.SHA256 != sha256.Sum256(der) {
			t.Fatal("not the certificate that was given")
		}
		data, err := json.Marshal(c)
		var back model.Certificate
		if err == nil {
			err = json.Unmarshal(data, &back)
		}
		if err != nil || back.SHA256 != c.SHA256 || !back.NotAfter.Equal(c.NotAfter) {
			t.Fatalf("through JSON: %v", err)
		}
	})
}
