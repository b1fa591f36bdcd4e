package server_test

import (
	"reflect"
	"testing"

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
