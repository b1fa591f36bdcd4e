package sharing

import (
	"context"

	"dev.keyward/keyward/model"
)

// DeletedKeys is Session.DeletedKeys.
func (m *Member) DeletedKeys(ctx context.Context, q model.BinQuery) (model.BinPage, error) {
	return read(ctx, m, func(b backend) (model.BinPage, error) { return b.DeletedKeys(ctx, q) })
}

// RestoreKey is Session.RestoreKey.
func (m *Member) RestoreKey(ctx context.Context, ref, name string) (model.RestoredKey, error) {
	return change(ctx, m, func(ctx context.Context, b backend) (model.RestoredKey, error) { return b.RestoreKey(ctx, ref, name) },
		func(ctx context.Context, b backend, s model.Settled) (model.RestoredKey, error) {
			k, err := theKey(ctx, b, s)
			return model.RestoredKey{KeyInfo: k, Emptied: []model.SlotName{}}, err
		})
}
