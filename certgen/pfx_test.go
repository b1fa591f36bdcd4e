package certgen_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"dev.keyward/keyward/certgen"
	"dev.keyward/keyward/internal/race"
	"dev.keyward/keyward/model"
	"software.sslmate.com/src/go-pkcs12"
)

func pfx(t testing.TB, p certgen.Pair, o certgen.PFXOptions) []byte {
	t.Helper()
	data, err := p.PFX(o)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Another implementation reads what we write, with keys of each kind.
func TestPFXReadByAnother(t *testing.T) {
	for _, legacy := range []bool{false, true} {
		for _, a := range []certgen.Algorithm{certgen.P256, certgen.RSA2048, certgen.Ed25519}[:race.Sample(3, 1)] {
			passwords := []string{"pässwörd 日本"}
			if legacy { // Quick, and its derivation is the one with corners.
				passwords = append(passwords, "x", strings.Repeat("p", 31), strings.Repeat("p", 32), strings.Repeat("p", 300))
			}
			for _, password := range passwords {
				p := pair(t, a)
				data := pfx(t, p, certgen.PFXOptions{Name: "selfsignedcert", Password: password, Legacy: legacy})
				key, certificate, err := pkcs12.Decode(data, password)
				if err != nil {
					t.Fatalf("%s, legacy %v, password of %d bytes: %v", a, legacy, len(password), err)
				}
				if model.FingerprintOf(certificate.Raw) != p.Certificate.SHA256 || key == nil {
					t.Errorf("%s: another certificate came out", a)
				}
			}
		}
	}
}

// openssl opens our PKCS#12 in both forms, without its legacy provider, and
// shows the friendly name of key and certificate.
func TestPFXReadByOpenSSL(t *testing.T) {
	for _, legacy := range []bool{false, true} {
		for _, a := range []certgen.Algorithm{certgen.P256, certgen.RSA2048, certgen.Ed25519}[:race.Sample(3, 1)] {
			p := pair(t, a)
			file := write(t, "x.pfx", pfx(t, p, certgen.PFXOptions{Name: "selfsignedcert", Password: "pässwörd 😀", Legacy: legacy}))
			out := openssl(t, "pkcs12", "-in", file, "-info", "-nodes", "-passin", "pass:pässwörd 😀")
			if got := strings.Count(out, "friendlyName: selfsignedcert"); got != 2 {
				t.Errorf("%s, legacy %v: %d friendly names, want 2:\n%s", a, legacy, got, out)
			}
			want := map[bool]string{false: "PBES2, PBKDF2, AES-256-CBC", true: "pbeWithSHA1And3-KeyTripleDES-CBC"}[legacy]
			if strings.Count(out, want) != 2 || !strings.Contains(out, "MAC verified") && !strings.Contains(out, "MAC: ") {
				t.Errorf("%s, legacy %v: want %s twice and a MAC:\n%s", a, legacy, want, out)
			}
			key := openssl(t, "pkcs12", "-in", file, "-nocerts", "-nodes", "-passin", "pass:pässwörd 😀")
			if _, key, _ = strings.Cut(key, "-----BEGIN"); "-----BEGIN"+key != string(keyPEM(t, p)) {
				t.Errorf("%s: another key came out", a)
			}
			extracted := filepath.Join(t.TempDir(), "client.crt")
			openssl(t, "pkcs12", "-in", file, "-clcerts", "-nokeys", "-out", extracted, "-passin", "pass:pässwörd 😀")
			if c, err := certgen.Read(extracted); err != nil || c.SHA256 != p.Certificate.SHA256 {
				t.Errorf("%s: reading what the refusal of a PFX tells to make: %v", a, err)
			}
		}
	}
}

func TestPFXNameOutsideASCII(t *testing.T) {
	const name = "Schlüssel 日本"
	data := pfx(t, pair(t, certgen.P256), certgen.PFXOptions{Name: name, Password: "x"})
	if bmp := utf16Bytes(binary.BigEndian, name)[2:]; !bytes.Contains(data, bmp) {
		t.Error("the key bag, which is in the clear around the key, lacks the name")
	}
	out := openssl(t, "pkcs12", "-in", write(t, "x.pfx", data), "-info", "-nodes", "-passin", "pass:x")
	names, ids := attributeLines(out, "friendlyName: "), attributeLines(out, "localKeyID: ")
	if len(names) != 2 || names[0] != names[1] || !strings.Contains(names[0], "Schl") {
		t.Errorf("names of key and certificate: %q", names)
	}
	if len(ids) != 2 || ids[0] != ids[1] || len(ids[0]) < 40 {
		t.Errorf("key and certificate are not tied together: %q", ids)
	}
}

func attributeLines(out, prefix string) []string {
	var values []string
	for line := range strings.Lines(out) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), prefix); ok {
			values = append(values, value)
		}
	}
	return values
}

func TestPFXRefuses(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options certgen.PFXOptions
		field   string
	}{
		{"no password", certgen.PFXOptions{Name: "x"}, "password"},
		{"password with zero", certgen.PFXOptions{Name: "x", Password: "a\x00b"}, "password"},
		{"password not UTF-8", certgen.PFXOptions{Name: "x", Password: "a\xff"}, "password"},
		{"long password", certgen.PFXOptions{Name: "x", Password: strings.Repeat("a", 4097)}, "password"},
		{"no name", certgen.PFXOptions{Password: "x"}, "name"},
		{"long name", certgen.PFXOptions{Name: strings.Repeat("x", 256), Password: "x"}, "name"},
		{"control in name", certgen.PFXOptions{Name: "a\nb", Password: "x"}, "name"},
	} {
		_, err := pair(t, certgen.P256).PFX(tt.options)
		var input *model.InputError
		if !errors.As(err, &input) || input.Field != tt.field {
			t.Errorf("%s: got %v, want a refusal of the %s", tt.name, err, tt.field)
		}
	}
	if _, err := pair(t, certgen.P256).PFX(certgen.PFXOptions{Name: "x", Password: "x", Rand: strings.NewReader("short")}); err == nil {
		t.Error("made a PFX without randomness")
	}
}

// A second file with the same password shares nothing with the first.
func TestPFXIsSalted(t *testing.T) {
	o := certgen.PFXOptions{Name: "x", Password: "x", Legacy: true}
	a, b := pfx(t, pair(t, certgen.Ed25519), o), pfx(t, pair(t, certgen.Ed25519), o)
	if string(a[len(a)/2:]) == string(b[len(b)/2:]) {
		t.Error("two files are alike")
	}
}

func TestPFXWrongPassword(t *testing.T) {
	file := write(t, "x.pfx", pfx(t, pair(t, certgen.P256), certgen.PFXOptions{Name: "x", Password: "right"}))
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := pkcs12.Decode(data, "wrong"); !errors.Is(err, pkcs12.ErrIncorrectPassword) {
		t.Errorf("wrong password: %v", err)
	}
	openssl(t, "pkcs12", "-in", file, "-noout", "-passin", "pass:right")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if err := exec.CommandContext(ctx, "openssl", "pkcs12", "-in", file, "-noout", "-passin", "pass:wrong").Run(); err == nil {
		t.Error("openssl opened it with a wrong password")
	}
}
