package model_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"dev.keyward/keyward/internal/race"
	"dev.keyward/keyward/model"
)

// carried is an update as it arrives over a socket.
func carried(t testing.TB, u model.Update) model.Update {
	t.Helper()
	b, err := json.Marshal(u)
	if err != nil {
		t.Fatal(err)
	}
	var out model.Update
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// parts splits a base into pieces of one record each. Either way of marking the
// pieces behind the first is good.
func parts(u model.Update, everyBase bool) []model.Update {
	var out []model.Update
	add := func(r model.Records) {
		out = append(out, model.Update{Base: everyBase || len(out) == 0, More: true, Head: u.Head, Records: r})
	}
	for _, k := range u.Records.Keys {
		add(model.Records{Keys: []*model.Key{k}})
	}
	for _, w := range u.Records.Workflows {
		add(model.Records{Workflows: []*model.Workflow{w}})
	}
	for _, e := range u.Records.Environments {
		add(model.Records{Environments: []*model.Environment{e}})
	}
	out[len(out)-1].More = false
	return out
}

// follower is a replica that is fed over JSON.
type follower struct {
	*model.Follower
	model.Replica
	rand *rand.Rand
}

// feed hands the replica all that came.
func (w *world) feed(f *follower) {
	w.t.Helper()
	for s := f.Replica.Snapshot(); s == nil || s.Seq() != w.seq(); s = f.Replica.Snapshot() {
		u := w.next(f.Follower)
		list := []model.Update{u}
		if u.Base && f.rand.IntN(2) == 0 {
			list = parts(u, f.rand.IntN(2) == 0)
		}
		for _, u := range list {
			if err := f.Apply(carried(w.t, u)); err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

// replicaRun makes random changes of every kind and holds a replica to the
// service after each.
type replicaRun struct {
	*world
	rand         *rand.Rand
	now          time.Time
	f            *follower
	secrets      []model.Secret
	certificates []*model.Certificate
	made         int
}

// TestReplicaDecidesAlike: after every step of random operations a replica
// decides exactly as its service, and as a service that reads the store anew.
func TestReplicaDecidesAlike(t *testing.T) {
	steps, seeds := 120, race.Sample(5, 2)
	if testing.Short() {
		seeds = 2
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			r := &replicaRun{world: newWorld(t), rand: rand.New(rand.NewPCG(uint64(seed), 11)), now: now}
			r.connect()
			what := map[string]int{}
			for range steps {
				step := r.step()
				what[step]++
				r.feed(r.f)
				r.compare(step)
				if t.Failed() {
					return
				}
			}
			for _, must := range []string{"purge", "delete", "regenerate", "production", "certificate", "bulk"} {
				if what[must] == 0 {
					t.Errorf("there was no %q: %v", must, what)
				}
			}
		})
	}
}

func (r *replicaRun) connect() {
	if r.f != nil {
		r.f.Close()
	}
	if r.f == nil || r.rand.IntN(2) == 0 {
		r.f = &follower{rand: r.rand}
	}
	r.f.Follower = r.service.Follow(model.Following{Records: true})
}

// allowed lets pass the refusals that random changes meet.
func (r *replicaRun) allowed(err error) {
	r.t.Helper()
	if err != nil && !errors.Is(err, model.ErrConflict) && !errors.Is(err, model.ErrInvalid) && !errors.Is(err, model.ErrNotFound) {
		r.t.Fatal(err)
	}
}

// any picks a name out of a list, "" when there is none.
func (r *replicaRun) any(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return names[r.rand.IntN(len(names))]
}

func (r *replicaRun) keys() (names []string) {
	page, err := r.Keys(r.t.Context(), model.KeyQuery{})
	r.allowed(err)
	for _, k := range page.Keys {
		names = append(names, k.Name)
	}
	return names
}

func (r *replicaRun) workflows() (names []string) {
	list, err := r.Workflows(r.t.Context())
	r.allowed(err)
	for _, w := range list {
		names = append(names, w.Name)
	}
	return names
}

func (r *replicaRun) environments() (names []string) {
	list, err := r.Environments(r.t.Context())
	r.allowed(err)
	for _, e := range list {
		names = append(names, e.Name)
	}
	return names
}

func (r *replicaRun) pass(d time.Duration) {
	r.clock.Advance(d)
	r.now = r.now.Add(d)
}

func (r *replicaRun) step() string {
	r.made++
	ctx, n := r.t.Context(), r.made
	key, environment := r.any(r.keys()), r.any(r.environments())
	switch r.rand.IntN(18) {
	case 0, 1:
		a, b := r.secret(), r.secret()
		r.secrets = append(r.secrets, a, b)
		_, err := r.CreateKey(ctx, model.KeyDraft{Name: fmt.Sprint("key-", n), Kind: model.TokenKey, Environment: environment, Workflows: r.workflows(), NoQuery: n%2 == 0, Primary: a.Hold(), Secondary: b.Hold()})
		r.allowed(err)
		return "create"
	case 2, 3:
		c := certificate(fmt.Sprint(n), now.Add(-time.Hour), now.Add(400*24*time.Hour))
		r.certificates = append(r.certificates, c)
		_, err := r.CreateKey(ctx, model.KeyDraft{Name: fmt.Sprint("cert-", n), Kind: model.CertificateKey, Workflows: r.workflows(), Primary: model.Holding{Certificate: c}})
		r.allowed(err)
		return "certificate"
	case 4: // one that another had, perhaps
		if len(r.certificates) > 0 {
			c := r.certificates[r.rand.IntN(len(r.certificates))]
			_, err := r.EditKey(ctx, key, model.KeyEdit{Slot: model.SlotNames[n%2], Certificate: c})
			r.allowed(err)
		}
		return "replace certificate"
	case 5, 6:
		s := r.secret()
		r.secrets = append(r.secrets, s)
		_, err := r.RegenerateKey(ctx, key, model.SlotNames[n%2], s.Hold(), time.Duration(n%3)*time.Hour)
		r.allowed(err)
		return "regenerate"
	case 7:
		_, err := r.SetKeyEnabled(ctx, key, n%2 == 0)
		r.allowed(err)
		return "enable"
	case 8, 9:
		r.allowed(r.DeleteKey(ctx, key))
		return "delete"
	case 10:
		r.pass(model.PurgeAfter + time.Hour)
		_, err := r.Purge(ctx, 0)
		r.allowed(err)
		return "purge"
	case 11, 12:
		_, err := r.CreateWorkflow(ctx, model.WorkflowDraft{Name: fmt.Sprint("w", n%7), Method: "GET", Path: fmt.Sprintf("/w%d", n%7)})
		r.allowed(err)
		return "workflow"
	case 13:
		w := r.any(r.workflows())
		if n%2 == 0 {
			_, err := r.DeleteWorkflow(ctx, w)
			r.allowed(err)
		} else {
			_, err := r.EditWorkflow(ctx, w, model.WorkflowEdit{Path: ptr(fmt.Sprintf("/w%d", n%5))})
			r.allowed(err)
		}
		return "edit workflow"
	case 14:
		_, err := r.CreateEnvironment(ctx, model.EnvironmentDraft{Name: fmt.Sprint("E", n%4), Production: n%3 == 0, Hosts: []string{fmt.Sprintf("e%d.example.com", n%4)}})
		r.allowed(err)
		return "environment"
	case 15:
		if n%2 == 0 {
			r.allowed(r.DeleteEnvironment(ctx, environment))
			return "delete environment"
		}
		_, err := r.EditEnvironment(ctx, environment, model.EnvironmentEdit{Production: true})
		r.allowed(err)
		return "production"
	case 16:
		_, err := r.ChangeKeys(ctx, r.keys(), []model.KeyBulk{{Enable: true}, {Disable: true}, {Permit: r.workflows()}, {Delete: true}}[r.rand.IntN(4)])
		r.allowed(err)
		return "bulk"
	}
	if n%2 == 0 {
		r.reopen()
		r.connect()
		return "reopen"
	}
	r.pass(30 * time.Minute)
	r.connect()
	return "reconnect"
}

// compare asks for every credential there ever was, of every path and
// environment.
func (r *replicaRun) compare(after string) {
	r.t.Helper()
	fresh, err := model.NewService(r.t.Context(), r.store, model.Options{Now: r.clock.Now})
	if err != nil {
		r.t.Fatal(err)
	}
	want, got, anew := r.service.Snapshot(), r.f.Replica.Snapshot(), fresh.Snapshot()
	if got.Seq() != want.Seq() || got.Routes() != want.Routes() {
		r.t.Fatalf("after %q: the replica is at %d with %d routes, the service at %d with %d", after, got.Seq(), got.Routes(), want.Seq(), want.Routes())
	}
	var requests []*model.Request
	for _, s := range r.secrets {
		requests = append(requests, get("", s))
	}
	for _, c := range r.certificates {
		requests = append(requests, &model.Request{Method: "GET", Certificate: c.SHA256})
	}
	for _, req := range requests {
		req.Now = r.now
		for path := range 7 {
			for _, ask := range []string{"", "_profile=Production", "_profile=Test", "_profile=E0", "e1.example.com"} {
				req.Path, req.RawQuery, req.Host = fmt.Sprintf("/w%d", path), ask, "localhost"
				if ask == "e1.example.com" {
					req.RawQuery, req.Host = "", ask
				}
				d := want.Decide(req)
				for _, other := range []model.Decision{got.Decide(req), anew.Decide(req)} {
					if d.Reason != other.Reason || nameOf(d) != nameOf(other) || d.Slot != other.Slot || d.Retiring != other.Retiring {
						r.t.Errorf("after %q, %s?%s: the service says %s of %q, another %s of %q", after, req.Path, req.RawQuery, d.Reason, nameOf(d), other.Reason, nameOf(other))
						return
					}
				}
			}
		}
	}
}

func nameOf(d model.Decision) string {
	var names []string
	if d.Key != nil {
		names = append(names, d.Key.Name)
	}
	if d.Environment != nil {
		names = append(names, d.Environment.Name)
	}
	if d.Workflow != nil {
		names = append(names, d.Workflow.Name)
	}
	return fmt.Sprint(names)
}

// TestReplicaRefuses: what does not fit is refused and leaves the replica as it
// was, a base half received never shows, and a new base heals.
func TestReplicaRefuses(t *testing.T) {
	w, secret, _ := fixture(t)
	f := w.follow(model.Following{Records: true})
	var r model.Replica
	refuse := func(what string, u model.Update) {
		t.Helper()
		before := r.Snapshot()
		if err := r.Apply(carried(t, u)); err == nil {
			t.Errorf("%s was taken", what)
		}
		if r.Snapshot() != before {
			t.Errorf("%s left another snapshot", what)
		}
	}
	take := func(u model.Update) {
		t.Helper()
		if err := r.Apply(carried(t, u)); err != nil {
			t.Error(err)
		}
	}
	base := w.next(f)
	refuse("a change before any base", model.Update{After: base.Head.Seq, Head: model.Head{Seq: base.Head.Seq + 1}})
	pieces := parts(base, false)
	refuse("the second piece of a base alone", pieces[1])
	for _, u := range pieces[:len(pieces)-1] {
		take(u)
		if r.Snapshot() != nil {
			t.Fatal("half a base shows")
		}
	}
	refuse("a base without its production flag", func() model.Update {
		u := base
		u.Head.Seq++
		u.Records.Environments = nil
		return u
	}())
	refuse("the rest of a base that another one ended", pieces[len(pieces)-1])
	take(base)

	must(t)(w.SetKeyEnabled(t.Context(), "app", false))
	disabled := w.next(f)
	must(t)(w.SetKeyEnabled(t.Context(), "app", true))
	enabled := w.next(f)
	refuse("a change that leaves one out", enabled)
	take(disabled)
	refuse("a change twice", disabled)
	refuse("a change that goes back", model.Update{After: disabled.Head.Seq, Head: base.Head})
	refuse("an empty record", func() model.Update {
		u := enabled
		u.Records.Keys = []*model.Key{enabled.Records.Keys[0], nil}
		return u
	}())
	bad := enabled
	bad.Gone = []model.ID{1} // Production
	refuse("a change that takes the production flag away", bad)
	bad = enabled
	bad.Records.Workflows = []*model.Workflow{{ID: 9, Name: "x", Method: "GET", Path: "no path"}}
	refuse("a binding that is none", bad)
	ask := func() model.Reason { return r.Snapshot().Decide(get("/customers/1?_profile=Test", secret)).Reason }
	if got := ask(); got != model.KeyDisabled {
		t.Errorf("after refusals: %s", got)
	}
	take(enabled) // and nothing of what was refused is left
	if got := ask(); got != model.Allowed {
		t.Errorf("after a change that fits: %s", got)
	}

	first := parts(model.Update{Base: true, Head: model.Head{Seq: 90}, Records: base.Records}, false)[0]
	take(first)
	refuse("a change in the middle of a base", model.Update{After: enabled.Head.Seq, Head: model.Head{Seq: enabled.Head.Seq + 1}})
	take(first)
	u := base
	u.Head = model.Head{Seq: 91}
	u.Records.Keys = nil
	take(u) // a base ends half of another, of which nothing is left
	if got := ask(); got != model.SecretUnknown || r.Snapshot().Seq() != 91 {
		t.Errorf("after another base: %s at %d", got, r.Snapshot().Seq())
	}
	if err := r.Apply(model.Update{Base: true, Head: model.Head{Seq: 92}, Records: model.Records{Environments: slices.Concat(base.Records.Environments, []*model.Environment{nil})}}); err == nil {
		t.Error("a base with an empty record was taken")
	}
}

// TestReplicaTakesTwice: a record that is in one update twice counts as the
// last says, and one that goes again is gone.
func TestReplicaTakesTwice(t *testing.T) {
	w, first, _ := fixture(t)
	f := w.follow(model.Following{Records: true})
	var r model.Replica
	base := w.next(f)
	if err := r.Apply(carried(t, base)); err != nil {
		t.Fatal(err)
	}
	second, third := w.secret(), w.secret()
	version := func(s model.Secret) *model.Key {
		k := *carried(t, base).Records.Keys[0]
		k.Primary.Digest = s.Digest()
		return &k
	}
	at := base.Head.Seq
	if err := r.Apply(model.Update{After: at, Head: model.Head{Seq: at + 2}, Records: model.Records{Keys: []*model.Key{version(second), version(third)}}}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		s    model.Secret
		want model.Reason
	}{{first, model.SecretUnknown}, {second, model.SecretUnknown}, {third, model.Allowed}} {
		if got := r.Snapshot().Decide(get("/customers/1?_profile=Test", tt.s)).Reason; got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
	id := base.Records.Keys[0].ID
	if err := r.Apply(model.Update{After: at + 2, Head: model.Head{Seq: at + 3}, Records: model.Records{Keys: []*model.Key{version(second)}}, Gone: []model.ID{id, 4711}}); err != nil {
		t.Fatal(err)
	}
	for _, s := range []model.Secret{first, second, third} {
		if got := r.Snapshot().Decide(get("/customers/1?_profile=Test", s)).Reason; got != model.SecretUnknown {
			t.Errorf("a removed key: %s", got)
		}
	}
}
