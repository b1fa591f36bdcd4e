package storage_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/storage"
)

var storeNow = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// stores runs a test over the typed store on each engine. again reopens it.
func stores(t *testing.T, test func(t *testing.T, kv storage.KV, again func() storage.KV)) {
	t.Run("memory", func(t *testing.T) {
		kv := storage.NewMemory(storage.LogSize{})
		test(t, kv, func() storage.KV { return kv })
	})
	t.Run("badger", func(t *testing.T) {
		dir := t.TempDir() + "/data"
		open := func() *storage.Badger {
			kv, err := storage.Open(dir, storage.Options{})
			if err != nil {
				t.Fatal(err)
			}
			return kv
		}
		kv := open()
		t.Cleanup(func() { _ = kv.Close() })
		test(t, kv, func() storage.KV {
			if err := kv.Close(); err != nil {
				t.Fatal(err)
			}
			kv = open()
			return kv
		})
	})
}

func session(t testing.TB, kv storage.KV) (*model.Service, *model.Session) {
	t.Helper()
	store, err := storage.NewStore(t.Context(), kv, storeNow)
	if err != nil {
		t.Fatal(err)
	}
	s, err := model.NewService(t.Context(), store, model.Options{Now: func() time.Time { return storeNow }})
	if err != nil {
		t.Fatal(err)
	}
	return s, s.As(model.Caller{})
}

func secrets(t testing.TB) (a, b model.Secret) {
	t.Helper()
	for _, s := range []*model.Secret{&a, &b} {
		var err error
		if *s, err = model.NewSecret(noise{}); err != nil {
			t.Fatal(err)
		}
	}
	return a, b
}

// noise is randomness enough for a test.
type noise struct{}

var noiseCount atomic.Uint64

func (noise) Read(b []byte) (int, error) {

	sum := sha256.Sum256([]byte(fmt.Sprint(noiseCount.Add(1))))
	return copy(b, sum[:]), nil
}

// TestStoreKeepsEverything: what a session did is there after reopening, to the
// last field.
func TestStoreKeepsEverything(t *testing.T) {
	stores(t, func(t *testing.T, kv storage.KV, again func() storage.KV) {
		ctx := t.Context()
		_, s := session(t, kv)
		steps := []func() error{
			func() error {
				_, err := s.CreateEnvironment(ctx, model.EnvironmentDraft{Name: "UAT", Hosts: []string{"uat.example.com"}})
				return err
			},
			func() error {
				_, err := s.CreateWorkflow(ctx, model.WorkflowDraft{Name: "customer", Method: "GET", Path: "/customers/{id}?since={from}", Upstreams: map[string]string{"uat": "http://127.0.0.1:9000"}})
				return err
			},
			func() error {
				a, b := secrets(t)
				_, err := s.CreateKey(ctx, model.KeyDraft{Name: "App", Kind: model.TokenKey, Environment: "UAT", Workflows: []string{"customer"}, Expires: storeNow.Add(time.Hour), NoQuery: true, Primary: a.Hold(), Secondary: b.Hold()})
				return err
			},
			func() error {
				a, _ := secrets(t)
				_, err := s.RegenerateKey(ctx, "app", model.Secondary, a.Hold(), 24*time.Hour)
				return err
			},
			func() error {
				_, err := s.CreateKey(ctx, model.KeyDraft{Name: "cert", Kind: model.CertificateKey, Primary: model.Holding{Certificate: testCertificate("one")}})
				return err
			},
			func() error { _, err := s.SetKeyEnabled(ctx, "cert", false); return err },
		}
		for i, step := range steps {
			if err := step(); err != nil {
				t.Fatalf("step %d: %v", i, err)
			}
		}
		want := everything(t, s)
		_, s = session(t, again())
		if diff := cmp.Diff(want, everything(t, s)); diff != "" {
			t.Errorf("after reopening (-before +after):\n%s", diff)
		}
		cert, err := s.Certificate(ctx, "cert", model.Primary)
		if err != nil || string(cert.DER) != "DER of one" {
			t.Errorf("the certificate's DER: %q, %v", cert.DER, err)
		}
	})
}

func testCertificate(name string) *model.Certificate {
	der := []byte("DER of " + name)
	return &model.Certificate{SHA256: sha256.Sum256(der), Subject: "CN=" + name, NotBefore: storeNow.Add(-time.Hour), NotAfter: storeNow.Add(time.Hour), DER: der}
}

