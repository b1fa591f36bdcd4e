package sharing_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/sharing"
)

// login is a guest's login that a test takes back.
type login struct {
	mu    sync.Mutex
	why   error
	asked int
	ended error
}

// Still is why.
func (l *login) Still(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked++
	return l.why
}

// End is remembered.
func (l *login) End(why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = why
}

// TestWithdrawnGuest: each change of a guest asks first whether it may still be
// made; one that may not is not made, is on record as refused, and the guest
// leaves. To look costs no question.
func TestWithdrawnGuest(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	owner := join(t, dir, model.RankServe)
	client := join(t, dir, model.RankServe)
	await(t, client, "the client is one", func(s model.Standing) bool { return !s.Mine && s.Owner.PID != 0 })
	gone := errors.New("your SSH key is not listed any more")
	for name, m := range map[string]*sharing.Member{"owner": owner, "client": client} {
		created := create(t, m, "of the "+name)
		for what, change := range map[string]func(context.Context, *sharing.Guest) error{
			"CreateKey": func(ctx context.Context, g *sharing.Guest) error {
				_, err := g.CreateKey(ctx, draft(t, "new"))
				return err
			},
			"EditKey": func(ctx context.Context, g *sharing.Guest) error {
				_, err := g.EditKey(ctx, created.Name, model.KeyEdit{Name: ptr("other")})
				return err
			},
			"SetKeyEnabled": func(ctx context.Context, g *sharing.Guest) error {
				_, err := g.SetKeyEnabled(ctx, created.Name, false)
				return err
			},
			"RegenerateKey": func(ctx context.Context, g *sharing.Guest) error {
				_, err := g.RegenerateKey(ctx, created.Name, model.Primary, secret(t).Hold(), 0)
				return err
			},
			"CreateWorkflow": func(ctx context.Context, g *sharing.Guest) error {
				_, err := g.CreateWorkflow(ctx, model.WorkflowDraft{Name: "w", Method: "GET", Path: "/w"})
				return err
			},
			"CreateEnvironment": func(ctx context.Context, g *sharing.Guest) error {
				_, err := g.CreateEnvironment(ctx, model.EnvironmentDraft{Name: "Other"})
				return err
			},
			"DeleteEnvironment": func(ctx context.Context, g *sharing.Guest) error { return g.DeleteEnvironment(ctx, "Test") },
			"DeleteKey":         func(ctx context.Context, g *sharing.Guest) error { return g.DeleteKey(ctx, created.Name) },
			"ChangeKeys": func(ctx context.Context, g *sharing.Guest) error {
				_, err := g.ChangeKeys(ctx, []string{created.Name}, model.KeyBulk{Disable: true})
				return err
			},
			"Purge": func(ctx context.Context, g *sharing.Guest) error { _, err := g.Purge(ctx, time.Hour); return err },
		} {
			t.Run(name+" "+what, func(t *testing.T) {
				l := &login{}
				g := m.As(model.Caller{Actor: model.Actor{SSH: model.SSHKey{Fingerprint: "SHA256:" + strings.Repeat("a", 43)}}}).Under(l)
				if _, err := g.Keys(t.Context(), model.KeyQuery{}); err != nil || l.asked != 0 {
					t.Fatalf("looking: %v, asked %d times", err, l.asked)
				}
				l.why = gone
				err := change(t.Context(), g)
				if !errors.Is(err, model.ErrForbidden) || !errors.Is(err, gone) || l.asked != 1 || !errors.Is(l.ended, gone) {
					t.Errorf("%v, asked %d times, ended with %v", err, l.asked, l.ended)
				}
				if k, err := m.Key(t.Context(), created.Name); err != nil || !k.Enabled || k.ID != created.ID || k.Changed != created.Changed {
					t.Errorf("the key is %+v, %v", k, err)
				}
			})
		}
	}
	page, err := owner.Audit(t.Context(), model.AuditQuery{})
	if err != nil || len(page.Entries) == 0 {
		t.Fatalf("%+v, %v", page, err)
	}
	refused := 0
	for _, e := range page.Entries {
		switch {
		case e.Refused && !e.Actor.SSH.IsZero() && strings.Contains(e.Reason, "does not allow it any more"):
			refused++
		case !e.Actor.SSH.IsZero():
			t.Errorf("on record: %s by %+v", e.Did(), e.Actor)
		}
	}
	if refused == 0 { // not each: the trail takes one refusal in ten seconds
		t.Error("no refusal is on record")
	}
}

func ptr[T any](v T) *T { return &v }
