package model_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// clock is a clock that tests move.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// numbers is a random source that is the same in every run.
type numbers struct{ r *rand.ChaCha8 }

func newNumbers(seed uint64) numbers {
	var s [32]byte
	binary.LittleEndian.PutUint64(s[:], seed)
	return numbers{rand.NewChaCha8(s)}
}

func (n numbers) Read(b []byte) (int, error) { return n.r.Read(b) }

// memory is a model.Store that keeps what it is given, with the two failures
// that a real one has.
type memory struct {
	mu        sync.Mutex
	head      model.Head
	keys      map[model.ID]*model.Key
	workflows map[model.ID]*model.Workflow
	envs      map[model.ID]*model.Environment
	der       map[model.Digest][]byte
	done      map[string]model.Head
	entries   []*model.Entry
	usage     []model.Usage
	fail      error // the next Commit fails with it, doing nothing
	silent    bool  // Settle gets no answer
	vanish    bool  // the next Commit is done, and its answer lost
}

func newMemory() *memory {
	m := &memory{
		keys: map[model.ID]*model.Key{}, workflows: map[model.ID]*model.Workflow{},
		envs: map[model.ID]*model.Environment{}, der: map[model.Digest][]byte{}, done: map[string]model.Head{},
	}
	m.envs[1] = &model.Environment{ID: 1, Name: "Production", Production: true}
	m.envs[2] = &model.Environment{ID: 2, Name: "Test"}
	return m
}

func (m *memory) Load(_ context.Context, fn func(model.Records) error) (model.Head, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var r model.Records
	for _, k := range m.keys {
		r.Keys = append(r.Keys, k)
	}
	for _, w := range m.workflows {
		r.Workflows = append(r.Workflows, w)
	}
	for _, e := range m.envs {
		r.Environments = append(r.Environments, e)
	}
	return m.head, fn(r)
}

func (m *memory) Commit(_ context.Context, c model.Change) (model.Head, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.fail; err != nil {
		m.fail = nil
		return model.Head{}, err
	}
	if c.Head != m.head {
		return model.Head{}, model.ErrChanged
	}
	apply(m.keys, c.Keys, func(k *model.Key) model.ID { return k.ID })
	apply(m.workflows, c.Workflows, func(w *model.Workflow) model.ID { return w.ID })
	apply(m.envs, c.Environments, func(e *model.Environment) model.ID { return e.ID })
	for _, cert := range c.Certificates {
		m.der[cert.SHA256] = cert.DER
	}
	for _, e := range c.Entries {
		m.entries = append(m.entries, &e)
	}
	last := c.Last()
	m.head = model.Head{Seq: last.Seq, Rev: m.head.Rev + 1, Hash: last.Hash}
	m.done[c.ID] = m.head
	if m.vanish {
		m.vanish = false
		return model.Head{}, model.ErrUnknownOutcome
	}
	return m.head, nil
}

func apply[T any](to map[model.ID]*T, writes []model.Write[T], id func(*T) model.ID) {
	for _, w := range writes {
		if w.After == nil {
			delete(to, id(w.Before))
			continue
		}
		to[id(w.After)] = w.After
	}
}

func (m *memory) Settle(_ context.Context, c model.Change) (model.Head, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.silent {
		return model.Head{}, false, errors.New("no answer")
	}
	head, ok := m.done[c.ID]
	return head, ok, nil
}

func (m *memory) Entries(_ context.Context, first, last uint64) ([]*model.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []*model.Entry
	for _, e := range m.entries {
		if e.Seq >= first && e.Seq <= last {
			out = append(out, e)
		}
	}
	return out, nil
}

func (m *memory) CertificateDER(_ context.Context, d model.Digest) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if der := m.der[d]; der != nil {
		return der, nil
	}
	return nil, model.ErrNotFound
}

func (m *memory) Usage(_ context.Context, ids []model.UsageID) ([]model.Usage, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := make([]model.Usage, len(ids))
	for i, id := range ids {
		list[i] = id.Unused()
		if j := slices.IndexFunc(m.usage, func(u model.Usage) bool { return u.UsageID() == id }); j >= 0 {
			list[i] = m.usage[j]
		}
	}
	return list, nil
}

