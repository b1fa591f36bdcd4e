package sharing_test

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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

// withdrawnChange is a change that a guest may not make any more.
type withdrawnChange struct {
	action model.Action // as which its refusal is on record
	make   func(context.Context, *sharing.Guest) error
}

// asked are a guest's changes by their method: about that key, the deleted one of
// that name, that workflow, and the environment Other.
func asked(t *testing.T, key, deleted, workflow string) map[string]withdrawnChange {
	t.Helper()
	return map[string]withdrawnChange{
		"CreateKey": {model.KeyCreated, func(ctx context.Context, g *sharing.Guest) error {
			_, err := g.CreateKey(ctx, draft(t, "new"))
			return err
		}},
		"EditKey": {model.KeyEdited, func(ctx context.Context, g *sharing.Guest) error {
			_, err := g.EditKey(ctx, key, model.KeyEdit{Name: ptr("other")})
			return err
		}},
		"SetKeyEnabled": {model.KeyDisabledAction, func(ctx context.Context, g *sharing.Guest) error {
			_, err := g.SetKeyEnabled(ctx, key, false)
			return err
		}},
		"RegenerateKey": {model.KeyRegenerated, func(ctx context.Context, g *sharing.Guest) error {
			_, err := g.RegenerateKey(ctx, key, model.Primary, secret(t).Hold(), 0)
			return err
		}},
		"DeleteKey": {model.KeyDeletedAction, func(ctx context.Context, g *sharing.Guest) error { return g.DeleteKey(ctx, key) }},
		"RestoreKey": {model.KeyRestored, func(ctx context.Context, g *sharing.Guest) error {
			_, err := g.RestoreKey(ctx, deleted, "")
			return err
		}},
		"ChangeKeys": {model.KeyDisabledAction, func(ctx context.Context, g *sharing.Guest) error {
			_, err := g.ChangeKeys(ctx, []string{key}, model.KeyBulk{Disable: true})
			return err
		}},
		"Purge": {model.KeyPurged, func(ctx context.Context, g *sharing.Guest) error {
			_, err := g.Purge(ctx, model.PurgeAfter)
			return err
		}},
		"CreateWorkflow": {model.WorkflowCreated, func(ctx context.Context, g *sharing.Guest) error {
			_, err := g.CreateWorkflow(ctx, model.WorkflowDraft{Name: "w", Method: "GET", Path: "/w"})
			return err
		}},
		"EditWorkflow": {model.WorkflowEdited, func(ctx context.Context, g *sharing.Guest) error {
			_, err := g.EditWorkflow(ctx, workflow, model.WorkflowEdit{Name: ptr("other")})
			return err
		}},
		"DeleteWorkflow": {model.WorkflowDeleted, func(ctx context.Context, g *sharing.Guest) error {
			_, err := g.DeleteWorkflow(ctx, workflow)
			return err
		}},
		"CreateEnvironment": {model.EnvironmentCreated, func(ctx context.Context, g *sharing.Guest) error {
			_, err := g.CreateEnvironment(ctx, model.EnvironmentDraft{Name: "New"})
			return err
		}},
		"EditEnvironment": {model.EnvironmentEdited, func(ctx context.Context, g *sharing.Guest) error {
			_, err := g.EditEnvironment(ctx, "Other", model.EnvironmentEdit{Name: ptr("Another")})
			return err
		}},
		"DeleteEnvironment": {model.EnvironmentDeleted, func(ctx context.Context, g *sharing.Guest) error { return g.DeleteEnvironment(ctx, "Other") }},
	}
}

// looking are the methods of a guest that change nothing.
var looking = []string{
	"Activity", "Audit", "Certificate", "Certificates", "Check", "DeletedKeys", "Environment", "Environments", "Explain",
	"Key", "Keys", "Overlaps", "Settle", "Under", "VerifyAudit", "Workflow", "Workflows",
}

// TestWithdrawnGuest: each change of a guest asks first whether it may still be
// made; one that may not is not made, is on record as refused, whoever owns the
// store, and the guest leaves. To look costs no question.
func TestWithdrawnGuest(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	ahead := &atomic.Int64{} // of the system's clock
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	owner := joinAt(t, dir, now)
	client := joinAt(t, dir, now)
	await(t, client, "the client is one", func(s model.Standing) bool { return !s.Mine && s.Owner.PID != 0 })
	if _, err := owner.CreateEnvironment(t.Context(), model.EnvironmentDraft{Name: "Other"}); err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]*sharing.Member{"owner": owner, "client": client} {
		key, deleted := create(t, m, "of the "+name), create(t, m, "deleted by the "+name)
		if err := m.DeleteKey(t.Context(), deleted.Name); err != nil {
			t.Fatal(err)
		}
		workflow, err := m.CreateWorkflow(t.Context(), model.WorkflowDraft{Name: "of the " + name, Method: "GET", Path: "/" + name})
		if err != nil {
			t.Fatal(err)
		}
		changes := asked(t, key.Name, deleted.Name, workflow.Name)
		for method := range reflect.TypeFor[*sharing.Guest]().Methods() {
			if _, changes := changes[method.Name]; changes == slices.Contains(looking, method.Name) {
				t.Errorf("%s has to be among the changes or among what only looks", method.Name)
			}
		}
		for what, change := range changes {
			t.Run(name+" "+what, func(t *testing.T) {
				ahead.Add(int64(time.Minute)) // the trail takes one refusal of an operator in ten seconds
				before := newest(t, owner)
				refused(t, m, change)
				page, err := owner.Audit(t.Context(), model.AuditQuery{After: before})
				if err != nil || len(page.Entries) != 1 {
					t.Fatalf("on record: %+v, %v", page.Entries, err)
				}
				e := page.Entries[0]
				if !e.Refused || e.Action != change.action || e.Actor.SSH.IsZero() || !strings.Contains(e.Reason, "does not allow it any more") {
					t.Errorf("on record: %s by %+v, %q", e.Did(), e.Actor, e.Reason)
				}
			})
		}
	}
}

// refused has a guest make the change whose login was taken back since it came.
func refused(t *testing.T, m *sharing.Member, change withdrawnChange) {
	t.Helper()
	gone := errors.New("your SSH key is not listed any more")
	l := &login{}
	g := m.As(model.Caller{Actor: model.Actor{SSH: model.SSHKey{Fingerprint: "SHA256:" + strings.Repeat("a", 43)}}}).Under(l)
	if _, err := g.Keys(t.Context(), model.KeyQuery{}); err != nil || l.asked != 0 {
		t.Fatalf("looking: %v, asked %d times", err, l.asked)
	}
	l.why = gone
	err := change.make(t.Context(), g)
	if !errors.Is(err, model.ErrForbidden) || !errors.Is(err, gone) || l.asked != 1 || !errors.Is(l.ended, gone) {
		t.Errorf("%v, asked %d times, ended with %v", err, l.asked, l.ended)
	}
}

// newest is the newest entry's sequence.
func newest(t *testing.T, m *sharing.Member) uint64 {
	t.Helper()
	page, err := m.Audit(t.Context(), model.AuditQuery{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	return page.Newest
}

// joinAt is join for a process whose clock is now.
func joinAt(t *testing.T, dir string, now func() time.Time) *sharing.Member {
	t.Helper()
	m, err := sharing.Join(t.Context(), sharing.Options{Dir: dir, Rank: model.RankServe, Version: "test", Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return m
}

func ptr[T any](v T) *T { return &v }
