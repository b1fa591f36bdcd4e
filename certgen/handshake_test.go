package certgen_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/certgen"
	"dev.keyward/keyward/model"
)

// A certificate that the policy accepts must be one that a client can really
// present: each kind of key completes a TLS handshake.
func TestAcceptedKeysHandshake(t *testing.T) {
	for _, a := range certgen.Algorithms() {
		t.Run(a.String(), func(t *testing.T) {
			p := pair(t, a)
			handshake(t, p.Certificate.DER, p.Key())
		})
	}
	for _, curve := range []elliptic.Curve{elliptic.P384(), elliptic.P521()} {
		t.Run(curve.Params().Name, func(t *testing.T) {
			key, err := ecdsa.GenerateKey(curve, rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
			der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
			if err != nil {
				t.Fatal(err)
			}
			handshake(t, der, key)
		})
	}
}

// handshake presents der to a TLS server and checks that it arrives.
func handshake(t *testing.T, der []byte, key crypto.PrivateKey) {
	t.Helper()
	if _, err := model.NewCertificate(der); err != nil {
		t.Fatalf("the policy refuses it: %v", err)
	}
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		clientSide, serverSide := net.Pipe()
		server := tls.Server(serverSide, serverConfig(t, version))
		client := tls.Client(clientSide, &tls.Config{
			Certificates:       []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
			InsecureSkipVerify: true, // The server is this test.
			MinVersion:         version,
		})
		done := make(chan error, 1)
		go func() {
			err := client.HandshakeContext(t.Context())
			_, _ = io.Copy(io.Discard, client) // TLS 1.3 tickets, then the end.
			done <- err
		}()
		if err := server.HandshakeContext(t.Context()); err != nil {
			t.Fatalf("server, TLS %s: %v", tls.VersionName(version), err)
		}
		peer := server.ConnectionState().PeerCertificates
		if len(peer) != 1 || sha256.Sum256(peer[0].Raw) != sha256.Sum256(der) {
			t.Errorf("%s: the server saw %d certificates", tls.VersionName(version), len(peer))
		}
		_ = server.Close()
		if err := <-done; err != nil {
			t.Fatalf("client, %s: %v", tls.VersionName(version), err)
		}
	}
}

func serverConfig(t *testing.T, version uint16) *tls.Config {
	t.Helper()
	p := serverPair(t)
	return &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{p.Certificate.DER}, PrivateKey: p.Key()}},
		ClientAuth:   tls.RequireAnyClientCert,
		MinVersion:   version,
		MaxVersion:   version,
	}
}

func serverPair(t *testing.T) certgen.Pair {
	t.Helper()
	p, err := certgen.GenerateServer(t.Context(), certgen.ServerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// listen serves TLS, answers every request with the fingerprint of the client
// certificate, and returns the port.
func listen(t *testing.T, p certgen.Pair) string {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{p.Certificate.DER}, PrivateKey: p.Key()}},
		ClientAuth:   tls.RequestClientCert,
		MinVersion:   tls.VersionTLS12,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go answer(conn.(*tls.Conn))
		}
	}()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func answer(conn *tls.Conn) {
	defer func() { _ = conn.Close() }()
	if _, err := conn.Read(make([]byte, 4096)); err != nil {
		return
	}
	who := "nobody"
	if peer := conn.ConnectionState().PeerCertificates; len(peer) > 0 {
		who = model.FingerprintOf(peer[0].Raw).String()
	}
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(who), who)
}

// curl reads our files and openssl's own, and trusts the server certificate by
// itself.
func TestCurl(t *testing.T) {
	server := serverPair(t)
	ca := write(t, "server.crt", server.CertificatePEM())
	port := listen(t, server)
	dir := t.TempDir()
	for _, a := range certgen.Algorithms() {
		p := pair(t, a)
		w, err := p.Write(certgen.WriteOptions{Dir: dir, Name: a.String()})
		if err != nil {
			t.Fatal(err)
		}
		for _, host := range []string{"localhost", "127.0.0.1"} {
			got := run(t, "", "curl", "-sS", "--noproxy", "*", "--cacert", ca, "--cert", w.Certificate, "--key", w.Key, "https://"+host+":"+port+"/")
			if got != p.Certificate.Fingerprint() {
				t.Errorf("%s to %s: the server saw %s", a, host, got)
			}
		}
	}
}

