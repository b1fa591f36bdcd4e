package sharing_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/sharing"
	"dev.keyward/keyward/storage"
)

// goneFrom reports whether a member stands outside of a directory that is gone.
func goneFrom(s model.Standing) bool {
	return strings.Contains(s.Stale, " is gone")
}

// untouched fails when there is anything at dir.
func untouched(t *testing.T, dir string) {
	t.Helper()
	if names, err := os.ReadDir(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something is at %s again: %v, %v", dir, names, err)
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// TestDirectoryIsMoved: whoever took part in a directory that is gone makes
// nothing in its place, says so, and takes part again once it is back.
func TestDirectoryIsMoved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	owner, err := sharing.Join(t.Context(), sharing.Options{Dir: dir, Rank: model.RankServe})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = owner.Close() }()
	create(t, owner, "orders")
	console, endpoint := join(t, dir, model.RankConsole), join(t, dir, model.RankServe)
	await(t, endpoint, "it follows", func(s model.Standing) bool { return s.Seq >= 2 })
	rename(t, dir, dir+".moved")

	// Under an owner that goes on nothing is changed, which everybody is told.
	var gone *storage.GoneError
	if _, err := owner.CreateKey(t.Context(), draft(t, "later")); !errors.As(err, &gone) || !errors.Is(err, model.ErrDegraded) {
		t.Errorf("the owner's change: %v", err)
	}
	if _, err := console.CreateKey(t.Context(), draft(t, "later")); !errors.Is(err, model.ErrDegraded) || !strings.Contains(err.Error(), "is gone: put it back, or leave") {
		t.Errorf("a client's change: %v", err)
	}
	for _, m := range []*sharing.Member{owner, console, endpoint} {
		await(t, m, "the directory is missed", func(s model.Standing) bool { return strings.Contains(s.Degraded, " is gone") })
		if _, err := m.Key(t.Context(), "orders"); err != nil {
			t.Errorf("what was there is not told: %v", err)
		}
	}
	if endpoint.Trouble() == "" {
		t.Error("an endpoint has no trouble")
	}

	if err := owner.Close(); !errors.As(err, &gone) {
		t.Errorf("the owner closed with %v", err)
	}
	await(t, console, "nobody has the store", goneFrom)
	await(t, endpoint, "nobody has the store", goneFrom)
	if s := endpoint.Snapshot(); s == nil || s.Seq() != endpoint.Newest() {
		t.Error("the endpoint does not decide from what it has")
	}
	if _, err := console.Keys(t.Context(), model.KeyQuery{}); !errors.As(err, &gone) {
		t.Errorf("a question ends with %v", err)
	}
	if _, err := sharing.Join(t.Context(), sharing.Options{Dir: dir, Rank: model.RankServe, Same: console}); !errors.As(err, &gone) {
		t.Errorf("another part of the process joins with %v", err)
	}
	untouched(t, dir)

	// An empty directory is no store either, nor is another's.
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	await(t, console, "an empty directory is none", func(s model.Standing) bool { return strings.Contains(s.Stale, "an empty one is in its place") })
	if names, err := os.ReadDir(dir); err != nil || len(names) != 0 {
		t.Errorf("in the empty directory is %v, %v", names, err)
	}
	other, err := sharing.Join(t.Context(), sharing.Options{Dir: dir, Rank: model.RankConsole})
	if err != nil {
		t.Fatal(err)
	}
	isOther := func(s model.Standing) bool {
		return s.Owner.PID == 0 && strings.Contains(s.Stale, "another store is in its place")
	}
	await(t, console, "another's owner is not followed", isOther)
	await(t, endpoint, "another's owner is not followed", isOther)
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	await(t, console, "another's store is not opened", isOther)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	await(t, console, "it is gone", func(s model.Standing) bool { return strings.Contains(s.Stale, "is gone: put it back") })
	untouched(t, dir)

	rename(t, dir+".moved", dir)
	await(t, console, "it takes part again", func(s model.Standing) bool { return s.Owner.PID != 0 && s.Stale == "" && s.Degraded == "" })
	await(t, endpoint, "it takes part again", func(s model.Standing) bool { return s.Owner.PID != 0 && s.Stale == "" && s.Degraded == "" })
	create(t, console, "later")
	if _, err := endpoint.Key(t.Context(), "orders"); err != nil {
		t.Error(err)
	}
}

// TestDirectoryComesBack: an owner whose directory comes back goes on with it.
func TestDirectoryComesBack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	owner := join(t, dir, model.RankConsole)
	rename(t, dir, dir+".moved")
	await(t, owner, "the directory is missed", func(s model.Standing) bool { return s.Mine && s.Degraded != "" })
	untouched(t, dir)
	rename(t, dir+".moved", dir)
	await(t, owner, "the directory is back", func(s model.Standing) bool { return s.Mine && s.Degraded == "" })
	create(t, owner, "orders")
}

// TestIdentityRemoved: the file that tells the store from another is made anew,
// the same, by whoever owns the store.
func TestIdentityRemoved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	owner, err := sharing.Join(t.Context(), sharing.Options{Dir: dir, Rank: model.RankConsole})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = owner.Close() }()
	other := join(t, dir, model.RankConsole)
	if err := os.Remove(filepath.Join(dir, "identity")); err != nil {
		t.Fatal(err)
	}
	create(t, owner, "orders")
	for storage.Identity(dir) == "" && t.Context().Err() == nil {
		await(t, owner, "nothing is amiss", func(s model.Standing) bool { return s.Degraded == "" })
	}
	if err := owner.Close(); err != nil {
		t.Fatal(err)
	}
	await(t, other, "it owns the store", mine)
	if _, err := other.Key(t.Context(), "orders"); err != nil {
		t.Error(err)
	}
}

// TestExisting: who only looks makes no directory and no store.
func TestExisting(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	look := sharing.Options{Dir: dir, Rank: model.RankConsole, Existing: true}
	refused := func(what string) {
		t.Helper()
		_, err := sharing.Join(t.Context(), look)
		var none *sharing.NoStoreError
		if !errors.As(err, &none) || !strings.Contains(err.Error(), "there is no store in "+dir) {
			t.Fatalf("%s: %v", what, err)
		}
	}
	refused("no directory")
	untouched(t, dir)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	refused("an empty directory")
	if names, err := os.ReadDir(dir); err != nil || len(names) != 0 {
		t.Errorf("in the directory is %v, %v", names, err)
	}
	owner, err := sharing.Join(t.Context(), sharing.Options{Dir: dir, Rank: model.RankConsole})
	if err != nil {
		t.Fatal(err)
	}
	create(t, owner, "orders")
	if err := owner.Close(); err != nil {
		t.Fatal(err)
	}
	m, err := sharing.Join(t.Context(), look)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Key(t.Context(), "orders"); err != nil {
		t.Error(err)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}
