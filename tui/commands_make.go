package tui

import (
	"context"
	"errors"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// workflowsMsg is the answer to loadWorkflows.
type workflowsMsg struct {
	request   int
	workflows []model.WorkflowInfo
	at        time.Time
	err       error
}

func (rt *runtime) loadWorkflows(request int) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		list, err := rt.Backend.Workflows(ctx)
		return workflowsMsg{request, list, rt.Now(), err}
	})
}

// environmentsMsg is the answer to loadEnvironments.
type environmentsMsg struct {
	request      int
	environments []model.EnvironmentInfo
	err          error
}

func (rt *runtime) loadEnvironments(request int) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		list, err := rt.Backend.Environments(ctx)
		return environmentsMsg{request, list, err}
	})
}

// nameCheckedMsg is the answer to checkName: taken is the name of the key that
// has it already, as that key writes it, or "".
type nameCheckedMsg struct {
	request int
	taken   string
	err     error
}

func (rt *runtime) checkName(request int, name string) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		taken, err := rt.keyCalled(ctx, name)
		return nameCheckedMsg{request, taken.Name, err}
	})
}

// keyCalled returns the key of that name, or none. A reference may be an id as
// well; such a key does not take the name.
func (rt *runtime) keyCalled(ctx context.Context, name string) (model.KeyInfo, error) {
	info, err := rt.Backend.Key(ctx, name)
	switch {
	case errors.Is(err, model.ErrNotFound):
		return model.KeyInfo{}, nil
	case err != nil:
		return model.KeyInfo{}, err
	case model.Fold(info.Name) != model.Fold(name):
		return model.KeyInfo{}, nil
	}
	return info, nil
}

// keyRequest is a key as the wizard asks for it. Its expiry is as it was typed:
// a time from now counts from the moment of creation.
type keyRequest struct {
	draft   model.KeyDraft
	expires string // "": never
	file    picked // where the primary certificate is
}

// keyRefusedMsg says why createKey made no key.
type keyRefusedMsg struct {
	request int
	err     error
	step    wizardStep // where it can be mended
}

// createKey makes a key: for a token key with two new secrets, which leave the
// process nowhere but on the reveal screen. That takes the place of the screen
// from, or lies on top when that is gone: nobody else has seen the secrets.
func (rt *runtime) createKey(request int, q keyRequest, from screen) tea.Cmd {
	return rt.change(func(ctx context.Context, r *model.Receipt) tea.Msg {
		d, secrets := q.draft, [2]model.Secret{}
		if q.expires != "" {
			var err error
			if d.Expires, err = model.ParseExpiry(q.expires, rt.Now()); err != nil {
				return keyRefusedMsg{request, err, stepLimits}
			}
		}
		if d.Kind == model.TokenKey {
			if err := rt.drawSecrets(&secrets); err != nil {
				return keyRefusedMsg{request, err, stepReview}
			}
			d.Primary, d.Secondary = secrets[0].Hold(), secrets[1].Hold()
		}
		made := func(k model.KeyInfo) tea.Msg {
			reveal := newRevealOf(rt, k, secrets, q.file)
			reveal.receipt, reveal.never = *r, neverUndo(neverKey)
			return swapMsg{from, reveal}
		}
		info, err := rt.Backend.CreateKey(ctx, d)
		if err == nil {
			return made(info)
		}
		return rt.settle(ctx, err, doubt{
			find:   func(ctx context.Context) (model.KeyInfo, bool, error) { return rt.findDraft(ctx, d) },
			made:   made,
			failed: func(err error) tea.Msg { return keyRefusedMsg{request, err, rt.stepOf(ctx, err, d)} },
		})
	})
}

func (rt *runtime) drawSecrets(secrets *[2]model.Secret) (err error) {
	for i := range secrets {
		if secrets[i], err = model.NewSecret(rt.Random); err != nil {
			return err
		}
	}
	return nil
}

// findDraft looks for the key that came of d.
func (rt *runtime) findDraft(ctx context.Context, d model.KeyDraft) (model.KeyInfo, bool, error) {
	k, err := rt.keyCalled(ctx, d.Name)
	return k, err == nil && k.Name != "" && isDraft(k, d), err
}

// isDraft reports whether info is what came of d: nobody else draws the same
// secrets or holds the same certificate.
func isDraft(info model.KeyInfo, d model.KeyDraft) bool {
	if d.Kind == model.CertificateKey {
		return info.SlotOf(*d.Primary.Certificate) == model.Primary
	}
	return info.Slot(model.Primary).Hint == d.Primary.Hint
}

// stepOf finds the step of the wizard at which err can be mended.
func (rt *runtime) stepOf(ctx context.Context, err error, d model.KeyDraft) wizardStep {
	var input *model.InputError
	switch {
	case errors.As(err, &input):
		return stepOfField(input.Field)
	case errors.Is(err, model.ErrConflict):
		if taken, e := rt.keyCalled(ctx, d.Name); e == nil && taken.Name != "" {
			return stepName
		}
		if d.Kind == model.CertificateKey {
			return stepCertificate
		}
	case errors.Is(err, model.ErrNotFound):
		list, e := rt.Backend.Environments(ctx)
		gone := !slices.ContainsFunc(list, func(i model.EnvironmentInfo) bool { return model.Fold(i.Name) == model.Fold(d.Environment) })
		if e == nil && d.Environment != "" && gone {
			return stepEnvironment
		}
		return stepWorkflows
	}
	return stepReview
}

func stepOfField(field string) wizardStep {
	switch field {
	case "kind":
		return stepKind
	case "name":
		return stepName
	case "environment":
		return stepEnvironment
	case "workflows":
		return stepWorkflows
	case "primary", "secondary", "certificate":
		return stepCertificate
	case "expires":
		return stepLimits
	}
	return stepReview
}

// nameTickMsg comes a moment after the newest change of the name.
type nameTickMsg struct{ request int }

// nameDelay is how long the name must stay as it is before the store is asked.
const nameDelay = 150 * time.Millisecond
