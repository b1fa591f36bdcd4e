package sharing_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/sharing"
)

// patience bounds every wait for something that happens by itself. It is no
// measure: what is waited for takes milliseconds.
const patience = 20 * time.Second

func join(t *testing.T, dir string, rank model.Rank) *sharing.Member {
	t.Helper()
	m, err := sharing.Join(t.Context(), sharing.Options{Dir: dir, Rank: rank, Version: "test"})
	if err != nil {
		t.Fatalf("joining as %s: %v", rank, err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Errorf("closing %s: %v", rank, err)
		}
	})
	return m
}

// await waits until what is so.
func await(t *testing.T, m *sharing.Member, what string, is func(model.Standing) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var last model.Standing
	_ = m.Watch(ctx, func(s model.Standing) {
		if last = s; is(s) {
			cancel()
		}
	})
	if !is(last) {
		t.Fatalf("never came: %s; it stands at %+v", what, last)
	}
}

func mine(s model.Standing) bool { return s.Mine }

func secret(t *testing.T) model.Secret {
	t.Helper()
	s, err := model.NewSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func draft(t *testing.T, name string) model.KeyDraft {
	t.Helper()
	return model.KeyDraft{Name: name, Kind: model.TokenKey, Environment: "Test", Primary: secret(t).Hold(), Secondary: secret(t).Hold()}
}

func create(t *testing.T, m *sharing.Member, name string) model.KeyInfo {
	t.Helper()
	k, err := m.CreateKey(t.Context(), draft(t, name))
	if err != nil {
		t.Fatalf("creating %q: %v", name, err)
	}
	return k
}

// TestOneDirectory: whoever comes first owns the store, everybody works on it,
// and a change made anywhere is known everywhere.
func TestOneDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	console := join(t, dir, model.RankConsole)
	if s := console.Standing(); !s.Mine {
		t.Fatalf("the first is not the owner: %+v", s)
	}
	other := join(t, dir, model.RankConsole)
	if s := other.Standing(); s.Mine || s.Owner.Rank != model.RankConsole {
		t.Fatalf("the second stands at %+v", s)
	}
	k := create(t, other, "made by the second")
	for who, m := range map[string]*sharing.Member{"owner": console, "client": other} {
		got, err := m.Key(t.Context(), "made by the second")
		if err != nil || got.ID != k.ID {
			t.Errorf("the %s sees %v, %v", who, got.ID, err)
		}
		page, err := m.Audit(t.Context(), model.AuditQuery{})
		if err != nil || len(page.Entries) != 2 {
			t.Errorf("the %s sees %d entries, %v", who, len(page.Entries), err)
		}
	}
	before := other.Standing().Seq
	create(t, console, "made by the owner")
	await(t, other, "the change of another", func(s model.Standing) bool { return s.Seq > before })

	// errors.Is holds on both sides.
	for who, m := range map[string]*sharing.Member{"owner": console, "client": other} {
		if _, err := m.CreateKey(t.Context(), draft(t, "MADE BY THE OWNER")); !errors.Is(err, model.ErrConflict) {
			t.Errorf("%s: a name that is taken: %v", who, err)
		}
		if _, err := m.Key(t.Context(), "nobody"); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("%s: a key that is not there: %v", who, err)
		}
	}
}

// TestServeGetsTheStore: an endpoint that comes asks a console for the store and
// gets it; the console goes on as its client, without an error.
func TestServeGetsTheStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	console := join(t, dir, model.RankConsole)
	create(t, console, "before")

	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	made := 0
	wg.Go(func() {
		for ; ctx.Err() == nil; made++ {
			if _, err := console.CreateKey(t.Context(), draft(t, fmt.Sprint("during ", made))); err != nil {
				t.Errorf("while the store changes hands: %v", err)
				return
			}
		}
	})
	serve := join(t, dir, model.RankServe)
	await(t, serve, "the endpoint owns the store", mine)
	await(t, console, "the console is a client", func(s model.Standing) bool { return !s.Mine && s.Owner.Rank == model.RankServe })
	create(t, console, "after")
	stop()
	wg.Wait()
	page, err := serve.Keys(t.Context(), model.KeyQuery{})
	if err != nil || page.All != made+2 {
		t.Errorf("there are %d keys, %v; %d were confirmed", page.All, err, made+2)
	}
	if n, err := console.VerifyAudit(t.Context()); err != nil || n != uint64(made+3) {
		t.Errorf("the trail has %d entries, %v; want %d", n, err, made+3)
	}
	if serve.Snapshot().Seq() != serve.Newest() {
		t.Errorf("the endpoint decides at %d, and %d is the newest", serve.Snapshot().Seq(), serve.Newest())
	}
	second := join(t, dir, model.RankServe)
	if s := second.Standing(); s.Mine || s.Owner.Rank != model.RankServe {
		t.Errorf("a second endpoint stands at %+v", s)
	}
}

