package certgen_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"testing"

	"dev.keyward/keyward/certgen"
	"dev.keyward/keyward/model"
)

// FuzzParse: whatever comes in, there is a certificate or a refusal, never
// both; what is accepted is exactly one certificate and no private key.
func FuzzParse(f *testing.F) {
	p, key := pair(f, certgen.P256), keyPEM(f, pair(f, certgen.P256))
	ed := pair(f, certgen.Ed25519)
	block, _ := pem.Decode(key)
	for _, seed := range [][]byte{
		nil, p.Certificate.DER, p.CertificatePEM(), ed.Certificate.DER, ed.CertificatePEM(), key, block.Bytes,
		append(bytes.Clone(p.Certificate.DER), block.Bytes...),
		append(ed.CertificatePEM(), key...),
		append(ed.CertificatePEM(), ed.CertificatePEM()...),
		pfx(f, ed, certgen.PFXOptions{Name: "x", Password: "x", Legacy: true}),
		[]byte("\ufeffpreamble\r\n" + crlf(string(ed.CertificatePEM()))),
		[]byte("\xff\xfe0\x00\x82\x00"),
		[]byte("\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		input := bytes.Clone(data)
		c, err := certgen.Parse(data)
		if !bytes.Equal(input, data) {
			t.Fatal("the input was changed")
		}
		if err != nil {
			checkRefusal(t, c, err)
			return
		}
		if c.SHA256 != sha256.Sum256(c.DER) || len(c.DER) > model.MaxCertificateSize {
			t.Fatal("the fingerprint is not that of the DER")
		}
		if again, err := certgen.Parse(certgen.EncodePEM(c.DER)); err != nil || again.SHA256 != c.SHA256 {
			t.Fatalf("written and read again: %v", err)
		}
		for _, parse := range []func([]byte) (any, error){x509.ParsePKCS8PrivateKey} {
			if _, err := parse(c.DER); err == nil {
				t.Fatal("accepted a private key")
			}
		}
		if bytes.Contains(data, []byte("PRIVATE KEY-----\n")) || bytes.Contains(data, block.Bytes) || bytes.Contains(data, key) {
			t.Fatal("accepted with a private key beside it")
		}
	})
}

func checkRefusal(t *testing.T, c model.Certificate, err error) {
	t.Helper()
	var refusal *model.CertificateError
	if !errors.As(err, &refusal) || model.Clean(err.Error()) != err.Error() {
		t.Fatalf("got %q, want a clean refusal", err)
	}
	if c.DER != nil || c.Subject != "" || c.SHA256 != (model.Digest{}) {
		t.Fatal("something was kept of what was refused")
	}
}
