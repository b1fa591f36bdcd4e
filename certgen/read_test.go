package certgen_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"dev.keyward/keyward/certgen"
	"dev.keyward/keyward/model"
)

func utf16Bytes(order binary.AppendByteOrder, s string) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune("\ufeff" + s)) {
		b = order.AppendUint16(b, unit)
	}
	return b
}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

func TestParseAccepts(t *testing.T) {
	p := pair(t, certgen.P256)
	der, text := p.Certificate.DER, string(p.CertificatePEM())
	bare := base64.StdEncoding.EncodeToString(der)
	preamble := "Certificate:\n    Data:\n        Subject: CN=client\n0 s:/CN=client\n"
	for name, data := range map[string][]byte{
		"DER":              der,
		"PEM":              []byte(text),
		"no last newline":  []byte(strings.TrimSpace(text)),
		"CRLF":             []byte(crlf(text)),
		"CR":               []byte(strings.ReplaceAll(text, "\n", "\r")),
		"UTF-8 BOM":        []byte("\ufeff" + text),
		"UTF-8 BOM, CRLF":  []byte("\ufeff" + crlf(text)),
		"UTF-16LE":         utf16Bytes(binary.LittleEndian, crlf(text)),
		"UTF-16BE":         utf16Bytes(binary.BigEndian, text),
		"preamble":         []byte(preamble + text),
		"preamble from 0":  []byte("0 s:/CN=client\n" + text),
		"preamble, CRLF":   []byte(crlf(preamble + text)),
		"blank lines":      []byte("\n\n" + text + "\r\n \t\n"),
		"indented":         []byte("    " + strings.ReplaceAll(text, "\n", "\n    ")),
		"bare Base64":      []byte(bare + "\n"),
		"X509 CERTIFICATE": []byte(strings.ReplaceAll(text, "CERTIFICATE", "X509 CERTIFICATE")),
	} {
		t.Run(name, func(t *testing.T) {
			data := bytes.Clone(data)
			c, err := certgen.Parse(data)
			if err != nil || c.SHA256 != p.Certificate.SHA256 || !bytes.Equal(c.DER, der) {
				t.Fatalf("got %v, %v", c.SHA256, err)
			}
			clear(data) // What was kept is a copy.
			if model.FingerprintOf(c.DER) != c.SHA256 {
				t.Error("the certificate still points into what was read")
			}
		})
	}
}