// everything is all that a session shows.
func everything(t *testing.T, s *model.Session) map[string]any {
	t.Helper()
	ctx := t.Context()
	out := map[string]any{}
	page, err := s.Keys(ctx, model.KeyQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range page.Keys {
		if out["key "+row.Name], err = s.Key(ctx, row.Name); err != nil {
			t.Fatal(err)
		}
	}
	if out["workflows"], err = s.Workflows(ctx); err != nil {
		t.Fatal(err)
	}
	if out["environments"], err = s.Environments(ctx); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestStoreIndexes: the index keys alone keep names, secrets and certificates
// unique, against a writer that has not seen the other's change.
func TestStoreIndexes(t *testing.T) {
	stores(t, func(t *testing.T, kv storage.KV, _ func() storage.KV) {
		ctx := t.Context()
		store, err := storage.NewStore(ctx, kv, storeNow)
		if err != nil {
			t.Fatal(err)
		}
		load := func() model.Head {
			head, err := store.Load(ctx, func(model.Records) error { return nil })
			if err != nil {
				t.Fatal(err)
			}
			return head
		}
		key := func(id model.ID, name string, d model.Digest) *model.Key {
			return &model.Key{ID: id, Name: name, Kind: model.TokenKey, State: model.Enabled, Primary: model.Slot{Digest: d}}
		}
		n := 0
		commit := func(w ...model.Write[model.Key]) error {
			n++
			c := model.Change{ID: fmt.Sprint("change-", n), Head: load(), Keys: w}
			c.Entries = linked(c.Head)
			_, err := store.Commit(ctx, c)
			return err
		}
		one := key(11, "One", model.Digest{1})
		if err := commit(model.Write[model.Key]{After: one}); err != nil {
			t.Fatal(err)
		}
		for what, k := range map[string]*model.Key{
			"the same id":     key(11, "Two", model.Digest{2}),
			"the same name":   key(12, "ONE", model.Digest{2}),
			"the same secret": key(12, "Two", model.Digest{1}),
		} {
			if err := commit(model.Write[model.Key]{After: k}); !errors.Is(err, model.ErrChanged) {
				t.Errorf("%s: %v, want a conflict", what, err)
			}
		}
		deleted := key(11, "One", model.Digest{1})
		deleted.State = model.Deleted
		if err := commit(model.Write[model.Key]{Before: one, After: deleted}); err != nil {
			t.Fatal(err)
		}
		if err := commit(model.Write[model.Key]{After: key(12, "one", model.Digest{1})}); !errors.Is(err, model.ErrChanged) {
			t.Errorf("a deleted key's secret was handed out again: %v", err)
		}
		two := key(12, "one", model.Digest{2})
		if err := commit(model.Write[model.Key]{After: two}); err != nil {
			t.Errorf("a deleted key's name is not free: %v", err)
		}
		three := key(13, "three", model.Digest{3})
		if err := commit(model.Write[model.Key]{After: three}); err != nil {
			t.Fatal(err)
		}
		swapped2, swapped3 := key(12, "three", model.Digest{2}), key(13, "one", model.Digest{3})
		if err := commit(model.Write[model.Key]{Before: two, After: swapped2}, model.Write[model.Key]{Before: three, After: swapped3}); err != nil {
			t.Errorf("two keys cannot swap names: %v", err)
		}
		stale := model.Change{ID: "stale", Head: model.Head{Seq: 1, Rev: 1}}
		stale.Entries = linked(stale.Head)
		if _, err := store.Commit(ctx, stale); !errors.Is(err, model.ErrChanged) {
			t.Errorf("a change on an old head: %v", err)
		}
	})
}

// TestEntryAndChangeAreOneCommit: a change and its audit entry have one
// revision, both are there after reopening, and the chain holds.
func TestEntryAndChangeAreOneCommit(t *testing.T) {
	stores(t, func(t *testing.T, kv storage.KV, again func() storage.KV) {
		ctx := t.Context()
		_, s := session(t, kv)
		if _, err := s.CreateWorkflow(ctx, model.WorkflowDraft{Name: "customer", Method: "GET", Path: "/customers/{id}"}); err != nil {
			t.Fatal(err)
		}
		a, b := secrets(t)
		k, err := s.CreateKey(ctx, model.KeyDraft{Name: "app", Kind: model.TokenKey, Environment: "Test", Workflows: []string{"customer"}, Primary: a.Hold(), Secondary: b.Hold()})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.SetKeyEnabled(ctx, "app", false); err != nil {
			t.Fatal(err)
		}
		before, err := s.Audit(ctx, model.AuditQuery{})
		if err != nil {
			t.Fatal(err)
		}

		kv = again()
		records, _, err := kv.Get(ctx, "k/"+k.ID.String(), "a/0000000000000004", "m/head", "a/0000000000000003", "a/0000000000000005")
		if err != nil {
			t.Fatal(err)
		}
		if key, entry, head := records[0].Rev, records[1].Rev, records[2].Rev; key == 0 || entry != key || head != key {
			t.Errorf("the key is of revision %d, its entry of %d, the head of %d", key, entry, head)
		}
		if records[3].Rev == 0 || records[3].Rev >= records[1].Rev || records[4].Rev != 0 {
			t.Errorf("the entries before and after are of revisions %d and %d", records[3].Rev, records[4].Rev)
		}
		store, err := storage.NewStore(ctx, kv, storeNow)
		if err != nil {
			t.Fatal(err)
		}
		entries, err := store.Entries(ctx, 1, 9)
		if err != nil || len(entries) != 4 {
			t.Fatalf("%d entries, %v; want 4", len(entries), err)
		}
		if e := entries[3]; e.Seq != 4 || e.Action != model.KeyDisabledAction || e.Object != (model.Object{Noun: "key", ID: k.ID, Name: "app"}) || e.Hash != e.Sum() {
			t.Errorf("the last entry is %+v", e)
		}
		_, s = session(t, kv)
		if k, err := s.Key(ctx, "app"); err != nil || k.Enabled {
			t.Errorf("the key: %+v, %v", k, err)
		}
		after, err := s.Audit(ctx, model.AuditQuery{})
		if diff := cmp.Diff(before, after); err != nil || diff != "" {
			t.Errorf("after reopening: %v (-before +after):\n%s", err, diff)
		}
		if n, err := s.VerifyAudit(ctx); n != 4 || err != nil {
			t.Errorf("verifying: %d, %v", n, err)
		}
	})
}

// TestAChangeThatFailsLeavesNoEntry: nothing of a refused commit is kept.
func TestAChangeThatFailsLeavesNoEntry(t *testing.T) {
	stores(t, func(t *testing.T, kv storage.KV, again func() storage.KV) {
		ctx := t.Context()
		store, err := storage.NewStore(ctx, kv, storeNow)
		if err != nil {
			t.Fatal(err)
		}
		head, err := store.Load(ctx, func(model.Records) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		c := model.Change{ID: "taken", Head: head, Environments: []model.Write[model.Environment]{{After: &model.Environment{ID: 9, Name: "TEST"}}}}
		c.Entries = linked(head)
		if _, err := store.Commit(ctx, c); !errors.Is(err, model.ErrChanged) {
			t.Fatalf("a name that is taken: %v", err)
		}
		_, s := session(t, again())
		if n, err := s.VerifyAudit(ctx); n != 1 || err != nil {
			t.Errorf("%d entries, %v; want the first alone", n, err)
		}
	})
}

// TestDamagedEntry: an entry that cannot be read is named, as is one before it
// at which the chain breaks already; decisions do not need it.
func TestDamagedEntry(t *testing.T) {
	stores(t, func(t *testing.T, kv storage.KV, again func() storage.KV) {
		ctx := t.Context()
		put := func(key string, value []byte) {
			t.Helper()
			if _, err := kv.Commit(ctx, storage.Tx{Writes: []storage.Write{{Key: key, Value: value, Delete: value == nil}}}); err != nil {
				t.Fatal(err)
			}
		}
		_, s := session(t, kv)
		for i := range 20 {
			if _, err := s.CreateWorkflow(ctx, model.WorkflowDraft{Name: fmt.Sprint("workflow-", i)}); err != nil {
				t.Fatal(err)
			}
		}
		put("a/0000000000000012", []byte("\xa1\x66reason\x68hunter2!"))
		kv = again()
		_, s = session(t, kv)
		_, err := s.VerifyAudit(ctx)
		if !errors.Is(err, storage.ErrCorrupt) || !strings.Contains(err.Error(), "at entry 18: it cannot be read") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("a damaged entry: %v", err)
		}
		if _, err := s.Audit(ctx, model.AuditQuery{}); !errors.Is(err, storage.ErrCorrupt) {
			t.Errorf("the trail around a damaged entry: %v", err)
		}
		if page, err := s.Audit(ctx, model.AuditQuery{Before: 18}); err != nil || len(page.Entries) != 17 {
			t.Errorf("the trail before a damaged entry: %d entries, %v", len(page.Entries), err)
		}
		put("a/0000000000000003", nil)
		var fault *model.AuditFault
		if _, err := s.VerifyAudit(ctx); !errors.As(err, &fault) || fault.Seq != 3 {
			t.Errorf("a lost entry before it: %v", err)
		}
		if list, err := s.Workflows(ctx); err != nil || len(list) != 20 {
			t.Errorf("the workflows: %d, %v", len(list), err)
		}
	})
}

func TestStoreSettles(t *testing.T) {
	stores(t, func(t *testing.T, kv storage.KV, _ func() storage.KV) {
		ctx := t.Context()
		store, err := storage.NewStore(ctx, kv, storeNow)
		if err != nil {
			t.Fatal(err)
		}
		head, err := store.Load(ctx, func(model.Records) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		c := model.Change{ID: "abc", Head: head, Workflows: []model.Write[model.Workflow]{{After: &model.Workflow{ID: 7, Name: "w"}}}}
		c.Entries = linked(head)
		lost := c
		lost.ID = "lost"
		if _, done, err := store.Settle(ctx, lost); done || err != nil {
			t.Errorf("before: %t, %v", done, err)
		}
		if _, err := store.Commit(ctx, lost); err == nil {
			t.Error("a change that was settled as lost arrived after all")
		}
		made, err := store.Commit(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		if got, done, err := store.Settle(ctx, c); !done || err != nil || got != made {
			t.Errorf("after: %+v, %t, %v; want %+v", got, done, err, made)
		}
	})
}

func TestStoreRefusesWhatItCannotRead(t *testing.T) {
	put := func(t *testing.T, kv storage.KV, key, value string) {
		t.Helper()
		if _, err := kv.Commit(t.Context(), storage.Tx{Writes: []storage.Write{{Key: key, Value: []byte(value)}}}); err != nil {
			t.Fatal(err)
		}
	}
	stores(t, func(t *testing.T, kv storage.KV, _ func() storage.KV) {
		store, err := storage.NewStore(t.Context(), kv, storeNow)
		if err != nil {
			t.Fatal(err)
		}
		put(t, kv, "k/0000000000000007", "\xa1\x64name\x68hunter2")
		_, err = store.Load(t.Context(), func(model.Records) error { return nil })
		if !errors.Is(err, storage.ErrCorrupt) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("a damaged record: %v", err)
		}
		put(t, kv, "m/schema", "\xa1\x67version\x02")
		_, err = storage.NewStore(t.Context(), kv, storeNow)
		if !errors.Is(err, storage.ErrNewerSchema) || !strings.Contains(err.Error(), "schema 2, and this one knows 1") {
			t.Errorf("a newer schema: %v", err)
		}
		put(t, kv, "m/schema", "\xa1")
		if _, err = storage.NewStore(t.Context(), kv, storeNow); !errors.Is(err, storage.ErrCorrupt) {
			t.Errorf("a damaged schema version: %v", err)
		}
	})
}

// fillStore puts n token keys into a store, in batches.
func fillStore(t testing.TB, store *storage.Store, n int) {
	t.Helper()
	ctx := context.Background()
	head, err := store.Load(ctx, func(model.Records) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < n; i += 500 {
		c := model.Change{ID: fmt.Sprint("fill-", i), Head: head}
		for j := i; j < min(i+500, n); j++ {
			a, b := secrets(t)
			c.Keys = append(c.Keys, model.Write[model.Key]{After: &model.Key{
				ID: model.ID(1000 + j), Name: fmt.Sprintf("key-%06d", j), Kind: model.TokenKey, State: model.Enabled,
				Workflows: []model.ID{1, 2, 3}, Created: model.At(storeNow), Changed: model.At(storeNow),
				Primary: model.Slot{Digest: a.Digest(), Hint: a.Hint(), Created: model.At(storeNow)}, Secondary: model.Slot{Digest: b.Digest(), Hint: b.Hint(), Created: model.At(storeNow)},
			}})
		}
		c.Entries = linked(head)
		if head, err = store.Commit(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
}

// BenchmarkOpen100k is the figure: a store of 100,000 keys opens to ready in
// under 2 s, beside reading its entries alone.
func BenchmarkOpen100k(b *testing.B) {
	dir := b.TempDir() + "/data"
	kv, err := storage.Open(dir, storage.Options{})
	if err != nil {
		b.Fatal(err)
	}
	store, err := storage.NewStore(b.Context(), kv, storeNow)
	if err != nil {
		b.Fatal(err)
	}
	fillStore(b, store, 100_000)
	if err := kv.Close(); err != nil {
		b.Fatal(err)
	}
	open := func(b *testing.B, use func(*storage.Badger)) {
		for b.Loop() {
			kv, err := storage.Open(dir, storage.Options{})
			if err != nil {
				b.Fatal(err)
			}
			use(kv)
			if err := kv.Close(); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("floor=entries", func(b *testing.B) {
		open(b, func(kv *storage.Badger) {
			if _, err := kv.Snapshot(b.Context(), []string{"k/"}, func([]storage.Entry) error { return nil }); err != nil {
				b.Fatal(err)
			}
		})
	})
	b.Run("ready", func(b *testing.B) {
		open(b, func(kv *storage.Badger) {
			s, _ := session(b, kv)
			if s.Snapshot().Seq() < 200 {
				b.Fatal("not ready")
			}
		})
	})
}

// linked is the audit entry of a change that is decided against head.
func linked(head model.Head) []model.Entry {
	var e model.Entry
	e.Link(head)
	return []model.Entry{e}
}

// TestStoreSettlesTwice: what was settled as not made stays so when it is asked
// again, before and after other changes, and what was made stays made.
func TestStoreSettlesTwice(t *testing.T) {
	stores(t, func(t *testing.T, kv storage.KV, again func() storage.KV) {
		ctx := t.Context()
		_, s := session(t, kv)
		store, err := storage.NewStore(ctx, kv, storeNow)
		if err != nil {
			t.Fatal(err)
		}
		receipts := map[string]*model.Receipt{}
		make := func(name string) {
			t.Helper()
			receipts[name] = &model.Receipt{Request: name}
			if _, err := s.CreateWorkflow(model.WithReceipt(ctx, receipts[name]), model.WorkflowDraft{Name: name}); err != nil {
				t.Fatal(err)
			}
		}
		check := func() {
			t.Helper()
			for name, r := range receipts {
				head, done, err := store.Settle(ctx, model.Change{ID: name})
				if err != nil || !done || head.Seq != r.Seq {
					t.Errorf("%s was made as %d: %+v, %t, %v", name, r.Seq, head, done, err)
				}
			}
			for _, name := range []string{"lost", "lost-too"} {
				if head, done, err := store.Settle(ctx, model.Change{ID: name}); err != nil || done || head != (model.Head{}) {
					t.Errorf("%s was not made: %+v, %t, %v", name, head, done, err)
				}
			}
		}
		check()
		for i := range 9 {
			make(fmt.Sprint("change-", i))
			check()
		}
		_, err = s.CreateWorkflow(model.WithReceipt(ctx, &model.Receipt{Request: "lost"}), model.WorkflowDraft{Name: "lost"})
		if !errors.Is(err, model.ErrChanged) {
			t.Errorf("what was settled as not made came after all: %v", err)
		}
		if settled, err := s.Settle(ctx, "change-4"); err != nil || !settled.Done || len(settled.Objects) != 1 || settled.Objects[0].Name != "change-4" {
			t.Errorf("settling: %+v, %v", settled, err)
		}
		kv = again()
		if store, err = storage.NewStore(ctx, kv, storeNow); err != nil {
			t.Fatal(err)
		}
		check()
		if _, err := kv.Commit(ctx, storage.Tx{Writes: []storage.Write{{Key: "a/0000000000000005", Delete: true}}}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := store.Settle(ctx, model.Change{ID: "change-4"}); !errors.Is(err, storage.ErrCorrupt) {
			t.Errorf("settling by a trail with a gap: %v", err)
		}
	})
}

// TestBulkIsOneCommitABatch: the entries of a batch have the revision of its
// keys, and are found by its request, also when the store forgot it.
func TestBulkIsOneCommitABatch(t *testing.T) {
	kv := storage.NewMemory(storage.LogSize{Commits: 2})
	store, err := storage.NewStore(t.Context(), kv, storeNow)
	if err != nil {
		t.Fatal(err)
	}
	const n = 1200
	fillStore(t, store, n)
	_, s := session(t, kv)
	ctx := t.Context()
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("key-%06d", i)
	}
	got, err := s.ChangeKeys(model.WithReceipt(ctx, &model.Receipt{Request: "bulk"}), names, model.KeyBulk{Disable: true})
	if err != nil || got.Changed != n {
		t.Fatalf("changed %d, %v", got.Changed, err)
	}
	revs := map[storage.Rev]int{}
	if _, err := kv.Snapshot(ctx, []string{"a/", "k/"}, func(entries []storage.Entry) error {
		for _, e := range entries {
			if strings.HasPrefix(e.Key, "k/") {
				revs[e.Rev]++
			} else {
				revs[e.Rev] += 10_000
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	batches := 0
	for rev, count := range revs {
		if keys := count % 10_000; keys > 0 {
			if batches++; count != keys*10_001 {
				t.Errorf("revision %d has %d keys and %d entries", rev, keys, count/10_000)
			}
		}
	}
	if batches < 3 {
		t.Errorf("%d batches", batches)
	}
	if entries, _, err := kv.Get(ctx, "t/bulk"); err != nil || entries[0].Rev != 0 {
		t.Fatalf("the store did not forget: %v", err)
	}
	if settled, err := s.Settle(ctx, "bulk"); err != nil || len(settled.Objects) != n {
		t.Errorf("settling: %d objects, %v", len(settled.Objects), err)
	}
	if seq, err := s.VerifyAudit(ctx); err != nil || seq < n {
		t.Errorf("verifying: %d, %v", seq, err)
	}
}

// TestPurgeLeavesNothing: of a purged key the store keeps the trail and the
// certificates' DER, and no other key that names it or its digests.
func TestPurgeLeavesNothing(t *testing.T) {
	stores(t, func(t *testing.T, kv storage.KV, again func() storage.KV) {
		ctx := t.Context()
		at := storeNow
		open := func() (*model.Service, *model.Session) {
			store, err := storage.NewStore(ctx, kv, storeNow)
			if err != nil {
				t.Fatal(err)
			}
			s, err := model.NewService(ctx, store, model.Options{Now: func() time.Time { return at }})
			if err != nil {
				t.Fatal(err)
			}
			return s, s.As(model.Caller{})
		}
		all := func() map[string]string {
			out := map[string]string{}
			if _, err := kv.Snapshot(ctx, nil, func(entries []storage.Entry) error {
				for _, e := range entries {
					if prefix := e.Key[:2]; prefix != "a/" && prefix != "d/" && prefix != "t/" && prefix != "m/" && !strings.HasPrefix(e.Key, "\x00") {
						out[e.Key] = string(e.Value)
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			return out
		}
		service, s := open()
		before := all()
		a, b := secrets(t)
		c, d := secrets(t)
		app, err := s.CreateKey(ctx, model.KeyDraft{Name: "App", Kind: model.TokenKey, Primary: a.Hold(), Secondary: b.Hold()})
		if err != nil {
			t.Fatal(err)
		}
		cert, err := s.CreateKey(ctx, model.KeyDraft{Name: "cert", Kind: model.CertificateKey, Primary: model.Holding{Certificate: testCertificate("one")}, Secondary: model.Holding{Certificate: testCertificate("two")}})
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []model.Secret{c, d} {
			if _, err := s.RegenerateKey(ctx, "app", model.Primary, secret.Hold(), time.Hour); err != nil {
				t.Fatal(err)
			}
		}
		for _, id := range []model.ID{app.ID, cert.ID} {
			service.AddUsage([]model.Usage{{Key: id, Slot: model.Primary, Allowed: 3, Last: model.At(storeNow), Remote: "10.0.0.7"}, {Key: id, Slot: model.Secondary, Denied: 1}})
		}
		if err := service.FlushUsage(ctx); err != nil {
			t.Fatal(err)
		}
		kv = again()
		service, s = open()
		if k, err := s.Key(ctx, "app"); err != nil || k.Slots[0].Usage == nil || !cmp.Equal(*k.Slots[0].Usage, model.SlotUsage{LastUsed: model.At(storeNow), Remote: "10.0.0.7", Allowed: 3}) || k.Slots[1].Usage.Denied != 1 {
			t.Errorf("usage after reopening: %+v, %v", k.Slots, err)
		}
		if page, err := s.Keys(ctx, model.KeyQuery{}); err != nil || page.Keys[0].LastUsed != model.At(storeNow) || page.Keys[1].LastUsed != model.At(storeNow) {
			t.Errorf("the list after reopening: %+v, %v", page.Keys, err)
		}
		if got, err := s.ChangeKeys(ctx, []string{"app", "cert"}, model.KeyBulk{Delete: true}); err != nil || got.Changed != 2 {
			t.Fatalf("%+v, %v", got, err)
		}
		at = at.Add(model.PurgeAfter + time.Hour)
		if n, err := s.Purge(ctx, 0); n != 2 || err != nil {
			t.Fatalf("purged %d, %v", n, err)
		}
		service.AddUsage([]model.Usage{{Key: app.ID, Slot: model.Primary, Allowed: 1}})
		if err := service.FlushUsage(ctx); err != nil {
			t.Fatal(err)
		}
		kv = again()
		if diff := cmp.Diff(before, all()); diff != "" {
			t.Errorf("what a key left (-before +after):\n%s", diff)
		}
		service, s = open()
		for _, secret := range []model.Secret{a, b, c, d} {
			if got := service.Snapshot().Decide(&model.Request{Method: "GET", Path: "/", Authorization: []string{"Key=" + secret.Reveal()}, Now: at}).Reason; got != model.SecretUnknown {
				t.Errorf("a purged secret: %s", got)
			}
		}
		if _, err := s.CreateKey(ctx, model.KeyDraft{Name: "app", Kind: model.TokenKey, Primary: a.Hold(), Secondary: b.Hold()}); err != nil {
			t.Errorf("the name anew: %v", err)
		}
		if _, err := s.VerifyAudit(ctx); err != nil {
			t.Error(err)
		}
	})
}

func TestStoreUsage(t *testing.T) {
	stores(t, func(t *testing.T, kv storage.KV, _ func() storage.KV) {
		ctx := t.Context()
		store, err := storage.NewStore(ctx, kv, storeNow)
		if err != nil {
			t.Fatal(err)
		}
		if err := store.PutUsage(ctx, nil); err != nil {
			t.Errorf("nothing: %v", err)
		}
		var want []model.Usage
		for i := range model.MaxBatch {
			want = append(want, model.Usage{Key: model.ID(i/2 + 1), Slot: model.SlotNames[i%2], Last: model.At(storeNow), Remote: "2001:db8::1", Allowed: 1 << 40, Denied: uint64(i)})
		}
		for d := range int32(model.UsageDays) {
			want[1].Days = append(want[1].Days, model.DayUse{Day: 20700 + d, Allowed: uint32(d), Denied: 1<<32 - 1})
		}
		last := len(want) - 1
		want[last] = model.Usage{Workflow: want[last].Key, Last: model.At(storeNow), Allowed: 1 << 40} // with the id of a key
		want[1].Callers = []model.CallerUse{{Remote: "10.0.0.7", Last: model.At(storeNow)}, {Remote: "2001:db8::1", Last: 0}}
		for range 2 { // in place of what was
			if err := store.PutUsage(ctx, want); err != nil {
				t.Fatal(err)
			}
			want[0].Allowed++
		}
		want[0].Allowed--
		var ids []model.UsageID
		for _, u := range want {
			ids = append(ids, u.UsageID())
		}
		slices.Reverse(ids) // they are told in the order in which they are asked for
		slices.Reverse(want)
		read := func() ([]model.Usage, error) { return store.Usage(ctx, ids) }
		if got, err := read(); err != nil || cmp.Diff(want, got) != "" {
			t.Errorf("%v (-want +got):\n%s", err, cmp.Diff(want, got))
		}
		if _, err := kv.Commit(ctx, storage.Tx{Writes: []storage.Write{{Key: "u/0000000000000001/primary", Value: []byte("\xa1\x66remote\x68hunter2")}}}); err != nil {
			t.Fatal(err)
		}
		want[len(want)-1] = ids[len(ids)-1].Unused() // it is only a count
		ids = append(ids, model.UsageID{ID: 4711, Slot: model.Primary}, model.UsageID{ID: 4711, Slot: model.NoSlot})
		want = append(want, model.Usage{Key: 4711, Slot: model.Primary}, model.Usage{Workflow: 4711})
		if got, err := read(); err != nil || cmp.Diff(want, got) != "" {
			t.Errorf("a damaged record, and some that are not there: %v (-want +got):\n%s", err, cmp.Diff(want, got))
		}
		many := make([]model.UsageID, 2*kv.Limits().Keys+1) // more than can be asked for at once
		for i := range many {
			many[i] = model.UsageID{ID: model.ID(1e6 + i)}
		}
		many[len(many)-2] = ids[0]
		if got, err := store.Usage(ctx, many); err != nil || len(got) != len(many) || !reflect.DeepEqual(got[len(got)-2], want[0]) || got[len(got)-1].UsageID() != many[len(many)-1] {
			t.Errorf("of many: %d, %v", len(got), err)
		}
		if err := kv.Close(); err != nil {
			t.Fatal(err)
		}
		if err := store.PutUsage(ctx, want); !errors.Is(err, storage.ErrClosed) {
			t.Errorf("after it was closed: %v", err)
		}
		if _, err := read(); !errors.Is(err, storage.ErrClosed) {
			t.Errorf("read after it was closed: %v", err)
		}
	})
}

// TestStoreKeepsEveryReason: a reason that is no text is refused, and an actor's
// name that is none is made one, so that every entry can be read back.
func TestStoreKeepsEveryReason(t *testing.T) {
	kv := storage.NewMemory(storage.LogSize{})
	service, _ := session(t, kv)
	ctx := t.Context()
	if _, err := service.As(model.Caller{Reason: "\xff"}).CreateWorkflow(ctx, model.WorkflowDraft{Name: "w"}); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("a reason that is no text: %v", err)
	}
	s := service.As(model.Caller{Reason: "größer", Actor: model.Actor{User: "\xfe", Claimed: "al\xffice"}})
	if _, err := s.CreateWorkflow(ctx, model.WorkflowDraft{Name: "w"}); err != nil {
		t.Fatal(err)
	}
	page, err := s.Audit(ctx, model.AuditQuery{Limit: 1})
	if err != nil || page.Entries[0].Actor.Claimed != "al?ice" || page.Entries[0].Reason != "größer" {
		t.Errorf("%+v, %v", page.Entries, err)
	}
	if _, err := s.VerifyAudit(ctx); err != nil {
		t.Error(err)
	}
}

// A record from before calls were counted by the day and by caller is read as
// one that says nothing of them, and one that says nothing is written as then.
func TestStoreUsageOfOlderRecords(t *testing.T) {
	stores(t, func(t *testing.T, kv storage.KV, _ func() storage.KV) {
		ctx := t.Context()
		store, err := storage.NewStore(ctx, kv, storeNow)
		if err != nil {
			t.Fatal(err)
		}
		want := []model.Usage{{Key: 7, Slot: model.Secondary, Last: model.At(storeNow), Remote: "10.0.0.7", Allowed: 3, Denied: 1}}
		if err := store.PutUsage(ctx, want); err != nil {
			t.Fatal(err)
		}
		const old = "\xa6ckey\adlast\x1b\x18\xea\r\xa4\x1e\x9d\x80\x00dslot\x02fdenied\x01fremoteh10.0.0.7gallowed\x03"
		entries, _, err := kv.Get(ctx, "u/0000000000000007/secondary")
		if err != nil || len(entries) != 1 || string(entries[0].Value) != old {
			t.Fatalf("%+v, %v", entries, err)
		}
		got, err := store.Usage(ctx, []model.UsageID{want[0].UsageID()})
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Error(err, diff)
		}
	})
}

// TestStoreForgetsDeletedWorkflows: nothing is left of the use of a workflow that
// is deleted, nor of what was counted of it before.
func TestStoreForgetsDeletedWorkflows(t *testing.T) {
	kv := storage.NewMemory(storage.LogSize{})
	service, s := session(t, kv)
	ctx := t.Context()
	w, err := s.CreateWorkflow(ctx, model.WorkflowDraft{Name: "w", Method: "GET", Path: "/w"})
	if err != nil {
		t.Fatal(err)
	}
	records := func() (n int) {
		t.Helper()
		if _, err := kv.Snapshot(ctx, []string{"u/"}, func(list []storage.Entry) error { n += len(list); return nil }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	service.AddUsage([]model.Usage{{Workflow: w.ID, Allowed: 3, Last: model.At(storeNow)}})
	if err := service.FlushUsage(ctx); err != nil || records() != 1 {
		t.Fatalf("%d records, %v", records(), err)
	}
	if _, err := s.DeleteWorkflow(ctx, "w"); err != nil {
		t.Fatal(err)
	}
	if err := service.FlushUsage(ctx); err != nil || records() != 0 {
		t.Errorf("%d records, %v", records(), err)
	}
}
