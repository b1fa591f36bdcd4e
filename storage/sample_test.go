package storage_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"testing"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/storage"
)

// counter is randomness that is the same in every run.
type counter struct{ n uint64 }

func (c *counter) Read(b []byte) (int, error) {
	c.n++
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, c.n))
	return copy(b, sum[:]), nil
}

// sample is a store with something of everything: keys of both kinds in every
// state, retiring secrets, certificates, workflows bound and not, environments.
type sample struct {
	t       testing.TB
	random  *counter
	now     time.Time
	session *model.Session
	kv      storage.KV
	digests []model.Digest // of every credential that was ever handed out
}

// newSample fills kv.
func newSample(t testing.TB, kv storage.KV) *sample {
	t.Helper()
	s := &sample{t: t, random: &counter{}, now: storeNow, kv: kv}
	s.reload()
	ctx := t.Context()
	_, err := s.session.CreateEnvironment(ctx, model.EnvironmentDraft{Name: "UAT", Hosts: []string{"uat.example.com"}})
	s.check(err)
	for _, w := range []model.WorkflowDraft{
		{Name: "customer", Method: "GET", Path: "/customers/{id}?since={from}", Upstreams: map[string]string{"uat": "http://127.0.0.1:9000"}},
		{Name: "order", Method: "POST", Path: "/orders"},
		{Name: "draft"},
	} {
		_, err := s.session.CreateWorkflow(ctx, w)
		s.check(err)
	}
	s.key(model.KeyDraft{Name: "App", Environment: "UAT", Workflows: []string{"customer"}, Expires: storeNow.Add(1000 * time.Hour), NoQuery: true})
	s.key(model.KeyDraft{Name: "free", Workflows: []string{"customer", "order"}})
	s.key(model.KeyDraft{Name: "off", Environment: "Test"})
	s.key(model.KeyDraft{Name: "gone", Environment: "Test", Workflows: []string{"order"}})
	for _, name := range []string{"partner", "former"} {
		cert := testCertificate(name)
		s.digests = append(s.digests, cert.SHA256)
		_, err := s.session.CreateKey(ctx, model.KeyDraft{Name: name, Kind: model.CertificateKey, Environment: "Test", Workflows: []string{"order"}, Primary: model.Holding{Certificate: cert}})
		s.check(err)
	}
	s.regenerate("app", 24*time.Hour)
	s.disable("off")
	s.check(s.session.DeleteKey(ctx, "gone"))
	s.check(s.session.DeleteKey(ctx, "former"))
	return s
}

// reload reads the store anew.
func (s *sample) reload() {
	s.t.Helper()
	store, err := storage.NewStore(s.t.Context(), s.kv, storeNow)
	s.check(err)
	service, err := model.NewService(s.t.Context(), store, model.Options{Now: func() time.Time { return s.now }, Random: s.random})
	s.check(err)
	s.session = service.As(model.Caller{Actor: model.Actor{UID: 1000, PID: 42, User: "grace"}, Reason: "sample"})
}

func (s *sample) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *sample) secret() model.Holding {
	s.t.Helper()
	secret, err := model.NewSecret(s.random)
	s.check(err)
	s.digests = append(s.digests, secret.Digest())
	return secret.Hold()
}

// key makes a token key.
func (s *sample) key(d model.KeyDraft) {
	s.t.Helper()
	d.Kind, d.Primary, d.Secondary = model.TokenKey, s.secret(), s.secret()
	_, err := s.session.CreateKey(s.t.Context(), d)
	s.check(err)
}

func (s *sample) regenerate(key string, grace time.Duration) {
	s.t.Helper()
	_, err := s.session.RegenerateKey(s.t.Context(), key, model.Secondary, s.secret(), grace)
	s.check(err)
}

func (s *sample) disable(key string) {
	s.t.Helper()
	_, err := s.session.SetKeyEnabled(s.t.Context(), key, false)
	s.check(err)
}

// sampleBackup is a backup of a sample.
func sampleBackup(t testing.TB) ([]byte, storage.BackupInfo) {
	t.Helper()
	kv := storage.NewMemory(storage.LogSize{})
	newSample(t, kv)
	return backupOf(t, kv)
}

func backupOf(t testing.TB, kv storage.KV) ([]byte, storage.BackupInfo) {
	t.Helper()
	var b bytes.Buffer
	info, err := storage.WriteBackup(t.Context(), kv, &b, storeNow)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), info
}
