package model_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// follow follows the world until the test ends.
func (w *world) follow(o model.Following) *model.Follower {
	w.t.Helper()
	f := w.service.Follow(o)
	w.t.Cleanup(f.Close)
	return f
}

// next takes the update that must be there already.
func (w *world) next(f *model.Follower) model.Update {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 10*time.Second)
	defer cancel()
	u, err := f.Next(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	return u
}

// quiet checks that nothing comes next.
func (w *world) quiet(f *model.Follower) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	cancel()
	if u, err := f.Next(ctx); !errors.Is(err, context.Canceled) {
		w.t.Errorf("something came: %+v, %v", u, err)
	}
}

// seq is the sequence at which the world stands.
func (w *world) seq() uint64 { return w.service.Snapshot().Seq() }

func TestFollowBaseThenChanges(t *testing.T) {
	w, _, _ := fixture(t)
	f := w.follow(model.Following{Records: true})
	heads := w.follow(model.Following{})
	base := w.next(f)
	if !base.Base || base.More || base.Head.Seq != w.seq() || len(base.Records.Keys) != 1 || len(base.Records.Environments) != 2 || len(base.Records.Workflows) == 0 {
		t.Fatalf("the base: %+v", base)
	}
	if u := w.next(heads); !u.Base || u.Head != base.Head || !u.Records.IsZero() {
		t.Errorf("the base of heads: %+v", u)
	}
	w.quiet(f)
	must(t)(w.SetKeyEnabled(t.Context(), "app", false))
	must(t)(w.SetKeyEnabled(t.Context(), "app", false)) // nothing
	if _, err := w.DeleteWorkflow(t.Context(), "order"); err != nil {
		t.Fatal(err)
	}
	first := w.next(f)
	if first.Base || first.After != base.Head.Seq || first.Head.Seq != base.Head.Seq+1 || len(first.Records.Keys) != 1 || first.Records.Keys[0].State != model.Disabled {
		t.Errorf("the first change: %+v", first)
	}
	second := w.next(f)
	if second.After != first.Head.Seq || len(second.Gone) != 1 || !second.Records.IsZero() {
		t.Errorf("the second change: %+v", second)
	}
	for _, want := range []model.Update{first, second} {
		if u := w.next(heads); u.Head != want.Head || u.After != want.After || u.Gone != nil || !u.Records.IsZero() {
			t.Errorf("a follower of heads got %+v, want the head %+v alone", u, want.Head)
		}
	}
	w.quiet(f)
	w.quiet(heads)
}

