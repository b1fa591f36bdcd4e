package tui

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// memory is a model.Store that forgets.
type memory struct {
	mu      sync.Mutex
	records model.Records
	head    model.Head
	entries []*model.Entry
	ders    map[model.Digest][]byte
}

func newMemory() *memory {
	at := model.At(testNow.AddDate(0, -1, 0))
	first := model.FirstEntry(at)
	return &memory{
		head:    model.Head{Seq: 1, Rev: 1, Hash: first.Hash},
		entries: []*model.Entry{&first},
		ders:    map[model.Digest][]byte{},
		records: model.Records{Environments: []*model.Environment{
			{ID: 1, Name: "Production", Production: true, Created: at, Changed: at},
			{ID: 2, Name: "Test", Created: at, Changed: at},
		}},
	}
}

func (m *memory) Load(_ context.Context, fn func(model.Records) error) (model.Head, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.head, fn(m.records)
}

func (m *memory) Commit(_ context.Context, c model.Change) (model.Head, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c.Head != m.head {
		return model.Head{}, model.ErrChanged
	}
	for _, cert := range c.Certificates {
		m.ders[model.Digest(cert.SHA256)] = cert.DER
	}
	for _, e := range c.Entries {
		m.entries = append(m.entries, &e)
	}
	last := c.Last()
	m.head = model.Head{Seq: last.Seq, Rev: m.head.Rev + 1, Hash: last.Hash}
	return m.head, nil
}

// record puts an entry on record that no change made.
func (m *memory) record(e model.Entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e.Link(m.head)
	m.entries = append(m.entries, &e)
	m.head = model.Head{Seq: e.Seq, Rev: m.head.Rev + 1, Hash: e.Hash}
}

func (m *memory) Usage(_ context.Context, ids []model.UsageID) ([]model.Usage, error) {
	list := make([]model.Usage, len(ids))
	for i, id := range ids {
		list[i] = id.Unused()
	}
	return list, nil
}

func (m *memory) LastUses(context.Context) (*model.LastUses, error) { return &model.LastUses{}, nil }

func (m *memory) PutUsage(context.Context, []model.Usage) error { return nil }

func (m *memory) Entries(_ context.Context, first, last uint64) ([]*model.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.entries[first-1 : min(last, uint64(len(m.entries)))]), nil
}

func (m *memory) Settle(context.Context, model.Change) (model.Head, bool, error) {
	return model.Head{}, false, nil
}

func (m *memory) CertificateDER(_ context.Context, d model.Digest) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if der := m.ders[d]; der != nil {
		return der, nil
	}
	return nil, model.ErrNotFound
}

// stream is a source of bytes that are the same in every run.
type stream struct {
	mu    sync.Mutex
	count uint64
	rest  []byte
}

