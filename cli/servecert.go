package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"

	"dev.keyward/keyward/certgen"
	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
	"dev.keyward/keyward/storage"
)

// serverCertificate loads the certificate that the flags name, or the one for
// development, which is made when there is none that is good.
func (a *app) serverCertificate(ctx context.Context, o *serve, dir string) (*server.Certificate, error) {
	if o.tlsCert != "" {
		return server.LoadCertificate(o.tlsCert, o.tlsKey)
	}
	cert, key := filepath.Join(dir, serverCertificate), filepath.Join(dir, serverKey)
	hosts := developmentHosts(o.listen)
	why, err := a.unfit(cert, key, hosts)
	if uid, there, oerr := storage.Owner(dir); err == nil && why != "" && oerr == nil && there && uid >= 0 && uid != os.Geteuid() {
		err = fmt.Errorf("the data directory belongs to another user, so no certificate for development is made in it: name one with --tls-cert and --tls-key")
	}
	if err == nil && why != "" {
		err = a.makeServerCertificate(ctx, cert, key, hosts, why)
	}
	if err != nil {
		return nil, err
	}
	return server.LoadCertificate(cert, key)
}

// makeServerCertificate makes the certificate for development, in the place of
// an earlier one.
func (a *app) makeServerCertificate(ctx context.Context, cert, key string, hosts []string, why string) error {
	a.notef("keyward: making a server certificate for development, because %s", why)
	pair, err := certgen.GenerateServer(ctx, certgen.ServerOptions{Hosts: hosts, Now: a.env.Now})
	if err != nil {
		return err
	}
	keyPEM, err := pair.KeyPEM()
	if err != nil {
		return err
	}
	return certgen.WriteFiles([]certgen.File{
		{Path: key, Data: keyPEM, Mode: 0o600}, {Path: cert, Data: pair.CertificatePEM(), Mode: 0o644},
	}, true)
}

// developmentHosts are the names of this machine and, where the endpoint
// listens on just one address, that one.
func developmentHosts(listen string) []string {
	hosts := certgen.LocalHosts()
	host, _, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err != nil || ip == nil || ip.IsUnspecified() || slices.Contains(hosts, ip.String()) {
		return hosts
	}
	return append(hosts, host)
}

// unfit says why the certificate that is there must be made anew, or nothing.
// It is an error where that would replace what keyward did not make: somebody
// may have put a certificate of their own there.
func (a *app) unfit(cert, key string, hosts []string) (string, error) {
	if isAbsent(cert) && isAbsent(key) {
		return "there is none yet", nil
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return "", fmt.Errorf("%s and %s cannot be used as they are (%w), and they may be somebody's own, so they are not replaced: "+
			"move both away, or name a certificate with --tls-cert and --tls-key", cert, key, pathCause(err))
	}
	why := a.whyUnfit(pair.Leaf, hosts)
	if why != "" && !certgen.IsServerCertificate(pair.Leaf) {
		return "", fmt.Errorf("%s %s, and keyward did not make it, so it is not replaced: "+
			"move it and %s away, or name it with --tls-cert and --tls-key", cert, why, key)
	}
	if why != "" {
		why = "the one that is there " + why
	}
	return why, nil
}

func isAbsent(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// whyUnfit says why c is not good for these hosts now, or nothing.
func (a *app) whyUnfit(c *x509.Certificate, hosts []string) string {
	now := a.env.Now()
	switch {
	case now.Before(c.NotBefore):
		return "is not valid yet"
	case now.AddDate(0, 0, 1).After(c.NotAfter):
		return "ends within a day"
	}
	for _, host := range hosts {
		if c.VerifyHostname(host) != nil {
			return "is for other host names"
		}
	}
	return ""
}

// announce says where the endpoint is and how to call it.
func (a *app) announce(o *serve, l server.Listeners, dir string) {
	if l.Plain != nil {
		a.notef("keyward: serving http://%s without TLS", l.Plain.Addr())
	}
	a.notef("keyward: serving https://%s", l.TLS.Addr())
	a.notef("keyward: server certificate SHA-256 %s", model.FingerprintOf(l.Certificate.Leaf()))
	if o.tlsCert == "" {
		if abs, err := filepath.Abs(dir); err == nil {
			dir = abs
		}
		a.notef("keyward: try it: curl --cacert %s https://%s/_keyward/health",
			model.ShellQuote(filepath.Join(dir, serverCertificate)), callableAddress(l.TLS.Addr().String()))
	}
}

// callableAddress is an address on which this machine reaches the listener.
func callableAddress(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() && !ip.IsUnspecified() {
		return addr
	}
	return net.JoinHostPort("localhost", port)
}
