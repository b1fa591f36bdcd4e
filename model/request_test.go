package model_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"dev.keyward/keyward/model"
)

// strict is a store that knows each request for good, as storage does for as
// long as it keeps it.
type strict struct {
	*memory
	burnt   map[string]bool
	loads   int
	unheard int // that many of the next Settle calls get no answer
}

func (s *strict) Load(ctx context.Context, fn func(model.Records) error) (model.Head, error) {
	s.loads++
	return s.memory.Load(ctx, fn)
}

func (s *strict) Commit(ctx context.Context, c model.Change) (model.Head, error) {
	if _, done := s.done[c.ID]; done || s.burnt[c.ID] {
		return model.Head{}, model.ErrChanged
	}
	return s.memory.Commit(ctx, c)
}

func (s *strict) Settle(ctx context.Context, c model.Change) (model.Head, bool, error) {
	if s.unheard > 0 {
		s.unheard--
		return model.Head{}, false, errors.New("no answer")
	}
	head, done, err := s.memory.Settle(ctx, c)
	if err == nil && !done {
		s.burnt[c.ID] = true
	}
	return head, done, err
}

// strictWorld is a world over such a store, with the keys key-0 to key-(n-1).
func strictWorld(t testing.TB, n int) (*world, *strict) {
	t.Helper()
	w := newWorld(t)
	for i := range n {
		w.token(fmt.Sprint("key-", i), "")
	}
	store := &strict{memory: w.store, burnt: map[string]bool{}}
	s, err := model.NewService(t.Context(), store, model.Options{Now: w.clock.Now, Random: w.random})
	if err != nil {
		t.Fatal(err)
	}
	w.service, w.Session = s, s.As(model.Caller{})
	store.loads = 0
	return w, store
}

func asking(ctx context.Context, request string) context.Context {
	return model.WithReceipt(ctx, &model.Receipt{Request: request})
}

func TestRequestNamesTheChange(t *testing.T) {
	w, store := strictWorld(t, 1)
	ctx := t.Context()
	must(t)(w.SetKeyEnabled(asking(ctx, "one"), "key-0", false))
	if _, there := store.done["one"]; !there {
		t.Error("the change has another id than its caller gave it")
	}
	if e := w.trail()[1]; e.Request != "one" {
		t.Errorf("the entry has the request %q", e.Request)
	}
	must(t)(w.SetKeyEnabled(ctx, "key-0", true))
	if e := w.trail()[2]; len(e.Request) != 32 {
		t.Errorf("the entry of a change without a request has %q", e.Request)
	}
	f := w.follow(model.Following{Records: true})
	w.next(f)
	_, err := w.SetKeyEnabled(asking(ctx, "one"), "key-0", false)
	wantError(t, err, model.ErrChanged, "")
	if k := must(t)(w.Key(ctx, "key-0")); !k.Enabled || len(w.trail()) != 3 {
		t.Error("something was done twice")
	}
	if store.loads > 1 {
		t.Errorf("the store was read %d times for a request that is taken", store.loads)
	}
	w.quiet(f) // nothing happened
}

func TestRequestMustBeAName(t *testing.T) {
	w, _ := strictWorld(t, 1)
	for _, bad := range []string{"a b", "a/1", "ä", "\x00", strings.Repeat("x", 65)} {
		_, err := w.SetKeyEnabled(asking(t.Context(), bad), "key-0", false)
		wantError(t, err, model.ErrInvalid, "name of a change")
		_, err = w.Settle(t.Context(), bad)
		wantError(t, err, model.ErrInvalid, "name of a change")
	}
	_, err := w.Settle(t.Context(), "")
	wantError(t, err, model.ErrInvalid, "name of a change")
	id, err := model.NewRequest(w.random)
	if err != nil {
		t.Fatal(err)
	}
	must(t)(w.SetKeyEnabled(asking(t.Context(), id), "key-0", false))
	if _, err := model.NewRequest(strings.NewReader("short")); err == nil {
		t.Error("a request without randomness")
	}
}

