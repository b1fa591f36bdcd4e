package certgen_test

import (
	"bytes"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dev.keyward/keyward/certgen"
	"dev.keyward/keyward/model"
)

// digits are those of `openssl x509 -fingerprint`.
func digits(t *testing.T, path, hash string) string {
	t.Helper()
	_, colons, _ := strings.Cut(strings.TrimSpace(openssl(t, "x509", "-in", path, "-noout", "-fingerprint", "-"+hash)), "=")
	return strings.ReplaceAll(colons, ":", "")
}

func same(t *testing.T, path string, c model.Certificate) {
	t.Helper()
	if got, want := c.Thumbprint(), digits(t, path, "sha1"); got != want {
		t.Errorf("thumbprint %s, openssl's %s", got, want)
	}
	if got, want := c.Fingerprint(), digits(t, path, "sha256"); got != want {
		t.Errorf("fingerprint %s, openssl's %s", got, want)
	}
	if got, want := "serial="+c.Serial, strings.TrimSpace(openssl(t, "x509", "-in", path, "-noout", "-serial")); got != want {
		t.Errorf("got %s, openssl says %s", got, want)
	}
}

// The recipe of the documentation, to the letter: what it makes is accepted,
// in every form that openssl writes.
func TestSeedRecipe(t *testing.T) {
	dir := t.TempDir()
	key, crt := filepath.Join(dir, "selfsigned.key"), filepath.Join(dir, "selfsigned.crt")
	openssl(t, "req", "-x509", "-newkey", "rsa:4096", "-sha256", "-keyout", key, "-out", crt, "-subj", "/", "-days", "600", "-nodes")
	c, err := certgen.Read(crt)
	if err != nil {
		t.Fatal(err)
	}
	same(t, crt, c)
	if c.Algorithm != "RSA 4096" || c.Subject != "" || !c.SelfSigned || c.SubjectText() != "(no subject), serial "+c.Serial {
		t.Errorf("got %s, subject %q, self-signed %v", c.Algorithm, c.Subject, c.SelfSigned)
	}
	for _, args := range [][]string{{"-outform", "DER"}, {"-text"}, {"-text", "-fingerprint"}} {
		out := filepath.Join(dir, "again.cer")
		openssl(t, append([]string{"x509", "-in", crt, "-out", out}, args...)...)
		if again, err := certgen.Read(out); err != nil || again.SHA256 != c.SHA256 {
			t.Errorf("openssl x509 %v: %v", args, err)
		}
	}
	trusted := filepath.Join(dir, "trusted.crt")
	openssl(t, "x509", "-in", crt, "-trustout", "-addtrust", "clientAuth", "-out", trusted)
	_, err = certgen.Read(trusted)
	refused(t, nil, err, certgen.ErrTrusted)
	for _, args := range [][]string{{}, {"-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1"}} {
		out := filepath.Join(dir, "selfsigned.pfx")
		openssl(t, append([]string{"pkcs12", "-export", "-name", "selfsignedcert", "-out", out, "-inkey", key, "-in", crt, "-passout", "pass:x"}, args...)...)
		_, err := certgen.Read(out)
		refused(t, nil, err, certgen.ErrPFX)
		for _, part := range []string{"usually holds the private key", "treat that key as exposed if the file left its owner", "openssl pkcs12 -in FILE"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("got %v, want it to say %q", err, part)
			}
		}
	}
}

func TestOurCertificatesInOpenSSL(t *testing.T) {
	for _, a := range certgen.Algorithms() {
		t.Run(a.String(), func(t *testing.T) {
			p := pair(t, a)
			w, err := p.Write(certgen.WriteOptions{Dir: t.TempDir(), Name: "x"})
			if err != nil {
				t.Fatal(err)
			}
			same(t, w.Certificate, p.Certificate)
			same(t, w.DER, p.Certificate)
			openssl(t, "verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", w.Certificate, w.Certificate)
			openssl(t, "pkey", "-in", w.Key, "-noout", "-check")
			if openssl(t, "pkey", "-in", w.Key, "-pubout") != openssl(t, "x509", "-in", w.Certificate, "-noout", "-pubkey") {
				t.Error("the key is not the certificate's")
			}
		})
	}
}

