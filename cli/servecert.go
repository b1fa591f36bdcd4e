package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"

	"dev.keyward/keyward/certgen"
	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

// serverCertificate loads the certificate that the flags name, or the one for
// development, which is made when there is none that is good.
func (a *app) serverCertificate(ctx context.Context, o *serve, dir string) (*server.Certificate, error) {
	if o.tlsCert != "" {
		return server.LoadCertificate(o.tlsCert, o.tlsKey)
	}
	cert, key := filepath.Join(dir, serverCertificate), filepath.Join(dir, serverKey)
	hosts := developmentHosts(o.listen)
	if why := a.unfit(cert, key, hosts); why != "" {
		a.notef("keyward: making a server certificate for development, because %s", why)
		pair, err := certgen.GenerateServer(ctx, certgen.ServerOptions{Hosts: hosts, Now: a.env.Now})
		if err != nil {
			return nil, err
		}
		keyPEM, err := pair.KeyPEM()
		if err != nil {
			return nil, err
		}
		files := []certgen.File{{Path: key, Data: keyPEM, Mode: 0o600}, {Path: cert, Data: pair.CertificatePEM(), Mode: 0o644}}
		if err := certgen.WriteFiles(files, true); err != nil {
			return nil, err
		}
	}
	return server.LoadCertificate(cert, key)
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

// unfit says why the certificate that is there cannot be used any longer, or
// nothing.
func (a *app) unfit(cert, key string, hosts []string) string {
	if _, err := os.Stat(cert); errors.Is(err, fs.ErrNotExist) {
		return "there is none yet"
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return "the one that is there cannot be read"
	}
	now := a.env.Now()
	switch {
	case now.Before(pair.Leaf.NotBefore):
		return "the one that is there is not valid yet"
	case now.AddDate(0, 0, 1).After(pair.Leaf.NotAfter):
		return "the one that is there ends within a day"
	case !slices.Equal(certificateHosts(pair.Leaf), sorted(hosts)):
		return "the one that is there is for other host names"
	}
	return ""
}

func certificateHosts(c *x509.Certificate) []string {
	hosts := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		hosts = append(hosts, ip.String())
	}
	return sorted(hosts)
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
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
