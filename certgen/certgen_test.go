package certgen_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dev.keyward/keyward/certgen"
	"dev.keyward/keyward/model"
)

// pairs makes each kind of key once for all tests, because RSA keys are slow.
var pairs = func() map[certgen.Algorithm]func() (certgen.Pair, error) {
	m := map[certgen.Algorithm]func() (certgen.Pair, error){}
	for _, a := range certgen.Algorithms() {
		m[a] = sync.OnceValues(func() (certgen.Pair, error) {
			return certgen.Generate(context.Background(), certgen.Options{Algorithm: a, Subject: "/CN=client/O=Example"})
		})
	}
	return m
}()

func pair(t testing.TB, a certgen.Algorithm) certgen.Pair {
	t.Helper()
	p, err := pairs[a]()
	if err != nil {
		t.Fatalf("generating %s: %v", a, err)
	}
	return p
}

// openssl runs openssl and returns what it prints, both streams. Without
// openssl the test is skipped, which CI does not allow.
func openssl(t testing.TB, args ...string) string {
	t.Helper()
	return run(t, "", "openssl", args...)
}

func run(t testing.TB, stdin, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed", name)
	}
	if err != nil {
		t.Skipf("SKIPPED: %s is not installed", name)
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// write puts data into a new file and returns its path.
func write(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func keyPEM(t testing.TB, p certgen.Pair) []byte {
	t.Helper()
	data, err := p.KeyPEM()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestGenerate(t *testing.T) {
	names := map[certgen.Algorithm]string{
		certgen.RSA4096: "RSA 4096", certgen.RSA2048: "RSA 2048",
		certgen.P256: "ECDSA P-256", certgen.Ed25519: "Ed25519",
	}
	for _, a := range certgen.Algorithms() {
		t.Run(a.String(), func(t *testing.T) {
			t.Parallel()
			p := pair(t, a)
			c := p.Certificate
			if c.Algorithm != names[a] || c.Subject != "O=Example,CN=client" || c.Issuer != c.Subject || !c.SelfSigned {
				t.Errorf("got %q, subject %q, issuer %q, self-signed %v", c.Algorithm, c.Subject, c.Issuer, c.SelfSigned)
			}
			if got := c.NotAfter.Sub(c.NotBefore); got != 600*24*time.Hour {
				t.Errorf("valid for %v, want 600 days", got)
			}
			if w := c.Warnings(time.Now()); w != nil {
				t.Errorf("warnings about our own certificate: %q", w)
			}
			parsed, err := x509.ParseCertificate(c.DER)
			if err != nil {
				t.Fatal(err)
			}
			if parsed.IsCA || parsed.KeyUsage != x509.KeyUsageDigitalSignature || len(parsed.SerialNumber.Bytes()) < 12 {
				t.Errorf("CA %v, key usage %b, serial %v", parsed.IsCA, parsed.KeyUsage, parsed.SerialNumber)
			}
			got, err := certgen.Parse(p.CertificatePEM())
			if err != nil || got.SHA256 != c.SHA256 {
				t.Errorf("reading our own: %v, %v", got, err)
			}
		})
	}
}

func TestGenerateOptions(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 890, time.FixedZone("far", 3600))
	p, err := certgen.Generate(t.Context(), certgen.Options{
		Algorithm: certgen.Ed25519, Subject: "/", Days: 36500,
		Now:  func() time.Time { return now },
		Rand: strings.NewReader("0123456789abcdef"),
	})
	if err != nil {
		t.Fatal(err)
	}
	c := p.Certificate
	if want := time.Date(2026, 3, 4, 4, 6, 7, 0, time.UTC); !c.NotBefore.Equal(want) {
		t.Errorf("valid from %v, want %v", c.NotBefore, want)
	}
	if got := c.DaysLeft(now); got != 36500 {
		t.Errorf("%d days left a moment after the start, want 36500", got)
	}
	if want := fmt.Sprintf("%X", "0123456789abcdef"); c.Serial != want {
		t.Errorf("serial %s, want %s", c.Serial, want)
	}
	if c.Subject != "" || c.SubjectText() != "(no subject), serial "+c.Serial || c.IssuerText() != "(no issuer: the certificate names none)" {
		t.Errorf("subject %q shown as %q", c.Subject, c.SubjectText())
	}
}

func TestGenerateRefuses(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options certgen.Options
		field   string
		text    string
	}{
		{"negative days", certgen.Options{Days: -1}, "days", "1 to 36500"},
		{"too many days", certgen.Options{Days: 36501}, "days", "1 to 36500"},
		{"algorithm", certgen.Options{Algorithm: 9}, "algorithm", "Algorithm(9)"},
		{"no slash", certgen.Options{Subject: "CN=x"}, "subject", "begins with a slash"},
		{"no equals sign", certgen.Options{Subject: "/CN=x/y"}, "subject", "equals sign"},
		{"slash in value", certgen.Options{Subject: "/CN=x/y/O=z"}, "subject", `write \/`},
		{"several values", certgen.Options{Subject: "/CN=x+O=y"}, "subject", `write \+`},
		{"last backslash", certgen.Options{Subject: `/CN=x\`}, "subject", `write \\`},
		{"unknown part", certgen.Options{Subject: "/XX=y"}, "subject", "use CN, O"},
		{"no part", certgen.Options{Subject: "/=y"}, "subject", "use CN, O"},
		{"no value", certgen.Options{Subject: "/CN="}, "subject", "no value"},
		{"double slash", certgen.Options{Subject: "//CN=x"}, "subject", "equals sign"},
		{"country", certgen.Options{Subject: "/C=Germany"}, "subject", "two letters"},
		{"long name", certgen.Options{Subject: "/CN=" + strings.Repeat("ü", 65)}, "subject", "at most 64"},
		{"long subject", certgen.Options{Subject: strings.Repeat("/CN=x", 300)}, "subject", "1024"},
		{"control", certgen.Options{Subject: "/CN=a\x1b]0;b"}, "subject", "control"},
		{"bidi", certgen.Options{Subject: "/CN=a\u202eb"}, "subject", "control"},
		{"not UTF-8", certgen.Options{Subject: "/CN=a\xff"}, "subject", "control"},
		{"e-mail", certgen.Options{Subject: "/emailAddress=ä@b"}, "subject", "ASCII"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := certgen.Generate(t.Context(), tt.options)
			var input *model.InputError
			if !errors.As(err, &input) || input.Field != tt.field || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("got %#v, want a refusal of the %s that says %q", err, tt.field, tt.text)
			}
			if !errors.Is(err, model.ErrInvalid) || strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("got %q, want one clean line that is invalid input", err)
			}
		})
	}
}

// hangs is how long nothing takes that does not hang, on a busy machine.
const hangs = 20 * time.Second

func TestGenerateCancelled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("escape was pressed")
	cancel(reason)
	start := time.Now()
	_, err := certgen.Generate(ctx, certgen.Options{})
	if !errors.Is(err, reason) && err != nil {
		t.Errorf("got %v, want %v", err, reason)
	}
	if took := time.Since(start); err == nil || took > hangs {
		t.Errorf("returned after %v with %v", took, err)
	}
}

func TestGenerateWithoutRandomness(t *testing.T) {
	_, err := certgen.Generate(t.Context(), certgen.Options{Algorithm: certgen.P256, Rand: strings.NewReader("short")})
	if err == nil || !strings.Contains(err.Error(), "serial") {
		t.Errorf("got %v, want a failure to choose a serial number", err)
	}
}

func TestParseAlgorithm(t *testing.T) {
	for _, a := range certgen.Algorithms() {
		if got, err := certgen.ParseAlgorithm(strings.ToUpper(a.String())); err != nil || got != a {
			t.Errorf("%s: got %v, %v", a, got, err)
		}
	}
	if got, err := certgen.ParseAlgorithm(""); err != nil || got != certgen.RSA4096 {
		t.Errorf("default: got %v, %v", got, err)
	}
	if _, err := certgen.ParseAlgorithm("dsa\x1b"); !errors.Is(err, model.ErrInvalid) || !strings.Contains(err.Error(), "rsa4096, rsa2048, p256, ed25519") || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("got %q", err)
	}
}

// A pair that reaches a log or a panic must not take its key there.
func TestPairPrintsNoKey(t *testing.T) {
	p := pair(t, certgen.Ed25519)
	secret := p.Key().(interface{ Seed() []byte }).Seed()
	nested := struct{ inner certgen.Pair }{p}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		for _, value := range []any{p, &p, nested, &nested} {
			got := fmt.Sprintf(verb, value)
			decimal := strings.Trim(fmt.Sprint(secret[:8]), "[]")
			for _, leak := range []string{fmt.Sprintf("%x", secret[:8]), decimal, strings.ReplaceAll(decimal, " ", ", "), string(secret[:8])} {
				if strings.Contains(got, leak) {
					t.Errorf("%s of %T shows the key", verb, value)
				}
			}
		}
	}
}

// Subjects mean what they mean to openssl.
func TestSubjectsAsOpenSSL(t *testing.T) {
	dir := t.TempDir()
	key := write(t, "k.pem", keyPEM(t, pair(t, certgen.P256)))
	for i, subject := range []string{
		"/", "/CN=x", "/CN=x/O=y", "/C=DE/ST=Hessen/L=Köln/O=a, b/OU=c=d/CN=e",
		`/CN=a\/b\+c\\d\"e`, "/CN= padded ", "/CN=#x", "/DC=com/DC=example/UID=me/CN=x", "/emailAddress=me@example.com",
		"/serialNumber=12/CN=<x>;y", "/CN=日本語",
	} {
		out := filepath.Join(dir, fmt.Sprint(i))
		openssl(t, "req", "-x509", "-new", "-key", key, "-utf8", "-subj", subject, "-out", out)
		theirs, err := certgen.Read(out)
		if err != nil {
			t.Fatalf("%s: %v", subject, err)
		}
		ours, err := certgen.Generate(t.Context(), certgen.Options{Algorithm: certgen.Ed25519, Subject: subject})
		if err != nil {
			t.Fatalf("%s: %v", subject, err)
		}
		if ours.Certificate.Subject != theirs.Subject {
			t.Errorf("%s: ours %q, openssl's %q", subject, ours.Certificate.Subject, theirs.Subject)
		}
		shown := strings.TrimSpace(openssl(t, "x509", "-in", out, "-noout", "-subject", "-nameopt", "RFC2253,-esc_msb,utf8"))
		if want := strings.TrimPrefix(shown, "subject="); strings.TrimSpace(theirs.Subject) != want {
			t.Errorf("%s: shown as %q, by openssl as %q", subject, theirs.Subject, want)
		}
	}
}