func TestSettle(t *testing.T) {
	w, _ := strictWorld(t, 2)
	ctx := t.Context()
	must(t)(w.SetKeyEnabled(asking(ctx, "one"), "key-0", false))
	must(t)(w.SetKeyEnabled(ctx, "key-1", false))
	for range 2 { // asking again is safe
		got, err := w.Settle(ctx, "one")
		if err != nil || !got.Done || len(got.Objects) != 1 || got.Objects[0].Name != "key-0" {
			t.Errorf("a change that was made: %+v, %v", got, err)
		}
		if got, err = w.Settle(ctx, "two"); err != nil || got.Done || got.Objects != nil {
			t.Errorf("a change that was not made: %+v, %v", got, err)
		}
	}
	_, err := w.SetKeyEnabled(asking(ctx, "two"), "key-0", true)
	wantError(t, err, model.ErrChanged, "")
	if k := must(t)(w.Key(ctx, "key-0")); k.Enabled {
		t.Error("a change that was settled as not made came after all")
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	must(t)(w.SetKeyEnabled(ctx, "key-0", true))
	if _, err := w.SetKeyEnabled(asking(cancelled, "three"), "key-0", false); !errors.Is(err, context.Canceled) {
		t.Errorf("a change by a caller that is gone: %v", err)
	}
	if got, err := w.Settle(ctx, "three"); got.Done || err != nil {
		t.Errorf("a change by a caller that is gone: %+v, %v", got, err)
	}
}

// TestSettleAfterAnUnknownOutcome: what became of the change is found although
// nobody knew when it was asked, and is in force from then on.
func TestSettleAfterAnUnknownOutcome(t *testing.T) {
	w, store := strictWorld(t, 1)
	ctx := t.Context()
	store.vanish, store.unheard = true, 1
	_, err := w.SetKeyEnabled(asking(ctx, "one"), "key-0", false)
	wantError(t, err, model.ErrUnknownOutcome, "look at the object")
	if got, err := w.Settle(ctx, "one"); err != nil || !got.Done || len(got.Objects) != 1 {
		t.Errorf("a change that was made: %+v, %v", got, err)
	}
	store.fail = model.ErrUnknownOutcome // and it was not made
	_, err = w.SetKeyEnabled(asking(ctx, "two"), "key-0", true)
	wantError(t, err, model.ErrChanged, "") // its id is burnt: it cannot be decided anew
	if got, err := w.Settle(ctx, "two"); err != nil || got.Done {
		t.Errorf("a change that was not made: %+v, %v", got, err)
	}
	store.unheard = 1
	if _, err := w.Settle(ctx, "three"); err == nil {
		t.Error("no answer is an answer")
	}

	// A commit that arrives behind this service's back.
	other, err := model.NewService(ctx, store, model.Options{Now: w.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	must(t)(other.As(model.Caller{}).SetKeyEnabled(asking(ctx, "four"), "key-0", true))
	if got, err := w.Settle(ctx, "four"); err != nil || !got.Done || len(got.Objects) != 1 {
		t.Errorf("a change that arrived late: %+v, %v", got, err)
	}
	if k := must(t)(w.Key(ctx, "key-0")); !k.Enabled {
		t.Error("a change that is settled as made is not in force")
	}
}

// TestSettleOnAFullDisk: what was made reads as made although nothing can be
// written, and what needs no note leaves none.
func TestSettleOnAFullDisk(t *testing.T) {
	w, store := strictWorld(t, 3)
	ctx := t.Context()
	if _, err := w.CreateWorkflow(asking(ctx, "made"), model.WorkflowDraft{Name: "w", Method: "GET", Path: "/w"}); err != nil {
		t.Fatal(err)
	}
	must(t)(w.SetKeyEnabled(asking(ctx, "alone"), "key-0", false))
	if _, err := w.ChangeKeys(asking(ctx, "bulk"), []string{"key-1", "key-2"}, model.KeyBulk{Disable: true}); err != nil {
		t.Fatal(err)
	}
	if got, err := w.Settle(ctx, "made"); err != nil || !got.Done || len(store.burnt) != 0 {
		t.Errorf("%+v, %v, and burnt %v", got, err, store.burnt)
	}
	for request, want := range map[string]int{"made": 1, "alone": 1, "bulk": 0, "none": 0} {
		store.unheard = 1
		got, err := w.Settle(ctx, request)
		if got.Done != (want > 0 || request == "bulk") || want > 0 && len(got.Objects) != want || (err == nil) != (want > 0) {
			t.Errorf("%s: %+v, %v", request, got, err)
		}
	}
	store.unheard = 0
	if got, err := w.Settle(ctx, "alone"); err != nil || !got.Done || !store.burnt["alone/1"] {
		t.Errorf("%+v, %v, and burnt %v", got, err, store.burnt)
	}
}

// TestSettleFindsBulk: all batches of bulk work are found, between other
// changes, also when the store forgot the requests; and no further batch comes.
func TestSettleFindsBulk(t *testing.T) {
	n := 2*model.MaxBatch + 77
	w, store := strictWorld(t, n)
	ctx := t.Context()
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprint("key-", i)
	}
	var r model.Receipt
	r.Request = "bulk"
	got, err := w.ChangeKeys(model.WithReceipt(ctx, &r), names, model.KeyBulk{Disable: true})
	if err != nil || got.Changed != n {
		t.Fatalf("%d of %d, %v", got.Changed, n, err)
	}
	for i := range 1500 {
		w.workflow(fmt.Sprint("w", i), "", "")
	}
	clear(store.done)
	settled, err := w.Settle(ctx, "bulk")
	if err != nil || !settled.Done || len(settled.Objects) != n {
		t.Fatalf("%d objects, %v; want %d", len(settled.Objects), err, n)
	}
	for i, o := range settled.Objects {
		if o.Name != names[i] {
			t.Fatalf("object %d is %s, want %s", i, o.Name, names[i])
		}
	}
	if !store.burnt["bulk/3"] || len(store.burnt) != 1 {
		t.Errorf("settled for good: %v", store.burnt)
	}

	// One that is settled in the middle stops there.
	store.burnt["half/1"] = true
	got, err = w.ChangeKeys(asking(ctx, "half"), names, model.KeyBulk{Enable: true})
	if !errors.Is(err, model.ErrChanged) || got.Changed != model.MaxBatch || len(got.Done) != model.MaxBatch {
		t.Errorf("bulk work that was settled: %d, %v", got.Changed, err)
	}
	if settled, err = w.Settle(ctx, "half"); err != nil || !settled.Done || len(settled.Objects) != model.MaxBatch {
		t.Errorf("%d objects, %v", len(settled.Objects), err)
	}
	if settled, err = w.Settle(ctx, "hal"); err != nil || settled.Done {
		t.Errorf("a name that another one begins with: %+v, %v", settled, err)
	}
}

// TestSettleLooksFarBack: from each entry that is found the search goes on, and
// what is too far back is done if the store says so.
func TestSettleLooksFarBack(t *testing.T) {
	w := newWorld(t)
	const n = model.SettleSteps + model.SettleSteps/2
	for seq := uint64(1); seq <= n; seq++ {
		e := &model.Entry{Seq: seq, Request: "other", Object: model.Object{Name: fmt.Sprint(seq)}}
		switch seq {
		case 1:
			e.Request = "old"
		case 2:
			e.Request = "bulk"
		case model.SettleSteps:
			e.Request = "bulk/1"
		}
		w.store.entries = append(w.store.entries, e)
	}
	w.store.head = model.Head{Seq: n, Rev: n}
	w.store.done["old"] = model.Head{Seq: 1, Rev: 1}
	w.reopen()
	got, err := w.Settle(t.Context(), "bulk")
	if err != nil || !got.Done || len(got.Objects) != 2 || got.Objects[0].Name != "2" {
		t.Errorf("bulk work that others came between: %+v, %v", got, err)
	}
	if got, err = w.Settle(t.Context(), "old"); err != nil || !got.Done || got.Objects != nil {
		t.Errorf("a change that is too far back: %+v, %v", got, err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Settle(cancelled, "old"); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller that is gone: %v", err)
	}
}
