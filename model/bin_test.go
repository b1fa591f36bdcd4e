package model_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// TestRestoreKey: what was deleted comes back disabled, and with everything once
// it is enabled; also to whoever follows, and to whoever opens the store anew.
func TestRestoreKey(t *testing.T) {
	w, a, b := fixture(t)
	ctx := t.Context()
	f := &follower{Follower: w.follow(model.Following{Records: true})}
	want := func(what string, reason model.Reason) {
		t.Helper()
		for s := f.Replica.Snapshot(); s == nil || s.Seq() != w.seq(); s = f.Replica.Snapshot() {
			if err := f.Apply(carried(t, w.next(f.Follower))); err != nil {
				t.Fatal(err)
			}
		}
		fresh, err := model.NewService(ctx, w.store, model.Options{Now: w.clock.Now})
		if err != nil {
			t.Fatal(err)
		}
		for i, snapshot := range []*model.Snapshot{w.service.Snapshot(), f.Replica.Snapshot(), fresh.Snapshot()} {
			for _, s := range []model.Secret{a, b} {
				r := get("/customers/1?_profile=Test", s)
				r.Now = w.clock.Now()
				if got := snapshot.Decide(r).Reason; got != reason {
					t.Errorf("%s, snapshot %d: got %s, want %s", what, i, got, reason)
				}
			}
		}
	}
	before := must(t)(w.Key(ctx, "app"))
	if err := w.DeleteKey(ctx, "app"); err != nil {
		t.Fatal(err)
	}
	want("deleted", model.KeyDeleted)
	page, err := w.DeletedKeys(ctx, model.BinQuery{})
	if err != nil || page.Total != 1 || page.Keys[0].Name != "app" || page.Keys[0].Environment != "Test" || page.Keys[0].WorkflowCount != 2 ||
		page.Keys[0].PurgedFrom != model.At(page.Keys[0].Deleted.Time().Add(model.PurgeAfter)) || page.Keys[0].NameTaken {
		t.Errorf("the bin: %+v, %v", page, err)
	}
	_, err = w.service.As(model.Caller{ReadOnly: true}).RestoreKey(ctx, "app", "")
	wantError(t, err, model.ErrForbidden, "restoring a key")
	entries := len(w.store.entries)
	k, err := w.RestoreKey(ctx, before.ID.String(), "")
	if err != nil || k.ID != before.ID || k.Name != "app" || k.Enabled || len(k.Emptied) != 0 || len(k.Workflows) != 2 || k.Environment != "Test" || k.Changed <= before.Changed {
		t.Errorf("restored: %+v, %v", k, err)
	}
	if made := w.store.entries[entries:]; len(made) != 1 || made[0].Action != model.KeyRestored || made[0].Action.Done() != "key restored" ||
		!slices.Contains(made[0].Changes, model.FieldChange{Field: "state", From: "deleted", To: "disabled"}) {
		t.Errorf("the entries: %+v", made)
	}
	want("restored", model.KeyDisabled)
	must(t)(w.SetKeyEnabled(ctx, "app", true))
	want("enabled", model.Allowed)
	if page, _ := w.DeletedKeys(ctx, model.BinQuery{}); page.Total != 0 || len(page.Keys) != 0 {
		t.Errorf("the bin still has %+v", page)
	}
	_, err = w.RestoreKey(ctx, "app", "")
	wantError(t, err, model.ErrNotFound, "no deleted key")
	w.clock.Advance(2 * model.PurgeAfter)
	if n, err := w.Purge(ctx, 0); n != 0 || err != nil {
		t.Errorf("purged %d, %v: it was restored", n, err)
	}
}