func (m *memory) LastUses(context.Context) (*model.LastUses, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	last := &model.LastUses{}
	for _, u := range m.usage {
		last.Note(u.Key, u.Slot, u.Last)
	}
	return last, nil
}

func (m *memory) PutUsage(_ context.Context, list []model.Usage) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(list) > model.MaxBatch {
		return errors.New("too many records at once")
	}
	for _, u := range list {
		m.usage = slices.DeleteFunc(m.usage, func(o model.Usage) bool { return o.Key == u.Key && o.Slot == u.Slot && o.Workflow == u.Workflow })
		m.usage = append(m.usage, u)
	}
	return nil
}

// world is a service with a session that may do everything.
type world struct {
	*model.Session
	t       testing.TB
	store   *memory
	service *model.Service
	clock   *clock
	random  numbers
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, store: newMemory(), clock: &clock{t: now}, random: newNumbers(1)}
	w.reopen()
	return w
}

// reopen reads the store anew, as a restart does.
func (w *world) reopen() {
	w.t.Helper()
	s, err := model.NewService(w.t.Context(), w.store, model.Options{Now: w.clock.Now, Random: w.random})
	if err != nil {
		w.t.Fatal(err)
	}
	w.service, w.Session = s, s.As(model.Caller{})
}

func (w *world) secret() model.Secret {
	w.t.Helper()
	s, err := model.NewSecret(w.random)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// token makes a token key and returns its two secrets.
func (w *world) token(name, environment string, workflows ...string) (model.KeyInfo, model.Secret, model.Secret) {
	w.t.Helper()
	a, b := w.secret(), w.secret()
	info, err := w.CreateKey(w.t.Context(), model.KeyDraft{
		Name: name, Kind: model.TokenKey, Environment: environment, Workflows: workflows, Primary: a.Hold(), Secondary: b.Hold(),
	})
	if err != nil {
		w.t.Fatalf("creating %q: %v", name, err)
	}
	return info, a, b
}

func (w *world) workflow(name, method, path string) model.WorkflowInfo {
	w.t.Helper()
	info, err := w.CreateWorkflow(w.t.Context(), model.WorkflowDraft{Name: name, Method: method, Path: path})
	if err != nil {
		w.t.Fatalf("creating the workflow %q: %v", name, err)
	}
	return info
}

// certificate makes a certificate that was never parsed; the decision looks at
// its digest and dates only.
func certificate(name string, from, to time.Time) *model.Certificate {
	der := []byte("not parsed: " + name)
	return &model.Certificate{SHA256: sha256.Sum256(der), Subject: "CN=" + name, NotBefore: from, NotAfter: to, DER: der}
}

// get is a request for a path, with a query, by a secret.
func get(path string, s model.Secret) *model.Request {
	r := &model.Request{Method: "GET", Host: "localhost:8443", Now: now}
	r.Path, r.RawQuery, _ = cut(path)
	if !s.IsZero() {
		r.Authorization = []string{"Key=" + s.Reveal()}
	}
	return r
}

func cut(target string) (path, query string, found bool) {
	for i := range len(target) {
		if target[i] == '?' {
			return target[:i], target[i+1:], true
		}
	}
	return target, "", false
}

func (w *world) decide(r *model.Request) model.Decision {
	w.t.Helper()
	s := w.service.Snapshot()
	d := s.Decide(r)
	explained, steps := s.Explain(r)
	if explained.Reason != d.Reason {
		w.t.Fatalf("Explain says %s, Decide %s", explained.Reason, d.Reason)
	}
	if len(steps) == 0 || steps[len(steps)-1].Passed != d.Allowed() {
		w.t.Fatalf("the last step of %s does not tell: %+v", d.Reason, steps)
	}
	return d
}

func (w *world) want(r *model.Request, reason model.Reason) model.Decision {
	w.t.Helper()
	d := w.decide(r)
	if d.Reason != reason {
		_, steps := w.service.Snapshot().Explain(r)
		w.t.Errorf("%s %s?%s: got %s, want %s\n%s", r.Method, r.Path, r.RawQuery, d.Reason, reason, fmt.Sprint(steps))
	}
	return d
}
