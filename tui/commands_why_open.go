package tui

import (
	"context"
	"errors"

	"dev.keyward/keyward/model"
)

// neededToOpen is what is read before a remedy opens another screen.
type neededToOpen struct {
	holders      map[model.ID]model.KeyInfo         // that may get the caller's certificate
	environments map[model.ID]model.EnvironmentInfo // whose hosts may be changed
}

// neededToOpen reads what a remedy is about. What went meanwhile is left out:
// nothing of it can be changed.
func (rt *runtime) neededToOpen(ctx context.Context, r model.Remedy, n *neededToOpen) error {
	var err error
	switch {
	case r.Kind == model.RegisterCertificate && r.Key != 0:
		var k model.KeyInfo
		if k, err = rt.Backend.Key(ctx, r.Key.String()); err == nil {
			n.holders = map[model.ID]model.KeyInfo{k.ID: k}
		}
	case r.Kind == model.ChangeEnvironment:
		var e model.EnvironmentInfo
		if e, err = rt.Backend.Environment(ctx, r.Environment.String()); err == nil {
			n.environments = map[model.ID]model.EnvironmentInfo{e.ID: e}
		}
	}
	if errors.Is(err, model.ErrNotFound) {
		return nil
	}
	return err
}
