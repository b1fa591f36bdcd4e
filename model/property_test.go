package model_test

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"dev.keyward/keyward/internal/race"
	"dev.keyward/keyward/model"
)

// oracle is what the world should allow, kept in the plainest form there is:
// it shares no code with the decision.
type oracle struct {
	workflows []string // bound to GET /NAME
	keys      map[string]*oracleKey
	stale     []model.Secret        // replaced, or of deleted keys
	bin       map[string]*oracleKey // deleted, as they were
}

type oracleKey struct {
	enabled     bool
	environment string // "" any
	permitted   map[string]bool
	expires     time.Time
	slots       [2]model.Secret
	grace       []graceSecret
	noQuery     bool
}

type graceSecret struct {
	secret model.Secret
	slot   int
	until  time.Time
}

// allows says whether secret may invoke workflow in environment at t.
func (o *oracle) allows(secret model.Secret, environment, workflow string, query bool, t time.Time) bool {
	for _, k := range o.keys {
		if !k.knows(secret, t) {
			continue
		}
		return k.enabled && (k.expires.IsZero() || t.Before(k.expires)) && k.permitted[workflow] &&
			(k.environment == "" || k.environment == environment) && !(query && k.noQuery)
	}
	return false
}

func (k *oracleKey) knows(s model.Secret, t time.Time) bool {
	for _, g := range k.grace {
		if g.secret == s && t.Before(g.until) {
			return true
		}
	}
	return s == k.slots[0] || s == k.slots[1]
}

// run makes random changes and holds the decision to the oracle after each.
type run struct {
	*world
	*oracle
	rand *rand.Rand
	now  time.Time
}

// TestNoOrderLetsAnyoneThrough: no order of operations lets a disabled,
// expired, not permitted or wrong-environment key through, nor keeps a good one
// out; regenerating one slot never touches the other.
func TestNoOrderLetsAnyoneThrough(t *testing.T) {
	steps, seeds := 150, race.Sample(8, 2)
	if testing.Short() {
		seeds = 2
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			r := &run{world: newWorld(t), oracle: &oracle{keys: map[string]*oracleKey{}, bin: map[string]*oracleKey{}}, rand: rand.New(rand.NewPCG(uint64(seed), 7)), now: now}
			for _, name := range []string{"a", "b", "c", "d"} {
				r.world.workflow(name, "GET", "/"+name)
				r.oracle.workflows = append(r.oracle.workflows, name)
			}
			for range steps {
				what := r.step()
				r.compare(what)
				if t.Failed() {
					return
				}
			}
		})
	}
}

func (r *run) pick() (string, *oracleKey) {
	names := make([]string, 0, len(r.keys))
	for name := range r.keys {
		names = append(names, name)
	}
	if len(names) == 0 {
		return "", nil
	}
	slices.Sort(names)
	name := names[r.rand.IntN(len(names))]
	return name, r.keys[name]
}

func (r *run) step() string {
	name, k := r.pick()
	if k == nil || r.rand.IntN(8) == 0 {
		return r.create()
	}
	ctx := r.t.Context()
	switch r.rand.IntN(13) {
	case 0, 1:
		k.enabled = !k.enabled
		must(r.t)(r.SetKeyEnabled(ctx, name, k.enabled))
		return fmt.Sprintf("enabled=%t %s", k.enabled, name)
	case 2, 3:
		return r.regenerate(name, k)
	case 4:
		return r.expire(name, k)
	case 5:
		return r.environment(name, k)
	case 6, 7:
		return r.permission(name, k)
	case 8:
		d := time.Duration(r.rand.IntN(90)) * time.Minute
		r.clock.Advance(d)
		r.now = r.now.Add(d)
		return fmt.Sprint("time passes ", d)
	case 9:
		r.reopen()
		return "reopen"
	case 10, 11:
		return r.restore()
	}
	return r.remove(name, k)
}

func (r *run) create() string {
	name := fmt.Sprintf("key-%d", r.rand.IntN(1e9))
	_, a, b := r.token(name, "Production", "a")
	r.keys[name] = &oracleKey{enabled: true, environment: "Production", permitted: map[string]bool{"a": true}, slots: [2]model.Secret{a, b}}
	return "create " + name
}