func (s *stream) Read(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.rest) < len(b) {
		s.count++
		block := sha256.Sum256(binary.BigEndian.AppendUint64(nil, s.count))
		s.rest = append(s.rest, block[:]...)
	}
	n := copy(b, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// flaky is a backend that fails when it is told to.
type flaky struct {
	Backend
	err   error // of every reading method
	wrote error // of every writing method

	stops int // bulk work fails after so many keys; 0: never

	wroteAfter error // returned though the secret was made anew

	audits  []model.AuditQuery // those that were answered
	lists   int                // how often keys were listed
	looks   int                // how often one key was looked at
	asked   []model.ActivityQuery
	serving []model.EndpointReport
	told    model.Receipt // what every change is told about endpoints, where Serves is not 0
}

// tell fills the receipt that goes with a change.
func (f *flaky) tell(ctx context.Context) {
	if r := model.ReceiptOf(ctx); f.told.Serves > 0 {
		r.Serves, r.InForce, r.Missing, r.Took = f.told.Serves, f.told.InForce, f.told.Missing, f.told.Took
	}
}

func (f *flaky) Keys(ctx context.Context, q model.KeyQuery) (model.KeyPage, error) {
	if f.err != nil {
		return model.KeyPage{}, f.err
	}
	f.lists++
	return f.Backend.Keys(ctx, q)
}

func (f *flaky) Key(ctx context.Context, ref string) (model.KeyInfo, error) {
	if f.err != nil {
		return model.KeyInfo{}, f.err
	}
	f.looks++
	return f.Backend.Key(ctx, ref)
}

func (f *flaky) Workflows(ctx context.Context) ([]model.WorkflowInfo, error) {
	if f.err != nil {
		return nil, f.err
	}
	return f.Backend.Workflows(ctx)
}

func (f *flaky) Workflow(ctx context.Context, ref string) (model.WorkflowInfo, error) {
	if f.err != nil {
		return model.WorkflowInfo{}, f.err
	}
	return f.Backend.Workflow(ctx, ref)
}

func (f *flaky) Environments(ctx context.Context) ([]model.EnvironmentInfo, error) {
	if f.err != nil {
		return nil, f.err
	}
	return f.Backend.Environments(ctx)
}

func (f *flaky) Audit(ctx context.Context, q model.AuditQuery) (model.AuditPage, error) {
	if f.err != nil {
		return model.AuditPage{}, f.err
	}
	f.audits = append(f.audits, q)
	return f.Backend.Audit(ctx, q)
}

func (f *flaky) EditKey(ctx context.Context, ref string, e model.KeyEdit) (model.KeyInfo, error) {
	if f.wrote != nil {
		return model.KeyInfo{}, f.wrote
	}
	defer f.tell(ctx)
	return f.Backend.EditKey(ctx, ref, e)
}

func (f *flaky) CreateKey(ctx context.Context, d model.KeyDraft) (model.KeyInfo, error) {
	if f.wrote != nil {
		return model.KeyInfo{}, f.wrote
	}
	defer f.tell(ctx)
	return f.Backend.CreateKey(ctx, d)
}

func (f *flaky) SetKeyEnabled(ctx context.Context, ref string, enabled bool) (model.KeyInfo, error) {
	if f.wrote != nil {
		return model.KeyInfo{}, f.wrote
	}
	defer f.tell(ctx)
	return f.Backend.SetKeyEnabled(ctx, ref, enabled)
}

func (f *flaky) RegenerateKey(ctx context.Context, ref string, slot model.SlotName, h model.Holding, grace time.Duration) (model.KeyInfo, error) {
	if f.wrote != nil {
		return model.KeyInfo{}, f.wrote
	}
	defer f.tell(ctx)
	k, err := f.Backend.RegenerateKey(ctx, ref, slot, h, grace)
	if f.wroteAfter != nil {
		return model.KeyInfo{}, f.wroteAfter
	}
	return k, err
}

// testCertificates are those that testCertificate has made, because signing takes
// milliseconds: DER by what they were made of.
var testCertificates sync.Map

// testCertificate makes a self-signed certificate that is the same in every run.
func testCertificate(t testing.TB, serial int64, subject string, from time.Time, days int) model.Certificate {
	t.Helper()
	seed := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(serial)))
	private := ed25519.NewKeyFromSeed(seed[:])
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: subject},
		NotBefore: from, NotAfter: from.AddDate(0, 0, days),
	}
	made := fmt.Sprint(serial, subject, from.UnixNano(), days)
	der, ok := testCertificates.Load(made)
	if !ok {
		signed, err := x509.CreateCertificate(nil, template, template, private.Public(), private)
		if err != nil {
			t.Fatal(err)
		}
		der, _ = testCertificates.LoadOrStore(made, string(signed))
	}
	c, err := model.NewCertificate([]byte(der.(string)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (f *flaky) DeleteKey(ctx context.Context, ref string) error {
	if f.wrote != nil {
		return f.wrote
	}
	defer f.tell(ctx)
	return f.Backend.DeleteKey(ctx, ref)
}

func (f *flaky) ChangeKeys(ctx context.Context, refs []string, b model.KeyBulk) (model.BulkResult, error) {
	if f.wrote != nil {
		return model.BulkResult{Done: []string{}}, f.wrote
	}
	defer f.tell(ctx)
	if f.stops > 0 && f.stops < len(refs) {
		r, _ := f.Backend.ChangeKeys(ctx, refs[:f.stops], b)
		return r, errTest
	}
	return f.Backend.ChangeKeys(ctx, refs, b)
}

func (f *flaky) CreateWorkflow(ctx context.Context, d model.WorkflowDraft) (model.WorkflowInfo, error) {
	if f.wrote != nil {
		return model.WorkflowInfo{}, f.wrote
	}
	defer f.tell(ctx)
	return f.Backend.CreateWorkflow(ctx, d)
}

var errTest = errors.New("the store does not answer")
