package server

import (
	"context"

	"dev.keyward/keyward/model"
)

// restoreRequest is what RestoreKey is asked with.
type restoreRequest struct {
	Ref  string `json:"ref"`
	Name string `json:"name,omitempty"`
}

// DeletedKeys returns part of what is in the bin.
func (c *Client) DeletedKeys(ctx context.Context, q model.BinQuery) (model.BinPage, error) {
	return invoke[model.BinPage](ctx, c, "DeletedKeys", q)
}

// RestoreKey brings a deleted key back, disabled.
func (c *Client) RestoreKey(ctx context.Context, ref, name string) (model.RestoredKey, error) {
	return invokeChange[model.RestoredKey](ctx, c, "RestoreKey", restoreRequest{ref, name})
}
