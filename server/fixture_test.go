package server_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log/slog"
	"math/big"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

const (
	production model.ID = 1 + iota
	test
	lookup
	order
	search
	forbidden
	either
	eitherFixed
	files
	head
)

// world is a store's content with an endpoint over it. Its keys may be changed
// while the endpoint runs.
type world struct {
	t         testing.TB
	random    *mathrand.ChaCha8
	envs      []*model.Environment
	workflows []*model.Workflow
	keys      []*model.Key
	secrets   map[string]model.Secret // of the primary slot, by the key's name
	seq       uint64                  // of the next snapshot
	snapshot  atomic.Pointer[model.Snapshot]
	log       *syncBuffer
}

// newWorld has these keys, all permitted everything but "forbidden": full, of
// no target environment; tester, whose target is Test; disabled, expired,
// deleted and retired, which are what they are called; and no-query.
func newWorld(t testing.TB) *world {
	w := &world{
		t: t, seq: 1, random: mathrand.NewChaCha8([32]byte{7}), secrets: map[string]model.Secret{}, log: new(syncBuffer),
		envs: []*model.Environment{
			{ID: production, Name: "Production", Production: true},
			{ID: test, Name: "Test", Hosts: []string{"test.example.com"}},
		},
		workflows: []*model.Workflow{
			{ID: lookup, Name: "Customer lookup", Method: "GET", Path: "/customers/{id}"},
			{ID: order, Name: "Create order", Method: "POST", Path: "/orders"},
			{ID: search, Name: "Search", Method: "GET", Path: "/search?q={term}"},
			{ID: forbidden, Name: "Forbidden", Method: "GET", Path: "/forbidden"},
			{ID: either, Name: "Either", Method: "GET", Path: "/either/{x}"},
			{ID: eitherFixed, Name: "Either fixed", Method: "GET", Path: "/either/fixed"},
			{ID: files, Name: "Files", Method: "PUT", Path: "/files/{name}"},
			{ID: head, Name: "Head", Method: "HEAD", Path: "/customers/{id}"},
		},
	}
	w.token("full", nil)
	w.token("tester", func(k *model.Key) { k.Environment = test })
	w.token("disabled", func(k *model.Key) { k.State = model.Disabled })
	w.token("deleted", func(k *model.Key) { k.State = model.Deleted })
	w.token("expired", func(k *model.Key) { k.Expires = model.At(time.Now().Add(-time.Hour)) })
	w.token("retired", func(k *model.Key) {
		k.Primary.Retiring = &[]model.Retiring{{Digest: k.Primary.Digest, Until: model.At(time.Now().Add(-time.Hour))}}
		k.Primary.Digest = model.Digest{1}
	})
	w.token("no-query", func(k *model.Key) { k.NoQuery = true })
	w.publish()
	return w
}

func (w *world) token(name string, change func(*model.Key)) *model.Key {
	secret, err := model.NewSecret(w.random)
	if err != nil {
		w.t.Fatal(err)
	}
	k := w.newKey(name, model.TokenKey)
	k.Primary = model.Slot{Digest: secret.Digest(), Hint: secret.Hint()}
	if change != nil {
		change(k)
	}
	w.secrets[name] = secret
	return k
}

func (w *world) certificate(name string, der []byte) *model.Key {
	c, err := model.NewCertificate(der)
	if err != nil {
		w.t.Fatal(err)
	}
	k := w.newKey(name, model.CertificateKey)
	k.Primary = model.Slot{Digest: model.Digest(c.SHA256), Certificate: &c}
	w.publish()
	return k
}

func (w *world) newKey(name string, kind model.Kind) *model.Key {
	k := &model.Key{
		ID: model.ID(100 + len(w.keys)), Name: name, Kind: kind, State: model.Enabled,
		Workflows: []model.ID{lookup, order, search, either, eitherFixed, files, head},
	}
	w.keys = append(w.keys, k)
	return k
}

// publish makes the endpoint see the world as it is. NewSnapshot takes the keys
// over, and writes to them: it gets copies.
func (w *world) publish() {
	keys := make([]*model.Key, len(w.keys))
	for i, k := range w.keys {
		c := *k
		keys[i] = &c
	}
	s, err := model.NewSnapshot(w.seq, w.envs, w.workflows, slices.Values(keys))
	if err != nil {
		w.t.Fatal(err)
	}
	w.snapshot.Store(s)
}

