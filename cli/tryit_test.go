package cli

import (
	"context"
	"errors"
	"testing"

	"dev.keyward/keyward/model"
)

// servedBackend knows which endpoints answer, and nothing else.
type servedBackend struct {
	Backend
	addresses []string
	err       error
}

func (b servedBackend) Activity(context.Context, model.ActivityQuery) (model.ActivityPage, error) {
	return model.ActivityPage{Serving: []model.EndpointReport{{PID: 1, Addresses: b.addresses}}}, b.err
}

// A key is tried where an endpoint answers.
func TestCallAt(t *testing.T) {
	for _, tt := range []struct {
		served servedBackend
		want   string
	}{
		{servedBackend{}, usualEndpoint},
		{servedBackend{err: errors.New("no answer")}, usualEndpoint},
		{servedBackend{addresses: []string{"https://127.0.0.1:39217"}}, "https://localhost:39217"},
		{servedBackend{addresses: []string{"https://127.0.0.1:39217", "https://127.0.0.1:8443"}}, usualEndpoint},
	} {
		if got := callAt(t.Context(), tt.served); got != tt.want {
			t.Errorf("with %q it is called at %s, want %s", tt.served.addresses, got, tt.want)
		}
	}
}
