package server_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

// TestCertificateCallers lets callers in by each usable key type, over both
// protocols, and decides anew for every request on their one connection.
func TestCertificateCallers(t *testing.T) {
	w := newWorld(t)
	r := w.serve(nil)
	for name, key := range map[string]crypto.Signer{
		"RSA 2048": rsaKey(t, 2048), "ECDSA P-256": ecdsaKey(t), "Ed25519": ed25519Key(t),
	} {
		pair := newPair(t, key, nil)
		w.certificate(name, pair.Certificate[0])
		for _, h2 := range []bool{false, true} {
			w.change(name, func(k *model.Key) { k.State = model.Enabled })
			c := r.client(t, h2, &pair)
			get := func() int {
				res, _ := do(t, c, request(t, "GET", "https://"+r.tls+"/customers/7", ""))
				return res.StatusCode
			}
			if got := get(); got != 200 {
				t.Errorf("%s, HTTP/2 %v: got %d", name, h2, got)
			}
			w.disable(name)
			if got := get(); got != 401 {
				t.Errorf("%s, HTTP/2 %v: got %d right after it was disabled, on the same connection", name, h2, got)
			}
		}
	}
}

// TestTokenRevokedOnConnection is the same for a token.
func TestTokenRevokedOnConnection(t *testing.T) {
	w := newWorld(t)
	r := w.serve(nil)
	for _, h2 := range []bool{false, true} {
		w.change("full", func(k *model.Key) { k.State = model.Enabled })
		c := r.client(t, h2, nil)
		for _, want := range []int{200, 401} {
			if res, _ := do(t, c, request(t, "GET", "https://"+r.tls+"/customers/7", w.header("full"))); res.StatusCode != want {
				t.Errorf("%s: got %d, want %d", res.Proto, res.StatusCode, want)
			}
			w.disable("full")
		}
	}
}

func TestCertificateDenials(t *testing.T) {
	w := newWorld(t)
	r := w.serve(nil)
	good := newPair(t, ecdsaKey(t), nil)
	w.certificate("good", good.Certificate[0])
	sameKey := newPair(t, good.PrivateKey.(crypto.Signer), func(c *x509.Certificate) { c.Subject = pkix.Name{CommonName: "other"} })
	early := newPair(t, ecdsaKey(t), func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) })
	w.certificate("early", early.Certificate[0])
	late := newPair(t, ecdsaKey(t), func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	w.certificate("late", late.Certificate[0])
	behind := newPair(t, ecdsaKey(t), nil) // brings the good one along, second in its chain
	behind.Certificate = append(behind.Certificate, good.Certificate[0])
	for _, c := range []struct {
		name   string
		pair   tls.Certificate
		reason string
	}{
		{"another certificate with the same key", sameKey, "certificate-unknown"},
		{"not yet valid", early, "certificate-not-yet-valid"},
		{"expired", late, "certificate-expired"},
		{"somebody else's in the chain", behind, "certificate-unknown"},
	} {
		res, _ := do(t, r.client(t, true, &c.pair), request(t, "GET", "https://"+r.tls+"/customers/7", ""))
		if res.StatusCode != 401 {
			t.Errorf("%s: got %d, want 401", c.name, res.StatusCode)
		}
		w.log.await(t, `"reason":"`+c.reason+`"`)
	}
	w.log.await(t, `"certificate_sha256":"`+model.Digest(model.FingerprintOf(sameKey.Certificate[0])).String()+`"`)
	for name, want := range map[string]int{"full": 200, "disabled": 401} { // a token beside a certificate decides alone
		if res, _ := do(t, r.client(t, true, &good), request(t, "GET", "https://"+r.tls+"/customers/7", w.header(name))); res.StatusCode != want {
			t.Errorf("the token of %q beside a good certificate: got %d, want %d", name, res.StatusCode, want)
		}
	}
}

// TestCertificateCaps closes connections whose certificate nobody could have
// registered, or that bring too much.
func TestCertificateCaps(t *testing.T) {
	w := newWorld(t)
	r := w.serve(nil)
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	padded := func(size int) tls.Certificate {
		return newPair(t, ecdsaKey(t), func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: []int{1, 2, 3, 4}, Value: make([]byte, size)}}
		})
	}
	chain := func(n, size int) tls.Certificate {
		pair := newPair(t, ecdsaKey(t), nil)
		filler := padded(size).Certificate[0]
		for len(pair.Certificate) < n {
			pair.Certificate = append(pair.Certificate, filler)
		}
		return pair
	}
	for name, c := range map[string]struct {
		pair tls.Certificate
		let  bool
	}{
		"ten certificates":      {chain(10, 0), true},
		"eleven certificates":   {chain(11, 0), false},
		"a certificate of 15 K": {padded(15 << 10), true},
		"a certificate of 17 K": {padded(17 << 10), false},
		"33 K in all":           {chain(4, 11<<10), false},
		"RSA 1024":              {newPair(t, rsaKey(t, 1024), nil), false},
		"ECDSA P-224":           {newPair(t, p224, nil), false},
	} {
		res, err := r.client(t, false, &c.pair).Do(request(t, "GET", "https://"+r.tls+"/customers/7", w.header("full")))
		if err == nil {
			_ = res.Body.Close()
		}
		// A client whose certificate TLS cannot use sends none, and its token counts.
		if sent := name != "ECDSA P-224"; sent && (err == nil) != c.let {
			t.Errorf("%s: got %v, want it let in: %v", name, err, c.let)
		}
	}
}

