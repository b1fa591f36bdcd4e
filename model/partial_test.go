package model_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// TestSecretsIndexedWhenFirstDecided: a service in whose process nobody decides
// indexes the secrets once somebody does, and keeps them up from then on.
func TestSecretsIndexedWhenFirstDecided(t *testing.T) {
	w, a, b := fixture(t)
	call := get("/customers/1?_profile=Test", a)
	w.reopen()
	must(t)(w.RegenerateKey(t.Context(), "app", model.Secondary, w.secret().Hold(), 0)) // nobody has decided yet
	w.want(call, model.Allowed)
	w.want(get("/customers/1?_profile=Test", b), model.SecretRetired)
	_, c, _ := w.token("later", "", "customer")
	w.want(get("/customers/1", c), model.Allowed)
	must(t)(w.SetKeyEnabled(t.Context(), "app", false))
	w.want(call, model.KeyDisabled)
}

func TestCheckFindsASecretWhereNobodyDecides(t *testing.T) {
	w, a, _ := fixture(t)
	w.reopen()
	v, err := w.Check(t.Context(), model.CheckQuery{Method: "GET", URL: "/customers/1?_profile=Test", Secret: a.Digest()})
	if err != nil || v.Reason != model.Allowed {
		t.Errorf("the check of a known secret says %v, %v", v.Reason, err)
	}
}

// interrupted is a store that does something before it commits.
type interrupted struct {
	*memory
	before func()
}

func (a *interrupted) Commit(ctx context.Context, c model.Change) (model.Head, error) {
	a.before()
	return a.memory.Commit(ctx, c)
}

// TestSecretsIndexedDuringAChange: the change was planned without the index that
// is there when it is done.
func TestSecretsIndexedDuringAChange(t *testing.T) {
	w, a, _ := fixture(t)
	store := &interrupted{w.store, func() {}}
	var err error
	if w.service, err = model.NewService(t.Context(), store, model.Options{Now: w.clock.Now, Random: w.random}); err != nil {
		t.Fatal(err)
	}
	w.Session = w.service.As(model.Caller{})
	store.before = func() { w.want(get("/customers/1?_profile=Test", a), model.Allowed) }
	_, fresh, _ := w.token("fresh", "", "customer")
	w.want(get("/customers/1", fresh), model.Allowed)
	w.want(get("/customers/1?_profile=Test", a), model.Allowed)
}

func TestKeysAreFoundByID(t *testing.T) {
	w := newWorld(t)
	w.workflow("customer", "GET", "/customers/{id}")
	var ids []model.ID
	for _, name := range []string{"d", "a", "c", "b", "e"} {
		info, _, _ := w.token(name, "", "customer")
		ids = append(ids, info.ID)
	}
	if err := w.DeleteKey(t.Context(), "c"); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(model.PurgeAfter + time.Second)
	if n, err := w.Purge(t.Context(), model.PurgeAfter); err != nil || n != 1 {
		t.Fatalf("purging: %d, %v", n, err)
	}
	for range 2 {
		for i, id := range ids {
			_, err := w.Key(t.Context(), id.String())
			if gone := i == 2; errors.Is(err, model.ErrNotFound) != gone {
				t.Errorf("the key %d: %v", i, err)
			}
		}
		w.reopen() // in whatever order its store has them
	}
}
