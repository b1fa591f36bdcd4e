package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"slices"
	"sync/atomic"
	"time"

	"dev.keyward/keyward/certgen"
	"dev.keyward/keyward/model"
	"dev.keyward/keyward/sharing"
)

// demoSamples are what the demo's callers hold. It is nowhere but in memory.
type demoSamples struct {
	secrets      map[string]model.Secret
	certificates map[string]certgen.Pair
}

func (s *demoSamples) wipe() {
	for _, secret := range s.secrets {
		secret.Wipe()
	}
}

// draw makes a secret, which the caller of that name holds.
func (s *demoSamples) draw(name string) (model.Secret, error) {
	secret, err := model.NewSecret(rand.Reader)
	if err == nil {
		s.secrets[name] = secret
	}
	return secret, err
}

// demoFill fills the demo's store. Its clock runs through the months before the
// demo, so that ages, ends and the audit trail are as in real life.
type demoFill struct {
	demoSamples
	start time.Time // of the demo
	clock atomic.Int64
	b     Backend
	steps []demoStep
	usage []model.Usage
}

// demoStep is a change that was made some time before the demo.
type demoStep struct {
	ago time.Duration
	do  func(context.Context) error
}

func (f *demoFill) now() time.Time { return time.Unix(0, f.clock.Load()).UTC() }

// fillDemo fills the store in dir, and lets go of it.
func (a *app) fillDemo(ctx context.Context, dir string) (*demoSamples, error) {
	f := &demoFill{start: a.env.Now()}
	f.secrets, f.certificates = map[string]model.Secret{}, map[string]certgen.Pair{}
	f.clock.Store(f.start.Add(-demoAge).UnixNano())
	options := a.sharing(dir, model.RankCommand)
	options.Now, options.Caller.Reason = f.now, "sample data"
	m, err := sharing.Join(ctx, options)
	if err != nil {
		return nil, err
	}
	f.b = m
	err = f.fill(ctx)
	if err == nil {
		f.clock.Store(f.start.UnixNano()) // days to come would not be believed
		m.Meter().Return(f.usage)         // closing keeps it
	}
	if cerr := m.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		f.wipe()
		return nil, err
	}
	return &f.demoSamples, nil
}

// demoAge is the age of the demo's store.
const demoAge = 300 * demoDay

// fill makes everything, the oldest first.
func (f *demoFill) fill(ctx context.Context) error {
	if _, err := f.draw(stranger); err != nil {
		return err
	}
	f.at(demoAge, func(ctx context.Context) error {
		_, err := f.b.CreateEnvironment(ctx, model.EnvironmentDraft{Name: "Staging", Hosts: []string{"staging.localhost"}})
		return err
	})
	for i, w := range demoWorkflows {
		f.at(demoAge-time.Duration(i+1)*time.Hour, func(ctx context.Context) error {
			_, err := f.b.CreateWorkflow(ctx, w)
			return err
		})
	}
	for _, k := range demoKeys {
		f.plan(k)
	}
	slices.SortStableFunc(f.steps, func(a, b demoStep) int { return cmp.Compare(b.ago, a.ago) })
	for _, step := range f.steps {
		f.clock.Store(f.start.Add(-step.ago).UnixNano())
		if err := step.do(ctx); err != nil {
			return err
		}
	}
	f.clock.Store(f.start.UnixNano())
	return nil
}

func (f *demoFill) at(ago time.Duration, do func(context.Context) error) {
	f.steps = append(f.steps, demoStep{ago, do})
}

// plan adds the changes that make a key what it is.
func (f *demoFill) plan(k demoKey) {
	f.at(k.age, func(ctx context.Context) error { return f.create(ctx, k) })
	if k.disabled > 0 {
		f.at(k.disabled, func(ctx context.Context) error {
			_, err := f.b.SetKeyEnabled(ctx, k.name, false)
			return err
		})
	}
	if k.replaced > 0 {
		f.at(k.replaced, func(ctx context.Context) error {
			f.secrets[retiredSecret] = f.secrets[k.name]
			secret, err := f.draw(k.name)
			if err == nil {
				_, err = f.b.RegenerateKey(ctx, k.name, model.Primary, secret.Hold(), 7*demoDay)
			}
			return err
		})
	}
}

// create makes a key, and notes how it was used since.
func (f *demoFill) create(ctx context.Context, k demoKey) (err error) {
	draft := model.KeyDraft{Name: k.name, Kind: model.TokenKey, Environment: k.environment, Workflows: k.workflows, NoQuery: k.noQuery}
	if k.expires != 0 {
		draft.Expires = f.start.Add(k.expires)
	}
	if k.subject != "" {
		draft.Kind = model.CertificateKey
		err = f.certify(ctx, k, &draft)
	} else {
		err = f.secure(k.name, &draft)
	}
	if err != nil {
		return err
	}
	info, err := f.b.CreateKey(ctx, draft)
	if err != nil {
		return err
	}
	for i, u := range k.used {
		if u.allowed+u.denied > 0 {
			f.usage = append(f.usage, u.usage(info.ID, model.SlotNames[i], f.start))
			f.usage = append(f.usage, u.calls(info.Workflows, f.start)...)
		}
	}
	return nil
}

// secure gives a token key its secrets. Nobody holds the secondary one.
func (f *demoFill) secure(name string, draft *model.KeyDraft) error {
	primary, err := f.draw(name)
	if err != nil {
		return err
	}
	secondary, err := model.NewSecret(rand.Reader)
	if err != nil {
		return err
	}
	draft.Primary, draft.Secondary = primary.Hold(), secondary.Hold()
	secondary.Wipe()
	return nil
}

// certify gives a certificate key its certificate.
func (f *demoFill) certify(ctx context.Context, k demoKey, draft *model.KeyDraft) error {
	pair, err := certgen.Generate(ctx, certgen.Options{
		Algorithm: certgen.P256, Subject: k.subject, Days: int((k.age + k.certificate) / demoDay), Now: f.now,
	})
	if err != nil {
		return err
	}
	f.certificates[k.name] = pair
	draft.Primary = model.Holding{Certificate: &pair.Certificate}
	return nil
}
