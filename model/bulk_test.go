package model_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// tight is a store that takes few keys at a time, and fails when told to.
type tight struct {
	*memory
	most    int
	commits []int // how many keys each had
	failAt  int   // the commit with that number fails; 0: none
}

var errFire = errors.New("disk on fire")

func (s *tight) Commit(ctx context.Context, c model.Change) (model.Head, error) {
	switch {
	case len(c.Keys) > s.most:
		return model.Head{}, model.ErrTooLarge
	case len(s.commits)+1 == s.failAt:
		return model.Head{}, errFire
	}
	s.commits = append(s.commits, len(c.Keys))
	return s.memory.Commit(ctx, c)
}

// tightWorld is a world over such a store, with n keys and their names.
func tightWorld(t testing.TB, n, most int) (*world, *tight, []string) {
	t.Helper()
	w := newWorld(t)
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("key-%04d", i)
		w.token(names[i], "")
	}
	store := &tight{memory: w.store, most: most}
	s, err := model.NewService(t.Context(), store, model.Options{Now: w.clock.Now, Random: w.random})
	if err != nil {
		t.Fatal(err)
	}
	w.service, w.Session = s, s.As(model.Caller{})
	return w, store, names
}

func TestBulkWorksInBatches(t *testing.T) {
	n := 2*model.MaxBatch + 1
	w, store, names := tightWorld(t, n, model.MaxBatch)
	ctx := t.Context()
	must(t)(w.SetKeyEnabled(ctx, names[3], false))
	store.commits = nil
	before := len(store.entries)
	refs := slices.Concat(names, names[:5], []string{"KEY-0007", must(t)(w.Key(ctx, names[900])).ID.String()})
	var r model.Receipt
	got, err := w.ChangeKeys(model.WithReceipt(ctx, &r), refs, model.KeyBulk{Disable: true})
	if err != nil || got.Changed != n-1 || !slices.Equal(got.Done, names) {
		t.Errorf("changed %d, done %d, %v", got.Changed, len(got.Done), err)
	}
	if !slices.Equal(store.commits, []int{model.MaxBatch - 1, model.MaxBatch, 1}) {
		t.Errorf("commits of %v keys", store.commits)
	}
	if r.Seq != w.seq() {
		t.Errorf("the receipt is for %d, the newest change is %d", r.Seq, w.seq())
	}
	if made := len(store.entries) - before; made != n-1 {
		t.Errorf("%d entries, want %d", made, n-1)
	}
	for _, e := range store.entries[before:] {
		if e.Action != model.KeyDisabledAction || len(e.Changes) != 1 || e.Changes[0].String() != "state enabled → disabled" {
			t.Fatalf("an entry: %+v", e)
		}
	}
	if first, last := store.entries[before], store.entries[before+model.MaxBatch-2]; first.Request != last.Request || first.Request == store.entries[before+model.MaxBatch-1].Request {
		t.Error("the entries of a batch do not share a request of their own")
	}
	if count, err := w.VerifyAudit(ctx); err != nil || int(count) != len(store.entries) {
		t.Errorf("verifying: %d, %v", count, err)
	}
	store.commits = nil
	if got, err = w.ChangeKeys(ctx, names, model.KeyBulk{Disable: true}); err != nil || got.Changed != 0 || len(got.Done) != n || store.commits != nil {
		t.Errorf("again: %d changed, %d done, %v in %v", got.Changed, len(got.Done), err, store.commits)
	}

	// A name that is there twice in different batches is deleted once, and free.
	if got, err = w.ChangeKeys(ctx, append(slices.Clone(names), names...), model.KeyBulk{Delete: true}); err != nil || got.Changed != n {
		t.Errorf("deleting: %d, %v", got.Changed, err)
	}
	w.token(names[0], "")
	if page, err := w.Keys(ctx, model.KeyQuery{}); err != nil || page.All != 1 {
		t.Errorf("%d keys are left, %v", page.All, err)
	}
}

