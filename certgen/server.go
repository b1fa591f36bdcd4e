package certgen

import (
	"bytes"
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"dev.keyward/keyward/model"
)

// serverDays is the longest that every client accepts from a server.
const serverDays = 397

// ServerOptions say what development server certificate to make.
type ServerOptions struct {
	// Hosts are DNS names and IP addresses; nil is LocalHosts.
	Hosts []string
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Rand gives the serial number; nil is crypto/rand.
	Rand io.Reader
}

// GenerateServer makes a self-signed server certificate for development: ECDSA
// P-256, valid 397 days, for the given hosts. It is no authority, so a client
// that trusts it, as with `curl --cacert`, trusts it alone. A bad host is a
// *model.InputError.
func GenerateServer(ctx context.Context, o ServerOptions) (Pair, error) {
	hosts := o.Hosts
	if hosts == nil {
		hosts = LocalHosts()
	}
	template := &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else if isHostName(host) {
			template.DNSNames = append(template.DNSNames, host)
		} else {
			return Pair{}, model.Invalid("host", "%q is not a DNS name or an IP address", host)
		}
	}
	if len(hosts) == 0 {
		return Pair{}, model.Invalid("host", "a server certificate needs at least one host")
	}
	subject, err := serverSubject()
	if err != nil {
		return Pair{}, err
	}
	template.RawSubject = subject
	key, err := generateKey(ctx, P256)
	if err != nil {
		return Pair{}, err
	}
	return selfSign(template, key, serverDays, o.Now, o.Rand)
}

// LocalHosts returns what this machine is called by a client on it: localhost,
// 127.0.0.1, ::1 and its host name, where that is one that DNS allows.
func LocalHosts() []string {
	hosts := []string{"localhost", "127.0.0.1", "::1"}
	name, err := os.Hostname()
	name = strings.ToLower(name)
	if err == nil && isHostName(name) && !slices.Contains(hosts, name) {
		hosts = append(hosts, name)
	}
	return hosts
}

// serverSubject is a fixed name: strict clients refuse an empty issuer, and
// the hosts are in the alternative names, where clients look.
func serverSubject() ([]byte, error) {
	name := pkix.Name{CommonName: "keyward development server"}
	der, err := asn1.Marshal(name.ToRDNSequence())
	if err != nil {
		return nil, fmt.Errorf("encoding subject: %w", err)
	}
	return der, nil
}

// IsServerCertificate reports whether c is one that GenerateServer made: only
// those may be replaced without asking.
func IsServerCertificate(c *x509.Certificate) bool {
	subject, err := serverSubject()
	return err == nil && bytes.Equal(c.RawSubject, subject) && bytes.Equal(c.RawIssuer, subject)
}

func isHostName(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "-") != label {
			return false
		}
		for _, r := range strings.ToLower(label) {
			if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789-_", r) {
				return false
			}
		}
	}
	return true
}