// TestFollowIsComplete: whenever a follower starts, what it gets under
// concurrent writers has no gap and no repetition.
func TestFollowIsComplete(t *testing.T) {
	w, _, _ := fixture(t)
	const writers, each, followers = 4, 40, 6
	var writing, following sync.WaitGroup
	last := w.seq() + writers*each
	for i := range writers {
		writing.Go(func() {
			for j := range each {
				_, err := w.CreateWorkflow(t.Context(), model.WorkflowDraft{Name: fmt.Sprintf("w-%d-%d", i, j)})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range followers {
		following.Go(func() {
			f := w.service.Follow(model.Following{Records: true})
			defer f.Close()
			seen, at := map[model.ID]bool{}, uint64(0)
			for n := 0; at < last; n++ {
				u, err := f.Next(t.Context())
				if err != nil || u.Base != (n == 0) || !u.Base && (u.After != at || u.Head.Seq != at+1) {
					t.Errorf("follower %d at %d: %+v, %v", i, at, u.Head, err)
					return
				}
				for _, k := range u.Records.Workflows {
					if seen[k.ID] {
						t.Errorf("follower %d: a workflow came twice", i)
					}
					seen[k.ID] = true
				}
				at = u.Head.Seq
				f.Ack(at)
			}
			if len(seen) < writers*each {
				t.Errorf("follower %d has %d workflows", i, len(seen))
			}
		})
	}
	writing.Wait()
	following.Wait()
	if n := w.service.Followers(); n != 0 {
		t.Errorf("%d followers are left", n)
	}
}

func TestFollowBeginsAnew(t *testing.T) {
	w, _, _ := fixture(t)
	toggle := func(n int) {
		for i := range n {
			must(t)(w.SetKeyEnabled(t.Context(), "app", i%2 != 0))
		}
	}
	f, heads := w.follow(model.Following{Records: true}), w.follow(model.Following{})
	w.next(f)
	w.next(heads)
	toggle(model.UpdatesKept)
	for range model.UpdatesKept { // all of them are still there
		if w.next(heads).Base {
			t.Fatal("a follower that is just not too far behind began anew")
		}
	}
	toggle(2)
	if u := w.next(f); !u.Base || u.Head.Seq != w.seq() || len(u.Records.Keys) != 1 {
		t.Errorf("a follower that is too far behind got %+v", u)
	}
	w.quiet(f)
	if n, _ := w.service.Kept(); n != model.UpdatesKept {
		t.Errorf("%d updates are kept", n)
	}

	// Another owner changes the store: this one reads it anew at its next change.
	other, err := model.NewService(t.Context(), w.store, model.Options{Now: w.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	w.next(heads)
	w.next(heads)
	must(t)(other.As(model.Caller{}).EditKey(t.Context(), "app", model.KeyEdit{Name: ptr("App")}))
	must(t)(w.SetKeyEnabled(t.Context(), "app", false))
	for _, f := range []*model.Follower{f, heads} {
		if u := w.next(f); !u.Base || u.Head.Seq != w.seq() {
			t.Errorf("after reading anew: %+v, want a base at %d", u, w.seq())
		}
		w.quiet(f)
	}
}

// TestFollowMemoryIsBounded: bulk work leaves no more than some batches of
// records that were replaced since.
func TestFollowMemoryIsBounded(t *testing.T) {
	w := newWorld(t)
	var names []string
	for i := range model.MaxBatch {
		info, _, _ := w.token(fmt.Sprintf("key-%d", i), "")
		names = append(names, info.Name)
	}
	f := w.follow(model.Following{Records: true})
	w.next(f)
	for i := range model.RecordsKept/model.MaxBatch + 8 {
		if _, err := w.ChangeKeys(t.Context(), names, model.KeyBulk{Enable: i%2 != 0, Disable: i%2 == 0}); err != nil {
			t.Fatal(err)
		}
	}
	if n, records := w.service.Kept(); records > model.RecordsKept || records < model.RecordsKept/2 {
		t.Errorf("%d updates with %d records are kept", n, records)
	}
	if u := w.next(f); !u.Base || u.Head.Seq != w.seq() {
		t.Errorf("the follower got %+v", u.Head)
	}
}

func TestFollowCloses(t *testing.T) {
	w, _, _ := fixture(t)
	f := w.service.Follow(model.Following{Records: true, Decides: true})
	w.next(f)
	woken := make(chan error)
	go func() {
		_, err := f.Next(context.WithoutCancel(t.Context()))
		woken <- err
	}()
	f.Close()
	f.Close()
	if err := <-woken; !errors.Is(err, model.ErrUnavailable) {
		t.Errorf("waiting while it was closed: %v", err)
	}
	must(t)(w.SetKeyEnabled(t.Context(), "app", false)) // something would be there
	if _, err := f.Next(t.Context()); !errors.Is(err, model.ErrUnavailable) {
		t.Errorf("after it was closed: %v", err)
	}
	f.Ack(w.seq()) // does no harm
	if n := w.service.Followers(); n != 0 {
		t.Errorf("%d followers are left", n)
	}
}

// TestPublishComesInOrder: whoever decides from a copy hears of each change once
// it is in force here, in order, and at first where the store stands.
func TestPublishComesInOrder(t *testing.T) {
	store := newMemory()
	var mu sync.Mutex
	var heard []uint64
	s, err := model.NewService(t.Context(), store, model.Options{Random: newNumbers(1), Publish: func(seq uint64) {
		mu.Lock()
		defer mu.Unlock()
		heard = append(heard, seq)
	}})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			var r model.Receipt
			if _, err := s.As(model.Caller{}).CreateWorkflow(model.WithReceipt(t.Context(), &r), model.WorkflowDraft{Name: fmt.Sprint("w", i)}); err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if r.Seq == 0 || heard[len(heard)-1] < r.Seq {
				t.Errorf("change %d is confirmed and %d is the newest published", r.Seq, heard[len(heard)-1])
			}
		})
	}
	wg.Wait()
	for i, seq := range heard {
		if seq != uint64(i) {
			t.Fatalf("published: %v", heard)
		}
	}
}
