package tui

import (
	"context"

	"dev.keyward/keyward/model"
)

func (s *makeStore) Certificates(context.Context, model.CertificateQuery) (model.CertificatePage, error) {
	return model.CertificatePage{}, errUnused
}

func (s *makeStore) Certificate(context.Context, string, model.SlotName) (model.Certificate, error) {
	return model.Certificate{}, errUnused
}

func (f *flaky) Certificates(ctx context.Context, q model.CertificateQuery) (model.CertificatePage, error) {
	if f.err != nil {
		return model.CertificatePage{}, f.err
	}
	return f.Backend.Certificates(ctx, q)
}
