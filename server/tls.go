package server

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"dev.keyward/keyward/model"
)

// What a client may send as its certificate, before anybody knows who it is
// (security.md B6). crypto/tls itself would keep 256 KiB a connection.
const (
	maxChain      = 10
	maxChainBytes = 32 << 10
)

// tlsConfig asks for a client certificate and requires none, so that callers
// with a token connect too. Sessions are not resumed: a ticket would stand for
// a certificate whose key the client need not hold (security.md B3).
func tlsConfig(c *Certificate) *tls.Config {
	return &tls.Config{
		MinVersion:             tls.VersionTLS12,
		NextProtos:             []string{"h2", "http/1.1"}, // said outright: a plain listener that starts first would settle it without h2
		ClientAuth:             tls.RequestClientCert,
		SessionTicketsDisabled: true,
		GetCertificate:         c.get,
		VerifyConnection:       verifyClient,
	}
}

// verifyClient ends a handshake whose client certificate nobody could have
// registered. Who the caller is, and whether it may pass, is decided for every
// request.
func verifyClient(state tls.ConnectionState) error {
	chain := state.PeerCertificates
	if len(chain) == 0 {
		return nil
	}
	if len(chain) > maxChain {
		return fmt.Errorf("the client sent %d certificates: %d are the most", len(chain), maxChain)
	}
	size := 0
	for _, c := range chain {
		if size += len(c.Raw); len(c.Raw) > model.MaxCertificateSize || size > maxChainBytes {
			return errors.New("the client's certificates are too large")
		}
	}
	if _, err := model.NewCertificate(chain[0].Raw); err != nil {
		return fmt.Errorf("the client's certificate is of no use here: %w", err)
	}
	return nil
}

// Certificate is the server's own: one pair of files, read again when they
// change, or one pair in memory. It is safe for concurrent use.
type Certificate struct {
	certFile, keyFile string // "" for one in memory
	now               func() time.Time

	mu      sync.Mutex
	pair    *tls.Certificate
	seen    [2]fileMark
	checked time.Time
	failed  string // the error that was reported last
	report  func(level slog.Level, message string, attrs ...slog.Attr)
}

// recheck is how often the files are looked at, at most.
const recheck = 2 * time.Second

// fileMark tells a file from its successor.
type fileMark struct {
	size     int64
	modified time.Time
}

// StaticCertificate returns a certificate that never changes.
func StaticCertificate(pair tls.Certificate) *Certificate { return &Certificate{pair: &pair} }

// LoadCertificate reads a certificate with its chain and its private key, both
// PEM. A later change of the files, by certbot for instance, is in force within
// seconds and without a restart; while they cannot be read, the last good pair
// stays. The error is one sentence that says what to do.
func LoadCertificate(certFile, keyFile string) (*Certificate, error) {
	c := &Certificate{certFile: certFile, keyFile: keyFile, now: time.Now}
	c.report = func(slog.Level, string, ...slog.Attr) {}
	seen, err := c.marks()
	if err == nil {
		err = c.load(seen)
	}
	if err != nil {
		return nil, err
	}
	c.checked = c.now()
	return c, nil
}

// Leaf returns the DER of the certificate itself, to show its fingerprint.
func (c *Certificate) Leaf() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pair.Certificate[0]
}

// reportTo tells where to write about reloading.
func (c *Certificate) reportTo(report func(slog.Level, string, ...slog.Attr)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.report = report
}

// get is called for every handshake.
func (c *Certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.certFile == "" {
		return c.pair, nil
	}
	if now := c.now(); now.Sub(c.checked) >= recheck {
		c.checked = now
		c.refresh()
	}
	return c.pair, nil
}

func (c *Certificate) refresh() {
	seen, err := c.marks()
	if err == nil && seen == c.seen {
		return
	}
	if err == nil {
		err = c.load(seen)
	}
	switch {
	case err == nil:
		c.failed = ""
		c.report(slog.LevelInfo, "certificate reloaded", slog.String("file", c.certFile))
	case err.Error() != c.failed:
		c.failed = err.Error()
		c.report(slog.LevelError, "certificate not reloaded", slog.String("error", model.Clean(c.failed)))
	}
}

// marks describes both files as they are now.
func (c *Certificate) marks() (marks [2]fileMark, err error) {
	for i, name := range []string{c.certFile, c.keyFile} {
		info, err := os.Stat(name)
		if err != nil {
			return marks, fileError(name, err)
		}
		marks[i] = fileMark{info.Size(), info.ModTime()}
	}
	return marks, nil
}

func (c *Certificate) load(seen [2]fileMark) error {
	var pem [2][]byte
	for i, name := range []string{c.certFile, c.keyFile} {
		text, err := os.ReadFile(name)
		if err != nil {
			return fileError(name, err)
		}
		pem[i] = text
	}
	pair, err := tls.X509KeyPair(pem[0], pem[1])
	if err != nil {
		return pairError(c.certFile, c.keyFile, err)
	}
	c.pair, c.seen = &pair, seen
	return nil
}

func fileError(name string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("reading the TLS certificate: there is no file %s: %w", name, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("reading the TLS certificate: %s may not be read by this user: %w", name, err)
	}
	return fmt.Errorf("reading the TLS certificate: %w", err)
}

// pairError says in words what crypto/tls found wrong with the pair.
func pairError(certFile, keyFile string, err error) error {
	text := err.Error()
	switch {
	case strings.Contains(text, "does not match"):
		return fmt.Errorf("reading the TLS certificate: %s is not the private key of %s: give a pair that belongs together: %w", keyFile, certFile, err)
	case strings.Contains(text, "certificate input"):
		return fmt.Errorf("reading the TLS certificate: %s holds no PEM certificate: convert it with openssl x509 -inform der: %w", certFile, err)
	case strings.Contains(text, "key input") || strings.Contains(text, "private key"):
		return fmt.Errorf("reading the TLS certificate: %s holds no PEM private key without a passphrase: remove one with openssl pkey: %w", keyFile, err)
	}
	return fmt.Errorf("reading the TLS certificate: %s and %s cannot be used: %w", certFile, keyFile, err)
}
