package model_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

func TestPurge(t *testing.T) {
	w, a, b := fixture(t)
	ctx := t.Context()
	f := &follower{Follower: w.follow(model.Following{Records: true}), rand: nil}
	take := func() {
		t.Helper()
		for s := f.Replica.Snapshot(); s == nil || s.Seq() != w.seq(); s = f.Replica.Snapshot() {
			if err := f.Apply(carried(t, w.next(f.Follower))); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := func(what string, s model.Secret, reason model.Reason) {
		t.Helper()
		take()
		fresh, err := model.NewService(ctx, w.store, model.Options{Now: w.clock.Now})
		if err != nil {
			t.Fatal(err)
		}
		for _, snapshot := range []*model.Snapshot{w.service.Snapshot(), f.Replica.Snapshot(), fresh.Snapshot()} {
			r := get("/customers/1?_profile=Test", s)
			r.Now = w.clock.Now()
			if got := snapshot.Decide(r).Reason; got != reason {
				t.Errorf("%s: got %s, want %s", what, got, reason)
			}
		}
	}
	purge := func(age time.Duration, want int) {
		t.Helper()
		n, err := w.Purge(ctx, age)
		if n != want || err != nil {
			t.Errorf("purged %d, %v; want %d", n, err, want)
		}
	}
	c := w.secret()
	must(t)(w.RegenerateKey(ctx, "app", model.Primary, c.Hold(), time.Hour))
	w.token("stays", "")
	id := must(t)(w.Key(ctx, "app")).ID
	w.service.AddUsage([]model.Usage{{Key: id, Slot: model.Primary, Allowed: 1}})
	if err := w.service.FlushUsage(ctx); err != nil {
		t.Fatal(err)
	}
	if err := w.DeleteKey(ctx, "app"); err != nil {
		t.Fatal(err)
	}
	for _, try := range []error{w.DeleteKey(ctx, id.String()), second(w.SetKeyEnabled(ctx, id.String(), true)), second(w.EditKey(ctx, id.String(), model.KeyEdit{Name: ptr("x")}))} {
		wantError(t, try, model.ErrNotFound, "") // nothing changes a deleted key, so Changed is when it was deleted
	}
	for _, age := range []time.Duration{-1, time.Hour, model.PurgeAfter - 1} {
		_, err := w.Purge(ctx, age)
		wantError(t, err, model.ErrInvalid, "14 days at least: say 14d or more")
	}
	purge(0, 0)
	w.clock.Advance(w.store.keys[id].Changed.Time().Sub(w.clock.Now()) + model.PurgeAfter)
	purge(0, 0) // not longer ago yet
	for _, s := range []model.Secret{a, b, c} {
		want("before", s, model.KeyDeleted)
	}
	w.clock.Advance(time.Second)
	purge(15*24*time.Hour, 0)
	_, err := w.service.As(model.Caller{ReadOnly: true}).Purge(ctx, 0)
	wantError(t, err, model.ErrForbidden, "purging a key")
	before := len(w.store.entries)
	purge(0, 1)
	purge(0, 0)
	if made := w.store.entries[before:]; len(made) != 1 || made[0].Action != model.KeyPurged || made[0].Object != (model.Object{Noun: "key", ID: id, Name: "app"}) || made[0].Changes != nil {
		t.Errorf("the entries: %+v", made)
	}
	for _, s := range []model.Secret{a, b, c} {
		want("after", s, model.SecretUnknown)
	}
	if w.store.keys[id] != nil {
		t.Error("the record is still there")
	}
	w.service.AddUsage([]model.Usage{{Key: id, Slot: model.Primary, Allowed: 1}})
	if w.service.UsageHeld() != 0 {
		t.Error("a purged key is counted")
	}
	if _, s, _ := w.token("app", "Test", "customer"); true {
		want("the name anew", s, model.Allowed)
	}
	if n, err := w.VerifyAudit(ctx); err != nil || int(n) != len(w.store.entries) {
		t.Errorf("verifying: %d, %v", n, err)
	}
}

func second[A any](_ A, err error) error { return err }

// TestPurgeOfCertificates: a deleted key's certificate may have been registered
// anew, and purging the old key leaves it there.
func TestPurgeOfCertificates(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.workflow("a", "GET", "/a")
	c := certificate("one", now.Add(-time.Hour), now.Add(100*24*time.Hour))
	make := func(name string) {
		must(t)(w.CreateKey(ctx, model.KeyDraft{Name: name, Kind: model.CertificateKey, Workflows: []string{"a"}, Primary: model.Holding{Certificate: c}}))
	}
	make("old")
	if err := w.DeleteKey(ctx, "old"); err != nil {
		t.Fatal(err)
	}
	make("new")
	w.clock.Advance(model.PurgeAfter + time.Second)
	if n, err := w.Purge(ctx, 0); n != 1 || err != nil {
		t.Errorf("purged %d, %v", n, err)
	}
	ask := &model.Request{Method: "GET", Path: "/a", Certificate: c.SHA256, Now: w.clock.Now()}
	if d := w.want(ask, model.Allowed); d.Key.Name != "new" {
		t.Errorf("the certificate is of %s", d.Key.Name)
	}
	if err := w.DeleteKey(ctx, "new"); err != nil {
		t.Fatal(err)
	}
	w.want(ask, model.CertificateUnknown)
}

func TestPurgeWorksInBatches(t *testing.T) {
	const n = 60
	w, store, names := tightWorld(t, n, 25)
	ctx := t.Context()
	if _, err := w.ChangeKeys(ctx, names, model.KeyBulk{Delete: true}); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(2 * model.PurgeAfter)
	store.commits, store.failAt = nil, 2
	got, err := w.Purge(asking(ctx, "first"), 0)
	if !errors.Is(err, errFire) || got != 25 && got != 15 {
		t.Errorf("purged %d, %v", got, err)
	}
	wantError(t, err, errFire, fmt.Sprintf("(%d are gone)", got))
	store.failAt = 0
	rest, err := w.Purge(asking(ctx, "second"), 0)
	if err != nil || got+rest != n {
		t.Errorf("purged %d and %d, %v", got, rest, err)
	}
	for request, want := range map[string]int{"first": got, "second": rest} {
		if s, err := w.Settle(ctx, request); err != nil || len(s.Objects) != want {
			t.Errorf("settling %s: %d objects, %v; want %d", request, len(s.Objects), err, want)
		}
	}
}