func TestRestoreKeyUnderAnotherName(t *testing.T) {
	w, _, _ := fixture(t)
	ctx := t.Context()
	for range 2 { // the second one takes the name meanwhile
		if err := w.DeleteKey(ctx, "app"); err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(time.Minute)
		w.token("App", "")
	}
	page, err := w.DeletedKeys(ctx, model.BinQuery{Offset: 1, Limit: 5})
	if err != nil || page.Total != 2 || len(page.Keys) != 1 || page.Keys[0].Name != "app" || !page.Keys[0].NameTaken {
		t.Fatalf("the bin: %+v, %v", page, err)
	}
	id := page.Keys[0].ID.String()
	_, err = w.RestoreKey(ctx, "app", "other")
	wantError(t, err, model.ErrConflict, `2 deleted keys are called "App": say which by its id`)
	_, err = w.RestoreKey(ctx, id, "")
	wantError(t, err, model.ErrConflict, `the name "App" is taken`)
	_, err = w.RestoreKey(ctx, id, " bad ")
	wantError(t, err, model.ErrInvalid, "")
	if k, err := w.RestoreKey(ctx, id, "other"); err != nil || k.Name != "other" {
		t.Errorf("restored: %+v, %v", k, err)
	}
	if k := must(t)(w.Key(ctx, "other")); k.ID != page.Keys[0].ID {
		t.Errorf("the key is %+v", k)
	}
	if _, err := w.RestoreKey(ctx, "APP", "another"); err != nil {
		t.Error(err) // one of that name is left
	}
}

// TestRestoreKeyIntoAnotherWorld: what the key named is gone, or another key's.
func TestRestoreKeyIntoAnotherWorld(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.workflow("a", "GET", "/a")
	w.workflow("b", "GET", "/b")
	first := certificate("first", now.Add(-time.Hour), now.Add(100*24*time.Hour))
	second := certificate("second", now.Add(-time.Hour), now.Add(100*24*time.Hour))
	must(t)(w.CreateKey(ctx, model.KeyDraft{Name: "old", Kind: model.CertificateKey, Workflows: []string{"a", "b"},
		Primary: model.Holding{Certificate: first}, Secondary: model.Holding{Certificate: second}}))
	if err := w.DeleteKey(ctx, "old"); err != nil {
		t.Fatal(err)
	}
	must(t)(w.CreateKey(ctx, model.KeyDraft{Name: "new", Kind: model.CertificateKey, Workflows: []string{"a"}, Primary: model.Holding{Certificate: first}}))
	if _, err := w.DeleteWorkflow(ctx, "b"); err != nil {
		t.Fatal(err)
	}
	k, err := w.RestoreKey(ctx, "old", "")
	if err != nil || !slices.Equal(k.Emptied, []model.SlotName{model.Primary}) || !k.Slot(model.Primary).Empty || k.Slot(model.Secondary).Empty || len(k.Workflows) != 1 {
		t.Fatalf("restored: %+v, %v", k, err)
	}
	must(t)(w.SetKeyEnabled(ctx, "old", true))
	for cert, name := range map[*model.Certificate]string{first: "new", second: "old"} {
		if d := w.want(&model.Request{Method: "GET", Path: "/a", Certificate: cert.SHA256, Now: w.clock.Now()}, model.Allowed); d.Key.Name != name {
			t.Errorf("the certificate is of %q, want %q", d.Key.Name, name)
		}
	}

	if _, err := w.CreateEnvironment(ctx, model.EnvironmentDraft{Name: "Stage"}); err != nil {
		t.Fatal(err)
	}
	w.token("staged", "Stage", "a")
	if err := w.DeleteKey(ctx, "staged"); err != nil {
		t.Fatal(err)
	}
	if err := w.DeleteEnvironment(ctx, "Stage"); err != nil {
		t.Fatal(err)
	}
	page, err := w.DeletedKeys(ctx, model.BinQuery{})
	if err != nil || len(page.Keys) != 1 || !page.Keys[0].EnvironmentGone || page.Keys[0].Production || page.Keys[0].Environment != "" {
		t.Errorf("the bin: %+v, %v", page, err)
	}
	_, err = w.RestoreKey(ctx, "staged", "")
	wantError(t, err, model.ErrConflict, "is deleted: make a new key in its place") // without a target it could invoke every one
}

// TestBinOfMany: pages are whole, and what was deleted last comes first.
func TestBinOfMany(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	for i := range 7 {
		w.token(fmt.Sprint("key-", i), "")
	}
	for i := range 6 {
		w.clock.Advance(time.Second)
		if err := w.DeleteKey(ctx, fmt.Sprint("key-", i)); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	for at := 0; at < 6; at += 4 {
		page, err := w.DeletedKeys(ctx, model.BinQuery{Offset: at, Limit: 4})
		if err != nil || page.Total != 6 {
			t.Fatalf("%+v, %v", page, err)
		}
		for _, k := range page.Keys {
			names = append(names, k.Name)
		}
	}
	if want := []string{"key-5", "key-4", "key-3", "key-2", "key-1", "key-0"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
}