// The development certificate passes openssl's strict checks for each host.
func TestServerCertificateIsStrictlyValid(t *testing.T) {
	p := serverPair(t)
	path := write(t, "server.crt", p.CertificatePEM())
	openssl(t, "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "localhost", "-CAfile", path, path)
	for _, ip := range []string{"127.0.0.1", "::1"} {
		openssl(t, "verify", "-x509_strict", "-purpose", "sslserver", "-verify_ip", ip, "-CAfile", path, path)
	}
	port := listen(t, p)
	out := run(t, "GET / HTTP/1.0\r\n\r\n", "openssl", "s_client", "-connect", "127.0.0.1:"+port, "-servername", "localhost",
		"-verify_hostname", "localhost", "-CAfile", path, "-x509_strict", "-verify_return_error", "-ign_eof")
	if !strings.Contains(out, "Verify return code: 0 (ok)") || !strings.Contains(out, "nobody") {
		t.Errorf("s_client said:\n%s", out)
	}
}

func TestIsServerCertificate(t *testing.T) {
	server, err := certgen.GenerateServer(t.Context(), certgen.ServerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		der  []byte
		want bool
	}{
		"made":     {server.Certificate.DER, true},
		"a client": {pair(t, certgen.P256).Certificate.DER, false},
	} {
		parsed, err := x509.ParseCertificate(c.der)
		if err != nil {
			t.Fatal(err)
		}
		if got := certgen.IsServerCertificate(parsed); got != c.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestGenerateServer(t *testing.T) {
	p, err := certgen.GenerateServer(t.Context(), certgen.ServerOptions{Hosts: []string{"a.example", "10.0.0.1", "::1"}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(p.Certificate.DER)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(c)
	for _, host := range []string{"a.example", "10.0.0.1", "::1"} {
		if _, err := c.Verify(x509.VerifyOptions{DNSName: host, Roots: roots}); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	if got := c.NotAfter.Sub(c.NotBefore); c.IsCA || got != 397*24*time.Hour || p.Certificate.Algorithm != "ECDSA P-256" {
		t.Errorf("CA %v, %v, %s", c.IsCA, got, p.Certificate.Algorithm)
	}
	if _, err := tls.X509KeyPair(p.CertificatePEM(), keyPEM(t, p)); err != nil {
		t.Errorf("loading the pair: %v", err)
	}
	for _, hosts := range [][]string{{}, {""}, {"a b"}, {"a..b"}, {"-a"}, {"ä"}, {"a\x1b"}, {strings.Repeat("a", 64)}} {
		_, err := certgen.GenerateServer(t.Context(), certgen.ServerOptions{Hosts: hosts})
		if err == nil || model.Clean(err.Error()) != err.Error() {
			t.Errorf("%q: got %v, want a clean refusal", hosts, err)
		}
	}
	if hosts := certgen.LocalHosts(); len(hosts) < 3 || hosts[0] != "localhost" {
		t.Errorf("local hosts: %q", hosts)
	}
}

// openssl as a client presents what its own documentation's recipe made.
func TestOpenSSLClient(t *testing.T) {
	p := pair(t, certgen.RSA2048)
	w, err := p.Write(certgen.WriteOptions{Dir: filepath.Join(t.TempDir(), "new"), Name: "c"})
	if err != nil {
		t.Fatal(err)
	}
	port := listen(t, serverPair(t))
	out := run(t, "GET / HTTP/1.0\r\n\r\n", "openssl", "s_client", "-connect", "127.0.0.1:"+port,
		"-cert", w.Certificate, "-key", w.Key, "-quiet", "-ign_eof")
	if !strings.Contains(out, p.Certificate.Fingerprint()) {
		t.Errorf("s_client said:\n%s", out)
	}
}