// TestConfirmation: a change is in force on every endpoint when it is confirmed.
func TestConfirmation(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	first := join(t, dir, model.RankServe)
	second := join(t, dir, model.RankServe)
	console := join(t, dir, model.RankConsole)
	d := draft(t, "orders")
	if _, err := console.CreateKey(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	await(t, second, "the second endpoint follows", func(s model.Standing) bool { return s.Seq >= 2 })
	for i := range 50 {
		enabled := i%2 == 1
		var r model.Receipt
		if _, err := console.SetKeyEnabled(model.WithReceipt(t.Context(), &r), "orders", enabled); err != nil {
			t.Fatal(err)
		}
		if r.Serves != 2 || r.InForce != 2 || len(r.Missing) != 0 || !strings.HasPrefix(r.Words(), "in force at 2 of 2 endpoints in ") {
			t.Fatalf("the receipt is %+v", r)
		}
		for who, m := range map[string]*sharing.Member{"first": first, "second": second} {
			if s := m.Snapshot(); s.Seq() < r.Seq || m.Newest() < r.Seq {
				t.Errorf("%s is at %d and knows of %d; confirmed is %d", who, s.Seq(), m.Newest(), r.Seq)
			}
		}
	}
}

// TestOwnerLeaves: when the owner leaves, another takes over, and nobody sees an
// error.
func TestOwnerLeaves(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	owner, err := sharing.Join(t.Context(), sharing.Options{Dir: dir, Rank: model.RankServe})
	if err != nil {
		t.Fatal(err)
	}
	a, b := join(t, dir, model.RankConsole), join(t, dir, model.RankConsole)
	create(t, a, "one")
	if err := owner.Close(); err != nil {
		t.Fatal(err)
	}
	for i, m := range []*sharing.Member{a, b} {
		if _, err := m.Key(t.Context(), "one"); err != nil {
			t.Errorf("console %d: %v", i, err)
		}
		create(t, m, fmt.Sprint("made after ", i))
	}
	if a.Standing().Mine == b.Standing().Mine {
		t.Errorf("they stand at %+v and %+v", a.Standing(), b.Standing())
	}
}

// TestSuspend: a console that is suspended holds nothing, and takes part again.
func TestSuspend(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	a := join(t, dir, model.RankConsole)
	create(t, a, "one")
	if err := a.Suspend(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := join(t, dir, model.RankConsole)
	if !b.Standing().Mine {
		t.Errorf("the other stands at %+v", b.Standing())
	}
	create(t, b, "two")
	if err := a.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := a.Standing(); s.Mine || s.Owner.Rank != model.RankConsole {
		t.Errorf("after resuming it stands at %+v", s)
	}
	if page, err := a.Keys(t.Context(), model.KeyQuery{}); err != nil || page.All != 2 {
		t.Errorf("after resuming there are %d keys, %v", page.All, err)
	}
}

// TestUsageIsTold: what an attached endpoint counted is on record once it left,
// or told.
func TestUsageIsTold(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	owner := join(t, dir, model.RankServe)
	d := draft(t, "orders")
	k, err := owner.CreateKey(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	attached, err := sharing.Join(t.Context(), sharing.Options{Dir: dir, Rank: model.RankServe})
	if err != nil {
		t.Fatal(err)
	}
	attached.Meter().Return([]model.Usage{{Key: k.ID, Slot: model.Primary, Allowed: 3, Denied: 1, Last: model.At(time.Now()), Remote: "10.0.0.7"}})
	if err := attached.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := owner.Key(t.Context(), "orders")
	if err != nil {
		t.Fatal(err)
	}
	if u := got.Slot(model.Primary).Usage; u == nil || u.Allowed != 3 || u.Denied != 1 || u.Remote != "10.0.0.7" || got.LastUsed == 0 {
		t.Errorf("on record is %+v", u)
	}
}

// TestUsageIsToldSoon: whoever looks sees what is counted within seconds, long
// before it is put on record, wherever it is counted.
func TestUsageIsToldSoon(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	open := func() *sharing.Member {
		t.Helper()
		m, err := sharing.Join(t.Context(), sharing.Options{Dir: dir, Rank: model.RankServe, UsageEvery: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = m.Close() })
		return m
	}
	owner, attached := open(), open()
	k, err := owner.CreateKey(t.Context(), draft(t, "orders"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []*sharing.Member{owner, attached} {
		m.Meter().Return([]model.Usage{{Key: k.ID, Slot: model.Primary, Allowed: 1, Last: model.At(time.Now()), Remote: "10.0.0.7"}})
	}
	var u *model.SlotUsage
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		got, err := attached.Key(t.Context(), "orders")
		if err != nil {
			t.Fatal(err)
		}
		if u = got.Slot(model.Primary).Usage; u != nil && u.Allowed == 2 {
			return
		}
	}
	t.Errorf("it is told of %+v", u)
}