func TestTLSVersions(t *testing.T) {
	w := newWorld(t)
	r := w.serve(nil)
	for version, let := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		conn, err := tls.Dial("tcp", r.tls, &tls.Config{RootCAs: r.pool, ServerName: "localhost", MinVersion: version, MaxVersion: version})
		if (err == nil) != let {
			t.Errorf("%s: got %v", tls.VersionName(version), err)
		}
		if err == nil {
			_ = conn.Close()
		}
	}
}

// TestNoResumption holds that a second handshake is a full one, so that a ticket
// never stands for a private key.
func TestNoResumption(t *testing.T) {
	w := newWorld(t)
	r := w.serve(nil)
	pair := newPair(t, ecdsaKey(t), nil)
	w.certificate("caller", pair.Certificate[0])
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		config := &tls.Config{
			RootCAs: r.pool, ServerName: "localhost", Certificates: []tls.Certificate{pair}, MaxVersion: version,
			ClientSessionCache: tls.NewLRUClientSessionCache(4),
		}
		for range 3 {
			c := &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}
			res, _ := do(t, c, request(t, "GET", "https://"+r.tls+"/customers/7", ""))
			if res.StatusCode != 200 || res.TLS.DidResume {
				t.Errorf("%s: got %d, resumed: %v", tls.VersionName(version), res.StatusCode, res.TLS.DidResume)
			}
		}
	}
}

// TestHostAsksForEnvironment asks through a host that maps to an environment.
func TestHostAsksForEnvironment(t *testing.T) {
	w := newWorld(t)
	r := w.serve(nil)
	for host, want := range map[string]int{"TEST.example.com.:8443": 200, "localhost": 403} {
		req := request(t, "GET", "https://"+r.tls+"/customers/7", w.header("tester"))
		req.Host = host
		if res, _ := do(t, r.client(t, true, nil), req); res.StatusCode != want {
			t.Errorf("%s: got %d, want %d", host, res.StatusCode, want)
		}
	}
}

// pairFiles writes a pair as PEM files and returns their names.
func pairFiles(t *testing.T, dir string, pair tls.Certificate) (cert, key string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	write(t, cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]}))
	write(t, key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	return cert, key
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestLoadCertificateErrors(t *testing.T) {
	dir := t.TempDir()
	cert, key := pairFiles(t, dir, newPair(t, ecdsaKey(t), nil))
	other, err := os.MkdirTemp(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	_, otherKey := pairFiles(t, other, newPair(t, ecdsaKey(t), nil))
	empty := filepath.Join(dir, "empty")
	write(t, empty, nil)
	if c, err := server.LoadCertificate(cert, key); err != nil || len(c.Leaf()) == 0 {
		t.Errorf("a good pair: %v", err)
	}
	for _, c := range []struct{ cert, key, want string }{
		{filepath.Join(dir, "none"), key, "there is no file"},
		{cert, filepath.Join(dir, "none"), "there is no file"},
		{cert, otherKey, "is not the private key of"},
		{empty, key, "holds no PEM certificate"},
		{cert, empty, "holds no PEM private key"},
		{dir, key, "reading the TLS certificate"},
	} {
		_, err := server.LoadCertificate(c.cert, c.key)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s and %s: got %v, want %q", c.cert, c.key, err, c.want)
		}
	}
}

// TestCertificateReloads replaces the files under a running endpoint, first by
// rubbish.
func TestCertificateReloads(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	names := func(c *x509.Certificate) { c.DNSNames = []string{"localhost"} }
	first := newPair(t, ecdsaKey(t), names)
	cert, key := pairFiles(t, dir, first)
	c, err := server.LoadCertificate(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	l := listen(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- w.endpoint(nil).Serve(ctx, server.Listeners{TLS: l, Certificate: c}) }()
	presented := func() string {
		conn, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{InsecureSkipVerify: true}) // It is what is looked at.
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		return string(conn.ConnectionState().PeerCertificates[0].Raw)
	}
	if presented() != string(first.Certificate[0]) {
		t.Error("the first certificate is not presented")
	}
	server.ForgetCheck(c)
	write(t, cert, []byte("rubbish, while the new file is being written"))
	if presented() != string(first.Certificate[0]) {
		t.Error("the last good certificate is not kept")
	}
	w.log.await(t, "certificate not reloaded")
	second := newPair(t, ecdsaKey(t), names)
	pairFiles(t, dir, second)
	server.ForgetCheck(c)
	if presented() != string(second.Certificate[0]) {
		t.Error("the new certificate is not presented")
	}
	w.log.await(t, "certificate reloaded")
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