// refused checks a refusal: its kind, one clean line, something to do, and
// nothing of the input in it.
func refused(t *testing.T, input []byte, err, kind error) {
	t.Helper()
	var refusal *model.CertificateError
	if !errors.As(err, &refusal) || !errors.Is(err, kind) || !errors.Is(err, model.ErrInvalid) {
		t.Fatalf("got %v, want a refusal as %v", err, kind)
	}
	message := refusal.Error()
	if model.Clean(message) != message || !strings.Contains(message, ": ") || strings.HasSuffix(message, ".") {
		t.Errorf("not one clean sentence that says what to do: %q", message)
	}
	for i := 0; i+16 <= len(input); i++ {
		window := string(input[i : i+16])
		if strings.Contains(message, window) && !strings.Contains(window, " ") {
			t.Errorf("the refusal quotes the input: %q", window)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	p := pair(t, certgen.P256)
	der, text, key := p.Certificate.DER, string(p.CertificatePEM()), string(keyPEM(t, p))
	other := string(pair(t, certgen.Ed25519).CertificatePEM())
	keyBase64 := strings.Join(strings.Split(strings.TrimSpace(key), "\n")[1:4], "\n")
	pvk := "\x1e\xf1\xb5\xb0\x00\x00\x00\x00\x01\x00\x00\x00"
	blob := func(kind, magic string) string {
		return kind + "\x02\x00\x00\x00\xa4\x00\x00" + magic + "\x00\x08\x00\x00"
	}
	relabel := func(s, label string) string { return strings.ReplaceAll(s, "CERTIFICATE", label) }
	for _, tt := range []struct {
		name string
		data string
		kind error
	}{
		{"nothing", "", certgen.ErrEmpty},
		{"blanks", " \r\n\t\n", certgen.ErrEmpty},
		{"BOM only", "\ufeff\n", certgen.ErrEmpty},
		{"zeros", strings.Repeat("\x00", 100), certgen.ErrEmpty},
		{"prose", "hello, this is not a certificate", model.ErrNotCertificate},
		{"binary", "\x7fELF\x02\x01\x01", model.ErrNotCertificate},
		{"too large", strings.Repeat("x", certgen.MaxUpload+1), model.ErrCertificateTooLarge},
		{"PEM behind much text", strings.Repeat("x", certgen.MaxUpload) + "\n" + text, model.ErrCertificateTooLarge},
		{"key behind which is much", key + strings.Repeat("x", certgen.MaxUpload), certgen.ErrPrivateKey},
		{"key", key, certgen.ErrPrivateKey},
		{"key, UTF-16", string(utf16Bytes(binary.LittleEndian, key)), certgen.ErrPrivateKey},
		{"key, UTF-16 without BOM", string(utf16Bytes(binary.LittleEndian, key)[2:]), certgen.ErrPrivateKey},
		{"JWK", `{"kty": "EC", "crv": "P-256", "x": "YQ", "y": "YQ", "d" : "YQ"}`, certgen.ErrPrivateKey},
		{"JWK set", `{"keys":[{"d":"YQ","kty":"RSA","n":"YQ","e":"AQAB"}]}`, certgen.ErrPrivateKey},
		{"JWK, symmetric", `{"kty":"oct","k":"YQ"}`, certgen.ErrPrivateKey},
		{"JWK, UTF-16", string(utf16Bytes(binary.LittleEndian, `{"kty":"EC","d":"YQ"}`)), certgen.ErrPrivateKey},
		{"JWK, public", `{"kty":"EC","crv":"P-256","x":"YQ","y":"YQ"}`, model.ErrNotCertificate},
		{"PVK", pvk, certgen.ErrPrivateKey},
		{"PVK, Base64", base64.StdEncoding.EncodeToString([]byte(pvk)), certgen.ErrPrivateKey},
		{"MSBLOB", blob("\x07", "RSA2"), certgen.ErrPrivateKey},
		{"MSBLOB, DSS", blob("\x07", "DSS2"), certgen.ErrPrivateKey},
		{"MSBLOB, public", blob("\x06", "RSA1"), model.ErrNotCertificate},
		{"key as text", "Private-Key: (2048 bit, 2 primes)\nmodulus:\n    00:d7\nprivateExponent:\n    00:d7\n", certgen.ErrPrivateKey},
		{"key as text, older", crlf("RSA Private-Key: (2048 bit)\nmodulus:\n"), certgen.ErrPrivateKey},
		{"key as text, cut", "  privateExponent:\n      00:d7\n", certgen.ErrPrivateKey},
		{"key as text, EC", "priv:\n    ef:12\npub:\n    04:93\n" + text, certgen.ErrPrivateKey},
		{"public key as text", "Public-Key: (2048 bit)\nModulus:\n    00:d7\n", model.ErrNotCertificate},
		{"key, CR", strings.ReplaceAll(key, "\n", "\r"), certgen.ErrPrivateKey},
		{"key cut short", key[:60], certgen.ErrPrivateKey},
		{"key as bare Base64", keyBase64, certgen.ErrPrivateKey},
		{"key labelled certificate", strings.ReplaceAll(key, "PRIVATE KEY", "CERTIFICATE"), certgen.ErrPrivateKey},
		{"key labelled data, after a certificate", text + strings.ReplaceAll(key, "PRIVATE KEY", "DATA"), certgen.ErrPrivateKey},
		{"certificate and key", text + key, certgen.ErrPrivateKey},
		{"key and certificate", key + text, certgen.ErrPrivateKey},
		{"quoted key", "> " + strings.ReplaceAll(text+key, "\n", "\n> "), certgen.ErrPrivateKey},
		{"PuTTY key", "PuTTY-User-Key-File-3: ssh-ed25519\n", certgen.ErrPrivateKey},
		{"SSH2 key", "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n", certgen.ErrPrivateKey},
		{"OpenSSH public key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me", certgen.ErrPublicKey},
		{"two certificates", text + other, certgen.ErrSeveral},
		{"twice the same", text + text, certgen.ErrSeveral},
		{"two, DER", string(der) + string(pair(t, certgen.Ed25519).Certificate.DER), certgen.ErrSeveral},
		{"DER and a key", string(der) + keyDER(t, key), certgen.ErrPrivateKey},
		{"DER and more", string(der) + "x", model.ErrTrailingData},
		{"DER and a sequence", string(der) + "\x30\x03\x02\x01\x05", model.ErrTrailingData},
		{"DER and a newline", string(der) + "\n", model.ErrTrailingData},
		{"PEM and more", text + "subject=CN = x\n", model.ErrTrailingData},
		{"DER cut short", string(der[:len(der)-1]), model.ErrNotCertificate},
		{"DER header", string(der[:4]), model.ErrNotCertificate},
		{"PEM cut short", text[:len(text)-40], certgen.ErrDamaged},
		{"PEM with a bad character", strings.Replace(text, "\nMI", "\nM*", 1), certgen.ErrDamaged},
		{"PEM and half of another", text + other[:80] + "\n", certgen.ErrDamaged},
		{"trusted", relabel(text, "TRUSTED CERTIFICATE"), certgen.ErrTrusted},
		{"request by label", relabel(text, "NEW CERTIFICATE REQUEST"), certgen.ErrRequest},
		{"PKCS#7 by label", relabel(text, "PKCS7"), certgen.ErrPKCS7},
		{"CRL by label", relabel(text, "X509 CRL"), model.ErrNotCertificate},
		{"public key by label", relabel(text, "PUBLIC KEY"), certgen.ErrPublicKey},
		{"BER PFX of old Java", "\x30\x80\x02\x01\x03\x30\x80\x06\x09", certgen.ErrPFX},
		{"BER PKCS#7", "\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80", certgen.ErrPKCS7},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := certgen.Parse([]byte(tt.data))
			refused(t, []byte(tt.data), err, tt.kind)
			if c.DER != nil || c.SHA256 != (model.Digest{}) {
				t.Error("something of it was kept")
			}
		})
	}
}