func TestBulkHalvesWhatIsTooLarge(t *testing.T) {
	w, store, names := tightWorld(t, 100, 13)
	got, err := w.ChangeKeys(asking(t.Context(), "half"), names, model.KeyBulk{Disable: true})
	if err != nil || got.Changed != 100 || !slices.Equal(got.Done, names) {
		t.Errorf("changed %d, %v", got.Changed, err)
	}
	if !slices.Equal(store.commits, []int{12, 12, 12, 12, 12, 12, 12, 12, 4}) {
		t.Errorf("commits of %v keys", store.commits)
	}
	if settled, err := w.Settle(t.Context(), "half"); err != nil || len(settled.Objects) != 100 {
		t.Errorf("settling: %d objects, %v", len(settled.Objects), err)
	}
	store.most = 0
	if got, err = w.ChangeKeys(t.Context(), names, model.KeyBulk{Enable: true}); !errors.Is(err, model.ErrTooLarge) || got.Changed != 0 || got.Done == nil {
		t.Errorf("a key that is too large alone: %+v, %v", got, err)
	}
}

func TestBulkSaysWhatWasDone(t *testing.T) {
	w, store, names := tightWorld(t, 2*model.MaxBatch, model.MaxBatch)
	store.failAt = 2
	got, err := w.ChangeKeys(t.Context(), names, model.KeyBulk{Disable: true})
	if !errors.Is(err, errFire) || got.Changed != model.MaxBatch || !slices.Equal(got.Done, names[:model.MaxBatch]) {
		t.Errorf("changed %d, done %d, %v", got.Changed, len(got.Done), err)
	}
	for i, want := range map[int]bool{0: false, model.MaxBatch - 1: false, model.MaxBatch: true, 2*model.MaxBatch - 1: true} {
		if k := must(t)(w.Key(t.Context(), names[i])); k.Enabled != want {
			t.Errorf("key %d is enabled: %t", i, k.Enabled)
		}
	}
}

func TestBulkRefuses(t *testing.T) {
	w, store, names := tightWorld(t, 3, model.MaxBatch)
	ctx := t.Context()
	w.workflow("bound", "GET", "/bound")
	w.workflow("unbound", "", "")
	store.commits = nil
	for what, tt := range map[string]struct {
		refs []string
		b    model.KeyBulk
		kind error
		part string
	}{
		"nothing to do":       {names, model.KeyBulk{}, model.ErrInvalid, "nothing to do"},
		"two things":          {names, model.KeyBulk{Enable: true, Disable: true}, model.ErrInvalid, "choose one"},
		"deleting and more":   {names, model.KeyBulk{Delete: true, Permit: []string{"bound"}}, model.ErrInvalid, "choose one"},
		"an unknown key":      {append(slices.Clone(names), "nobody"), model.KeyBulk{Disable: true}, model.ErrNotFound, `"nobody"`},
		"an unknown workflow": {names, model.KeyBulk{Permit: []string{"none"}}, model.ErrNotFound, `"none"`},
		"an unbound workflow": {names, model.KeyBulk{Enable: true, Permit: []string{"unbound"}}, model.ErrInvalid, "not bound"},
	} {
		got, err := w.ChangeKeys(ctx, tt.refs, tt.b)
		wantError(t, err, tt.kind, tt.part)
		if got.Changed != 0 || len(got.Done) != 0 || got.Done == nil || store.commits != nil {
			t.Errorf("%s: %+v in %v", what, got, store.commits)
		}
	}
	if got, err := w.ChangeKeys(ctx, nil, model.KeyBulk{Enable: true}); err != nil || got.Changed != 0 {
		t.Errorf("no keys: %+v, %v", got, err)
	}
	before := len(store.entries)
	_, err := w.service.As(model.Caller{ReadOnly: true}).ChangeKeys(ctx, names, model.KeyBulk{Disable: true})
	wantError(t, err, model.ErrForbidden, "disabling a key")
	if made := len(store.entries) - before; made != 1 || !store.entries[before].Refused {
		t.Errorf("a refusal made %d entries", made)
	}
}

func TestBulkPermits(t *testing.T) {
	w, store, names := tightWorld(t, 3, model.MaxBatch)
	ctx := t.Context()
	w.workflow("a", "GET", "/a")
	w.workflow("b", "GET", "/b")
	must(t)(w.EditKey(ctx, names[0], model.KeyEdit{Permit: []string{"a", "b"}}))
	got, err := w.ChangeKeys(ctx, names, model.KeyBulk{Disable: true, Permit: []string{"a"}, Forbid: []string{"B"}})
	if err != nil || got.Changed != 3 {
		t.Errorf("%+v, %v", got, err)
	}
	for _, name := range names {
		if k := must(t)(w.Key(ctx, name)); k.Enabled || len(k.Workflows) != 1 || k.Workflows[0].Name != "a" {
			t.Errorf("%s: %+v", name, k)
		}
	}
	if e := store.entries[len(store.entries)-1]; len(e.Changes) != 2 || e.Action != model.KeyDisabledAction {
		t.Errorf("the entry: %+v", e)
	}
	if _, err := w.ChangeKeys(ctx, names, model.KeyBulk{Forbid: []string{"a"}}); err != nil {
		t.Error(err)
	}
	if e := store.entries[len(store.entries)-1]; e.Action != model.KeyEdited {
		t.Errorf("the entry: %+v", e)
	}
}