func (r *run) regenerate(name string, k *oracleKey) string {
	slot, grace := r.rand.IntN(2), time.Duration(r.rand.IntN(3))*time.Hour
	s := r.secret()
	_, err := r.RegenerateKey(r.t.Context(), name, model.SlotNames[slot], s.Hold(), grace)
	if errors.Is(err, model.ErrInvalid) {
		return "regenerate refused: too many in grace"
	}
	if err != nil {
		r.t.Fatal(err)
	}
	old := k.slots[slot]
	k.slots[slot] = s
	if grace == 0 {
		k.grace = slices.DeleteFunc(k.grace, func(g graceSecret) bool { return g.slot == slot })
	} else {
		k.grace = append(k.grace, graceSecret{old, slot, r.now.Add(grace)})
	}
	r.stale = append(r.stale, old)
	return fmt.Sprintf("regenerate %s slot %d grace %s", name, slot, grace)
}

func (r *run) expire(name string, k *oracleKey) string {
	k.expires = time.Time{}
	if r.rand.IntN(3) > 0 {
		k.expires = r.now.Add(time.Duration(1+r.rand.IntN(120)) * time.Minute)
	}
	must(r.t)(r.EditKey(r.t.Context(), name, model.KeyEdit{Expires: &k.expires}))
	return fmt.Sprint("expires ", name, k.expires)
}

func (r *run) environment(name string, k *oracleKey) string {
	k.environment = []string{"", "Production", "Test"}[r.rand.IntN(3)]
	k.noQuery = r.rand.IntN(2) == 0
	must(r.t)(r.EditKey(r.t.Context(), name, model.KeyEdit{Environment: &k.environment, NoQuery: &k.noQuery}))
	return fmt.Sprintf("environment %q of %s", k.environment, name)
}

func (r *run) permission(name string, k *oracleKey) string {
	w := r.workflows[r.rand.IntN(len(r.workflows))]
	if k.permitted[w] = !k.permitted[w]; k.permitted[w] {
		must(r.t)(r.EditKey(r.t.Context(), name, model.KeyEdit{Permit: []string{w}}))
	} else {
		must(r.t)(r.EditKey(r.t.Context(), name, model.KeyEdit{Forbid: []string{w}}))
	}
	return fmt.Sprintf("permit %s %s=%t", name, w, k.permitted[w])
}

func (r *run) remove(name string, k *oracleKey) string {
	if err := r.DeleteKey(r.t.Context(), name); err != nil {
		r.t.Fatal(err)
	}
	delete(r.keys, name)
	r.bin[name] = k
	r.stale = append(r.stale, k.slots[0], k.slots[1])
	return "delete " + name
}

// restore brings a deleted key back: it has all that it had, and is disabled.
func (r *run) restore() string {
	names := slices.Sorted(maps.Keys(r.bin))
	if len(names) == 0 {
		return "nothing to restore"
	}
	name, as := names[r.rand.IntN(len(names))], ""
	if r.rand.IntN(2) == 0 {
		as = fmt.Sprintf("key-%d", r.rand.IntN(1e9))
	}
	if _, err := r.RestoreKey(r.t.Context(), name, as); err != nil {
		r.t.Fatal(err)
	}
	k := r.bin[name]
	delete(r.bin, name)
	k.enabled = false
	r.keys[cmp.Or(as, name)] = k
	return fmt.Sprintf("restore %s as %q", name, as)
}

// compare asks for every secret there ever was, in every environment, of every
// workflow.
func (r *run) compare(after string) {
	r.t.Helper()
	secrets := slices.Clone(r.stale)
	for _, k := range r.keys {
		secrets = append(secrets, k.slots[:]...)
	}
	snapshot := r.service.Snapshot()
	for _, s := range secrets {
		for _, env := range []string{"Production", "Test"} {
			for _, w := range r.workflows {
				for _, query := range []bool{false, true} {
					req := get("/"+w+"?_profile="+env, s)
					if query {
						req.Authorization, req.RawQuery = nil, req.RawQuery+"&auth-key="+s.Reveal()
					}
					req.Now = r.now
					d := snapshot.Decide(req)
					if want := r.allows(s, env, w, query, r.now); d.Allowed() != want {
						r.t.Errorf("after %q: %s in %s, query %t: got %s, want allowed=%t", after, w, env, query, d.Reason, want)
						return
					}
				}
			}
		}
	}
}