func keyDER(t *testing.T, key string) string {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(key), "\n")
	der, err := base64.StdEncoding.DecodeString(strings.Join(lines[1:len(lines)-1], ""))
	if err != nil {
		t.Fatal(err)
	}
	return string(der)
}

func TestRead(t *testing.T) {
	p := pair(t, certgen.P256)
	dir := t.TempDir()
	for _, name := range []string{"a.cer", "a.crt", "a.pem", "a.der", "A.TXT", "no ending", "-rf", "ünicode.crt"} {
		for form, data := range map[string][]byte{"DER": p.Certificate.DER, "PEM": p.CertificatePEM()} {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			if c, err := certgen.Read(path); err != nil || c.SHA256 != p.Certificate.SHA256 {
				t.Errorf("%s as %s: %v", name, form, err)
			}
		}
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink("a.cer", link); err != nil {
		t.Fatal(err)
	}
	if _, err := certgen.Read(link); err != nil {
		t.Errorf("symbolic link: %v", err)
	}
}

func TestReadRefuses(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	link := filepath.Join(dir, "dangling")
	if err := os.Symlink("nowhere", link); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, path string
		kind       error
	}{
		{"missing", filepath.Join(dir, "missing"), fs.ErrNotExist},
		{"dangling link", link, fs.ErrNotExist},
		{"directory", dir, certgen.ErrNotRegular},
		{"empty", file("empty", nil), certgen.ErrEmpty},
		{"too large", file("large", make([]byte, certgen.MaxUpload+1)), model.ErrCertificateTooLarge},
		{"key", file("key", keyPEM(t, pair(t, certgen.P256))), certgen.ErrPrivateKey},
		{"hostile name", file("a\x1b]0;x\x07\u202e.crt", nil), certgen.ErrEmpty},
	} {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			_, err := certgen.Read(tt.path)
			refused(t, nil, err, tt.kind)
			if text := err.Error(); model.Clean(text) != text || !strings.HasPrefix(text, "reading \"") {
				t.Errorf("got %q, want one clean line that names the file", text)
			}
			if took := time.Since(start); took > hangs {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestReadPassword(t *testing.T) {
	for _, tt := range []struct{ name, content, want, refusal string }{
		{"a line", "secret\n", "secret", ""},
		{"no line end", "secret", "secret", ""},
		{"CRLF", "secret\r\n", "secret", ""},
		{"first line only", " a b \nmore\n", " a b ", ""},
		{"as long as can be", strings.Repeat("x", certgen.MaxPassword) + "\r\n", strings.Repeat("x", certgen.MaxPassword), ""},
		{"empty", "", "", "first line is empty"},
		{"empty line", "\nsecret\n", "", "first line is empty"},
		{"too long", strings.Repeat("x", certgen.MaxPassword+1) + "\n", "", "longer than 4 KiB"},
		{"far too long", strings.Repeat("x", 1<<20), "", "longer than 4 KiB"},
	} {
		got, err := certgen.ReadPassword(write(t, "password", []byte(tt.content)))
		if got != tt.want || (err != nil) != (tt.refusal != "") || err != nil && !strings.Contains(err.Error(), tt.refusal) {
			t.Errorf("%s: got %d bytes, %v", tt.name, len(got), err)
		}
		if err != nil && (!errors.Is(err, model.ErrInvalid) || strings.Contains(err.Error(), "xxx")) {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
	if _, err := certgen.ReadPassword(filepath.Join(t.TempDir(), "a\x1b")); !errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("missing file: %v", err)
	}
	if _, err := certgen.ReadPassword(t.TempDir()); err == nil {
		t.Error("read a password from a directory")
	}
}
