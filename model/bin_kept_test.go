package model_test

import (
	"crypto/rand"
	"fmt"
	"testing"

	"dev.keyward/keyward/model"
)

// The bin is as it is by now, page by page, whatever was listed before.
func TestBinIsListedAnew(t *testing.T) {
	w, _, _ := fixture(t)
	ctx := t.Context()
	names := func() (all []string) {
		for {
			page, err := w.DeletedKeys(ctx, model.BinQuery{Offset: len(all), Limit: 1})
			if err != nil {
				t.Fatal(err)
			}
			for _, k := range page.Keys {
				all = append(all, k.Name)
			}
			if len(all) >= page.Total {
				return all
			}
		}
	}
	want := func(what string, wanted ...string) {
		t.Helper()
		if got := names(); fmt.Sprint(got) != fmt.Sprint(wanted) {
			t.Errorf("%s: the bin has %v, want %v", what, got, wanted)
		}
	}
	for _, name := range []string{"first", "second"} {
		if _, err := w.CreateKey(ctx, model.KeyDraft{Name: name, Kind: model.TokenKey, Primary: hold(t), Secondary: hold(t)}); err != nil {
			t.Fatal(err)
		}
	}
	want("at first")
	for _, name := range []string{"second", "first"} {
		if err := w.DeleteKey(ctx, name); err != nil {
			t.Fatal(err)
		}
	}
	want("deleted", "first", "second")
	if _, err := w.RestoreKey(ctx, "first", ""); err != nil {
		t.Fatal(err)
	}
	want("restored", "second")
}

// hold draws a secret for a slot.
func hold(t *testing.T) model.Holding {
	t.Helper()
	s, err := model.NewSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return s.Hold()
}