// TestBulkMeansTheKeyItFound: a key that got another name between two batches
// is changed, and the one that has its name now is not.
func TestBulkMeansTheKeyItFound(t *testing.T) {
	w, store, names := tightWorld(t, 2, 1)
	ctx := t.Context()
	f := w.follow(model.Following{Name: "watching", Decides: true})
	w.next(f)
	w.service.SetPatience(time.Hour)
	result := make(chan model.BulkResult)
	go func() {
		got, err := w.ChangeKeys(ctx, names, model.KeyBulk{Disable: true})
		if err != nil {
			t.Error(err)
		}
		result <- got
	}()
	f.Ack(w.next(f).Head.Seq - 1) // the first batch is made, and waits
	other := w.service.As(model.Caller{})
	impatient, cancel := context.WithCancel(ctx)
	renamed := make(chan error)
	go func() {
		_, err := other.EditKey(impatient, names[1], model.KeyEdit{Name: ptr("renamed")})
		renamed <- err
	}()
	u := w.next(f)
	cancel()
	if err := <-renamed; err != nil {
		t.Fatal(err)
	}
	f.Ack(u.Head.Seq)
	f.Ack(w.next(f).Head.Seq)
	if got := <-result; !slices.Equal(got.Done, []string{names[0], "renamed"}) {
		t.Errorf("done: %v", got.Done)
	}
	if k := must(t)(w.Key(ctx, "renamed")); k.Enabled || len(store.commits) != 3 {
		t.Errorf("%+v after %d commits", k, len(store.commits))
	}
}

// BenchmarkBulk disables and enables 10,000 keys.
func BenchmarkBulk(b *testing.B) {
	const n = 10_000
	w := newWorld(b)
	names := make([]string, n)
	for i := range n {
		k := &model.Key{ID: model.ID(i + 1), Name: fmt.Sprintf("key-%07d", i), Kind: model.TokenKey, State: model.Enabled}
		fill(k.Primary.Digest[:])
		fill(k.Secondary.Digest[:])
		w.store.keys[k.ID], names[i] = k, k.Name
	}
	w.reopen()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		got, err := w.ChangeKeys(b.Context(), names, model.KeyBulk{Disable: i%2 == 0, Enable: i%2 != 0})
		if err != nil || got.Changed != n {
			b.Fatal(got.Changed, err)
		}
	}
}

// TestBulkDisturbsNoReader: a snapshot decides as it did when it was taken,
// whatever changes came after it, many at once or one by one.
func TestBulkDisturbsNoReader(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.workflow("a", "GET", "/a")
	const n = 300
	names, secrets := make([]string, n), make([]model.Secret, n)
	for i := range n {
		names[i] = fmt.Sprint("key-", i)
		_, secrets[i], _ = w.token(names[i], "", "a")
	}
	check := func(what string, s *model.Snapshot, want func(i int) model.Reason) {
		t.Helper()
		for i, secret := range secrets {
			if got := s.Decide(get("/a", secret)).Reason; got != want(i) {
				t.Fatalf("%s: key %d: %s, want %s", what, i, got, want(i))
			}
		}
	}
	all := func(r model.Reason) func(int) model.Reason { return func(int) model.Reason { return r } }
	before := w.service.Snapshot()
	if _, err := w.ChangeKeys(ctx, names, model.KeyBulk{Disable: true}); err != nil {
		t.Fatal(err)
	}
	between := w.service.Snapshot()
	for i := range n / 2 {
		must(t)(w.SetKeyEnabled(ctx, names[i], true))
	}
	after := w.service.Snapshot()
	if _, err := w.ChangeKeys(ctx, names, model.KeyBulk{Delete: true}); err != nil {
		t.Fatal(err)
	}
	check("before", before, all(model.Allowed))
	check("between", between, all(model.KeyDisabled))
	check("after", after, func(i int) model.Reason {
		if i < n/2 {
			return model.Allowed
		}
		return model.KeyDisabled
	})
	check("at last", w.service.Snapshot(), all(model.KeyDeleted))
}