// change replaces the key called name by a changed copy.
func (w *world) change(name string, fn func(*model.Key)) {
	i := slices.IndexFunc(w.keys, func(k *model.Key) bool { return k.Name == name })
	k := *w.keys[i]
	fn(&k)
	w.keys[i] = &k
	w.publish()
}

func (w *world) disable(name string) { w.change(name, func(k *model.Key) { k.State = model.Disabled }) }

// upstream makes url the upstream of every workflow in Production.
func (w *world) upstream(url string) {
	for i, wf := range w.workflows {
		c := *wf
		c.Upstreams = map[model.ID]string{production: url}
		w.workflows[i] = &c
	}
	w.publish()
}

func (w *world) header(name string) string { return "Key=" + w.secrets[name].Reveal() }

// endpoint makes an endpoint over the world; its log, down to debug, is w.log.
func (w *world) endpoint(change func(*server.Options)) *server.Endpoint {
	w.t.Helper()
	lines := server.NewLogWriter(w.log)
	w.t.Cleanup(func() { _ = lines.Close() })
	o := server.Options{
		Snapshot: w.snapshot.Load,
		Log:      slog.New(server.NewLogHandler(lines, true, slog.LevelDebug)),
	}
	if change != nil {
		change(&o)
	}
	e, err := server.New(o)
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}

// running is an endpoint that Serve runs.
type running struct {
	plain, tls string // addresses
	pool       *x509.CertPool
	stop       context.CancelFunc
	done       chan error
}

// serve runs an endpoint on two loopback ports until the test ends.
func (w *world) serve(change func(*server.Options)) *running {
	w.t.Helper()
	e := w.endpoint(change)
	ctx, cancel := context.WithCancel(context.Background())
	plain, secure := listen(w.t), listen(w.t)
	pair := newPair(w.t, ecdsaKey(w.t), func(c *x509.Certificate) {
		c.DNSNames, c.IPAddresses = []string{"localhost", "test.example.com"}, []net.IP{net.IPv4(127, 0, 0, 1)}
		c.ExtKeyUsage, c.Subject.CommonName = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, "localhost"
	})
	r := &running{plain: plain.Addr().String(), tls: secure.Addr().String(), pool: x509.NewCertPool(), stop: cancel, done: make(chan error, 1)}
	r.pool.AddCert(pair.Leaf)
	go func() {
		r.done <- e.Serve(ctx, server.Listeners{TLS: secure, Certificate: server.StaticCertificate(pair), Plain: plain})
		close(r.done)
	}()
	w.t.Cleanup(func() {
		cancel()
		select {
		case err := <-r.done:
			if err != nil {
				w.t.Errorf("Serve returned %v", err)
			}
		case <-time.After(30 * time.Second):
			w.t.Error("Serve did not return")
		}
	})
	return r
}

// client returns an HTTPS client that presents pair, if any, on one connection.
func (r *running) client(t testing.TB, h2 bool, pair *tls.Certificate) *http.Client {
	config := &tls.Config{RootCAs: r.pool, ServerName: "localhost"}
	if pair != nil {
		config.Certificates = []tls.Certificate{*pair}
	}
	transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: h2, DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: time.Minute}
}

func (r *running) dial() (*tls.Conn, error) {
	return tls.Dial("tcp", r.tls, &tls.Config{RootCAs: r.pool, ServerName: "localhost"})
}

func listen(t testing.TB) net.Listener {
	l, err := server.Listen(context.Background(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func ecdsaKey(t testing.TB) crypto.Signer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func rsaKey(t testing.TB, bits int) crypto.Signer {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func ed25519Key(t testing.TB) crypto.Signer {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// newPair makes a self-signed certificate without a subject, as the seed's
// openssl line does.
func newPair(t testing.TB, key crypto.Signer, change func(*x509.Certificate)) tls.Certificate {
	t.Helper()
	c := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	if change != nil {
		change(c)
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// syncBuffer is a buffer that a server's goroutines may write to.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// await returns the log once it contains text.
func (b *syncBuffer) await(t testing.TB, text string) string {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if log := b.String(); strings.Contains(log, text) {
			return log
		}
	}
	t.Fatalf("the log lacks %q:\n%s", text, b.String())
	return ""
}

// raw sends text on a new connection and returns everything that comes back.
func raw(t testing.TB, addr, text string) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatalf("reading the answer: %v; so far %q", err, answer)
	}
	return string(answer)
}

func do(t testing.TB, c *http.Client, r *http.Request) (*http.Response, string) {
	t.Helper()
	res, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func request(t testing.TB, method, url, authorization string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	return r
}
