package model_test

import (
	"errors"
	"testing"

	"dev.keyward/keyward/model"
)

// TestNoSpaceIsTold: a refusal for want of space, which the trail cannot hold,
// is told with who wanted what.
func TestNoSpaceIsTold(t *testing.T) {
	w := newWorld(t)
	w.token("orders", "Test")
	type refusal struct {
		actor  model.Actor
		action model.Action
	}
	var told []refusal
	s, err := model.NewService(t.Context(), w.store, model.Options{NoSpace: func(a model.Actor, what model.Action, err error) {
		if !errors.Is(err, model.ErrNoSpace) {
			t.Errorf("told of %v", err)
		}
		told = append(told, refusal{a, what})
	}})
	if err != nil {
		t.Fatal(err)
	}
	ada := model.Actor{UID: 7, User: "ada"}
	w.store.fail = model.ErrNoSpace
	if _, err := s.As(model.Caller{Actor: ada}).SetKeyEnabled(t.Context(), "orders", false); !errors.Is(err, model.ErrNoSpace) {
		t.Errorf("the change: %v", err)
	}
	if _, err := s.As(model.Caller{Actor: ada}).SetKeyEnabled(t.Context(), "nobody", false); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("another refusal: %v", err)
	}
	if len(told) != 1 || told[0] != (refusal{ada, model.KeyDisabledAction}) {
		t.Errorf("told %+v", told)
	}
}
