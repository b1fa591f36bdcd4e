package server_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

// TestClientIsASession: every method of a Session is one of a Client.
func TestClientIsASession(t *testing.T) {
	session, client := reflect.TypeFor[*model.Session](), reflect.TypeFor[*server.Client]()
	if session.NumMethod() < 25 {
		t.Fatalf("only %d methods were found", session.NumMethod())
	}
	for i := range session.NumMethod() {
		want := session.Method(i)
		got, ok := client.MethodByName(want.Name)
		if !ok {
			t.Errorf("the client has no method %s", want.Name)
			continue
		}
		if got.Type.NumIn() != want.Type.NumIn() || got.Type.NumOut() != want.Type.NumOut() {
			t.Errorf("%s: the client has %s, the session %s", want.Name, got.Type, want.Type)
			continue
		}
		for n := 1; n < want.Type.NumIn(); n++ {
			if got.Type.In(n) != want.Type.In(n) {
				t.Errorf("%s: parameter %d is a %s, not a %s", want.Name, n, got.Type.In(n), want.Type.In(n))
			}
		}
		for n := range want.Type.NumOut() {
			if got.Type.Out(n) != want.Type.Out(n) {
				t.Errorf("%s: result %d is a %s, not a %s", want.Name, n, got.Type.Out(n), want.Type.Out(n))
			}
		}
	}
}

func tokenDraft(t testing.TB, name string) model.KeyDraft {
	t.Helper()
	var h [2]model.Holding
	for i := range h {
		s, err := model.NewSecret(newWorldRandom(name, i))
		if err != nil {
			t.Fatal(err)
		}
		h[i] = s.Hold()
	}
	return model.KeyDraft{Name: name, Kind: model.TokenKey, Primary: h[0], Secondary: h[1]}
}

// TestFollow: a follower has a change before it is confirmed, and the
// confirmation says so.
func TestFollow(t *testing.T) {
	o := newOwner(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	based, ended := make(chan struct{}, 8), make(chan error, 2)
	for range 2 {
		c := o.dial(t, server.ClientOptions{})
		go func() {
			var replica model.Replica
			ended <- c.Follow(ctx, model.Following{Records: true, Decides: true}, func(u model.Update, ack func(uint64)) error {
				if err := replica.Apply(u); err != nil {
					return err
				}
				if ack(u.Head.Seq); u.Base {
					based <- struct{}{}
				}
				return nil
			})
		}()
	}
	<-based
	<-based
	c := o.dial(t, server.ClientOptions{})
	for _, name := range []string{"one", "two"} {
		var receipt model.Receipt
		if _, err := c.CreateKey(model.WithReceipt(t.Context(), &receipt), tokenDraft(t, name)); err != nil {
			t.Fatal(err)
		}
		if receipt.Serves != 2 || receipt.InForce != 2 || receipt.Seq == 0 || receipt.Took <= 0 || receipt.Took > time.Second || len(receipt.Request) != 32 {
			t.Errorf("receipt %+v", receipt)
		}
	}
	cancel()
	for range 2 {
		mustBe(t, <-ended, context.Canceled)
	}
}