// What openssl makes that a client cannot use, each as its own refusal.
func TestUnusableKeys(t *testing.T) {
	for _, tt := range []struct {
		name string
		key  []string
		hash string
		kind error
	}{
		{"RSA 1024", []string{"-newkey", "rsa:1024"}, "sha256", model.ErrRSASize},
		{"RSA 2047", []string{"-newkey", "rsa:2047"}, "sha256", model.ErrRSASize},
		{"RSA-PSS", []string{"-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048"}, "sha256", model.ErrRSAPSS},
		{"Ed448", []string{"-newkey", "ed448"}, "", model.ErrEd448},
		{"P-224", []string{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-224"}, "sha256", model.ErrCurve},
		{"P-192", []string{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-192"}, "sha256", model.ErrCurve},
		{"secp256k1", []string{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"}, "sha256", model.ErrCurve},
		{"brainpool", []string{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1"}, "sha256", model.ErrCurve},
		{"explicit parameters", []string{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt", "ec_param_enc:explicit"}, "sha256", model.ErrCurve},
		{"MD5", []string{"-newkey", "rsa:2048"}, "md5", model.ErrSignatureAlgorithm},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			out := filepath.Join(dir, "x.crt")
			args := append([]string{"req", "-x509", "-nodes", "-subj", "/CN=x", "-keyout", filepath.Join(dir, "k"), "-out", out}, tt.key...)
			if tt.hash != "" {
				args = append(args, "-"+tt.hash)
			}
			openssl(t, args...)
			_, err := certgen.Read(out)
			data, _ := os.ReadFile(out)
			refused(t, data, err, tt.kind)
		})
	}
}

func TestSHA1IsWarnedAbout(t *testing.T) {
	key, out := write(t, "k", keyPEM(t, pair(t, certgen.RSA2048))), filepath.Join(t.TempDir(), "x.crt")
	openssl(t, "req", "-x509", "-new", "-key", key, "-sha1", "-subj", "/", "-out", out)
	c, err := certgen.Read(out)
	if err != nil {
		t.Fatal(err)
	}
	if w := strings.Join(c.Warnings(c.NotBefore), "\n"); !c.SelfSigned || !strings.Contains(w, "SHA-1") {
		t.Errorf("self-signed %v, warnings %q", c.SelfSigned, w)
	}
}

// What openssl writes that is no certificate, in PEM and in DER.
func TestNotCertificates(t *testing.T) {
	dir := t.TempDir()
	rsaKey := write(t, "rsa", keyPEM(t, pair(t, certgen.RSA2048)))
	ecKey := write(t, "ec", keyPEM(t, pair(t, certgen.P256)))
	edKey := write(t, "ed", keyPEM(t, pair(t, certgen.Ed25519)))
	crt := write(t, "crt", pair(t, certgen.P256).CertificatePEM())
	dsa := filepath.Join(dir, "dsa")
	openssl(t, "genpkey", "-genparam", "-algorithm", "DSA", "-pkeyopt", "dsa_paramgen_bits:1024", "-out", dsa+"p")
	openssl(t, "genpkey", "-paramfile", dsa+"p", "-out", dsa)
	for _, tt := range []struct {
		name string
		args []string
		kind error
	}{
		{"PKCS#8 RSA", []string{"pkcs8", "-topk8", "-nocrypt", "-in", rsaKey}, certgen.ErrPrivateKey},
		{"PKCS#8 EC", []string{"pkcs8", "-topk8", "-nocrypt", "-in", ecKey}, certgen.ErrPrivateKey},
		{"PKCS#8 Ed25519", []string{"pkcs8", "-topk8", "-nocrypt", "-in", edKey}, certgen.ErrPrivateKey},
		{"PKCS#8 DSA", []string{"pkcs8", "-topk8", "-nocrypt", "-in", dsa}, certgen.ErrPrivateKey},
		{"encrypted PKCS#8", []string{"pkcs8", "-topk8", "-passout", "pass:x", "-in", rsaKey}, certgen.ErrPrivateKey},
		{"encrypted PKCS#8, old", []string{"pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES", "-passout", "pass:x", "-in", ecKey}, certgen.ErrPrivateKey},
		{"PKCS#1", []string{"rsa", "-traditional", "-in", rsaKey}, certgen.ErrPrivateKey},
		{"SEC 1", []string{"ec", "-in", ecKey}, certgen.ErrPrivateKey},
		{"DSA", []string{"dsa", "-in", dsa}, certgen.ErrPrivateKey},
		{"request", []string{"req", "-new", "-key", ecKey, "-subj", "/CN=x"}, certgen.ErrRequest},
		{"request without subject", []string{"req", "-new", "-key", rsaKey, "-subj", "/"}, certgen.ErrRequest},
		{"PKCS#7", []string{"crl2pkcs7", "-nocrl", "-certfile", crt}, certgen.ErrPKCS7},
		{"public key", []string{"pkey", "-in", ecKey, "-pubout"}, certgen.ErrPublicKey},
		{"RSA public key", []string{"rsa", "-in", rsaKey, "-RSAPublicKey_out"}, certgen.ErrPublicKey},
		{"Ed25519 public key", []string{"pkey", "-in", edKey, "-pubout"}, certgen.ErrPublicKey},
	} {
		for _, form := range []string{"PEM", "DER"} {
			t.Run(tt.name+" "+form, func(t *testing.T) {
				out := filepath.Join(dir, "out")
				openssl(t, append(tt.args, "-out", out, "-outform", form)...)
				data, err := os.ReadFile(out)
				if err != nil {
					t.Fatal(err)
				}
				_, err = certgen.Read(out)
				refused(t, data, err, tt.kind)
				if _, err := certgen.Parse(append(bytes.Clone(data), pair(t, certgen.P256).CertificatePEM()...)); err == nil {
					t.Error("a certificate after it was accepted")
				}
				if form == "DER" {
					relabelled := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: data})
					_, err = certgen.Parse(relabelled)
					refused(t, data, err, tt.kind)
				}
			})
		}
	}
	encrypted := filepath.Join(dir, "encrypted")
	openssl(t, "rsa", "-traditional", "-in", rsaKey, "-aes128", "-passout", "pass:x", "-out", encrypted)
	_, err := certgen.Read(encrypted)
	refused(t, nil, err, certgen.ErrPrivateKey)
}

func TestOpenSSHKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "id")
	run(t, "", "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path)
	_, err := certgen.Read(path)
	refused(t, nil, err, certgen.ErrPrivateKey)
	_, err = certgen.Read(path + ".pub")
	refused(t, nil, err, certgen.ErrPublicKey)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(data), []byte("\n"))
	_, err = certgen.Parse(bytes.Join(lines[1:len(lines)-1], []byte("\n")))
	refused(t, nil, err, certgen.ErrPrivateKey)
}
