package model_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dev.keyward/keyward/model"
)

var (
	here  = "10.0.0.7:4242"
	there = "[2001:db8::1]:4242"
)

// counted is a decision about a key's slot.
func counted(id model.ID, n model.SlotName, reason model.Reason) *model.Decision {
	return &model.Decision{Reason: reason, Key: &model.Key{ID: id}, Slot: n}
}

// drained is what a meter counted, in order.
func drained(m *model.Meter) []model.Usage {
	list := m.Drain()
	slices.SortFunc(list, func(a, b model.Usage) int { return int(a.Key) - int(b.Key) + (int(a.Slot)-int(b.Slot))*1000 })
	return list
}

func TestMeter(t *testing.T) {
	var m model.Meter
	minute := now.Truncate(time.Minute)
	m.Count(counted(1, model.Primary, model.Allowed), here, minute.Add(59*time.Second))
	m.Count(counted(1, model.Primary, model.Allowed), there, minute.Add(30*time.Second)) // another core, a little behind
	m.Count(counted(1, model.Primary, model.KeyDisabled), there, minute.Add(2*time.Minute))
	m.Count(counted(1, model.Secondary, model.KeyExpired), here, minute)
	m.Count(counted(65, model.Primary, model.Allowed), "", minute.Add(time.Hour)) // the same shard
	m.Count(&model.Decision{Reason: model.SecretUnknown}, here, minute)           // nobody
	m.Count(counted(3, model.NoSlot, model.Allowed), here, minute)
	day := int32(minute.Unix() / (24 * 60 * 60))
	want := []model.Usage{
		{Key: 1, Slot: model.Primary, Last: model.At(minute), Remote: "10.0.0.7", Allowed: 2, Denied: 1,
			Days:    []model.DayUse{{Day: day, Allowed: 2, Denied: 1}},
			Callers: []model.CallerUse{{Remote: "10.0.0.7", Last: model.At(minute)}, {Remote: "2001:db8::1", Last: model.At(minute)}}},
		{Key: 65, Slot: model.Primary, Last: model.At(minute.Add(time.Hour)), Allowed: 1, Days: []model.DayUse{{Day: day, Allowed: 1}}},
		{Key: 1, Slot: model.Secondary, Denied: 1, Days: []model.DayUse{{Day: day, Denied: 1}}},
	}
	if diff := cmp.Diff(want, drained(&m)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if list := m.Drain(); list != nil {
		t.Errorf("drained twice: %+v", list)
	}
	if model.MeterShardSize%64 != 0 {
		t.Errorf("a shard has %d bytes and shares a cache line", model.MeterShardSize)
	}
}

// TestMeterLosesNothing: every call is counted once, whoever drains meanwhile.
func TestMeterLosesNothing(t *testing.T) {
	const workers, calls, ids = 8, 4000, 5
	var m model.Meter
	var working sync.WaitGroup
	for i := range workers {
		working.Go(func() {
			for j := range calls {
				reason := []model.Reason{model.Allowed, model.KeyDisabled}[j%2]
				m.Count(counted(model.ID(1+(i+j/2)%ids), model.SlotNames[j/2%2], reason), here, now)
			}
		})
	}
	stop, drainedAll := make(chan struct{}), make(chan []model.Usage)
	go func() {
		var all []model.Usage
		for {
			all = append(all, m.Drain()...)
			select {
			case <-stop:
				drainedAll <- append(all, m.Drain()...)
				return
			default:
			}
		}
	}()
	working.Wait()
	close(stop)
	var allowed, denied uint64
	for _, u := range <-drainedAll {
		allowed, denied = allowed+u.Allowed, denied+u.Denied
	}
	if want := uint64(workers * calls / 2); allowed != want || denied != want {
		t.Errorf("%d allowed and %d denied, want %d each", allowed, denied, want)
	}
}

func TestMeterDoesNotAllocate(t *testing.T) {
	var m model.Meter
	yes, no := counted(1, model.Primary, model.Allowed), counted(1, model.Primary, model.KeyDisabled)
	m.Count(yes, here, now)
	m.Count(no, here, now)
	if n := testing.AllocsPerRun(100, func() { m.Count(yes, there, now); m.Count(no, here, now) }); n != 0 {
		t.Errorf("counting allocates %.0f times", n)
	}
}

// BenchmarkMeter counts on all cores at once: for one key, and for many.
func BenchmarkMeter(b *testing.B) {
	for _, keys := range []int{1, 1000} {
		b.Run(fmt.Sprintf("keys=%d", keys), func(b *testing.B) {
			var m model.Meter
			list := make([]*model.Decision, keys)
			for i := range list {
				list[i] = counted(model.ID(i+1), model.Primary, model.Allowed)
			}
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					m.Count(list[i%keys], here, now)
				}
			})
		})
	}
}

func TestUsageIsShownAndKept(t *testing.T) {
	w, _, _ := fixture(t)
	ctx := t.Context()
	id := must(t)(w.Key(ctx, "app")).ID
	at := model.At(now)
	if k := must(t)(w.Key(ctx, "app")); k.LastUsed != 0 || k.Slots[0].Usage != nil {
		t.Errorf("before any use: %+v", k)
	}
	w.service.AddUsage([]model.Usage{
		{Key: id, Slot: model.Primary, Last: at, Remote: "10.0.0.7", Allowed: 5, Denied: 1},
		{Key: id, Slot: model.Secondary, Denied: 2},
		{Key: id, Slot: model.NoSlot, Last: at + 9, Allowed: 1},
		{Key: id, Slot: 7, Last: at + 9, Allowed: 1},
		{Key: 4711, Slot: model.Primary, Allowed: 1},
	})
	if n := w.service.UsageDirty(); n != 2 {
		t.Errorf("%d slots are counted, want those two that there are", n)
	}
	w.service.AddUsage([]model.Usage{ // an older report that comes later
		{Key: id, Slot: model.Primary, Last: at - model.Instant(time.Hour), Remote: "10.0.0.8", Allowed: 1},
		{Key: id, Slot: model.Primary, Last: at - model.Instant(time.Hour), Remote: "\x1b[31mnot an address"},
	})
	w.service.AddUsage([]model.Usage{{Key: id, Slot: model.Primary, Denied: 1}}) // never allowed
	w.service.AddUsage([]model.Usage{{Key: id, Slot: model.Secondary, Last: at + 60e9, Remote: "\x1b[31m", Allowed: 1}})
	want := []*model.SlotUsage{
		{LastUsed: at, Remote: "10.0.0.7", Allowed: 6, Denied: 2},
		{LastUsed: at + 60e9, Allowed: 1, Denied: 2},
	}
	check := func(what string) {
		t.Helper()
		k := must(t)(w.Key(ctx, "app"))
		got := []*model.SlotUsage{k.Slots[0].Usage, k.Slots[1].Usage}
		if diff := cmp.Diff(want, got); diff != "" || k.LastUsed != at+60e9 {
			t.Errorf("%s: last used %s (-want +got):\n%s", what, k.LastUsed.Text(), diff)
		}
		page, err := w.Keys(ctx, model.KeyQuery{})
		if err != nil || page.Keys[0].LastUsed != at+60e9 {
			t.Errorf("%s: the list says %s, %v", what, page.Keys[0].LastUsed.Text(), err)
		}
	}
	check("in memory")
	before := w.seq()
	if err := w.service.FlushUsage(ctx); err != nil {
		t.Fatal(err)
	}
	if w.seq() != before || w.service.UsageDirty() != 0 {
		t.Errorf("keeping usage is change %d", w.seq())
	}
	w.store.usage = append(w.store.usage, model.Usage{Key: 4711, Slot: model.Primary, Last: at}) // of no key
	w.reopen()
	check("after reopening")
	w.service.AddUsage([]model.Usage{{Key: id, Slot: model.Primary, Last: at, Remote: "10.0.0.9", Allowed: 1}})
	want[0].Allowed, want[0].Remote = 7, "10.0.0.9"
	check("the same minute")
}

// putting is a store that watches what is put, and calls meanwhile.
type putting struct {
	*memory
	sizes     []int
	err       error
	meanwhile func()
}

func (p *putting) PutUsage(ctx context.Context, list []model.Usage) error {
	if p.meanwhile != nil {
		p.meanwhile()
	}
	if p.err != nil {
		return p.err
	}
	p.sizes = append(p.sizes, len(list))
	return p.memory.PutUsage(ctx, list)
}

func TestFlushUsage(t *testing.T) {
	n := model.MaxBatch + 10
	w, _, names := tightWorld(t, n, model.MaxBatch)
	ctx := t.Context()
	store := &putting{memory: w.store}
	s, err := model.NewService(ctx, store, model.Options{Now: w.clock.Now, Random: w.random})
	if err != nil {
		t.Fatal(err)
	}
	w.service, w.Session = s, s.As(model.Caller{})
	for _, name := range names {
		s.AddUsage([]model.Usage{{Key: must(t)(w.Key(ctx, name)).ID, Slot: model.Primary, Allowed: 1}})
	}
	store.err = errFire
	if err := s.FlushUsage(ctx); err != errFire || s.UsageDirty() != n {
		t.Errorf("a failure: %v, %d left", err, s.UsageDirty())
	}
	store.err = nil
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.FlushUsage(cancelled); !errors.Is(err, context.Canceled) || s.UsageDirty() != n {
		t.Errorf("cancelled: %v, %d left", err, s.UsageDirty())
	}
	if err := s.FlushUsage(ctx); err != nil || s.UsageDirty() != 0 || len(store.usage) != n {
		t.Errorf("%v, %d left, %d kept", err, s.UsageDirty(), len(store.usage))
	}
	slices.Sort(store.sizes)
	if !slices.Equal(store.sizes, []int{10, model.MaxBatch}) {
		t.Errorf("batches of %v", store.sizes)
	}
	if err := s.FlushUsage(ctx); err != nil || len(store.sizes) != 2 {
		t.Errorf("nothing to keep: %v in %v", err, store.sizes)
	}
}

// TestFlushUsageBesidePurge: while usage is being kept nothing is purged, so that
// no count of a purged key stays; and a count that comes meanwhile is not lost.
func TestFlushUsageBesidePurge(t *testing.T) {
	w, _, names := tightWorld(t, 2, model.MaxBatch)
	ctx := t.Context()
	store := &putting{memory: w.store}
	s, err := model.NewService(ctx, store, model.Options{Now: w.clock.Now, Random: w.random})
	if err != nil {
		t.Fatal(err)
	}
	w.service, w.Session = s, s.As(model.Caller{})
	gone, stays := must(t)(w.Key(ctx, names[0])).ID, must(t)(w.Key(ctx, names[1])).ID
	one := func(id model.ID) []model.Usage {
		return []model.Usage{{Key: id, Slot: model.Primary, Allowed: 1}}
	}
	s.AddUsage(slices.Concat(one(gone), one(stays)))
	if err := w.DeleteKey(ctx, names[0]); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(model.PurgeAfter + time.Hour)
	purged := make(chan error)
	store.meanwhile = func() {
		store.meanwhile = nil
		go func() {
			_, err := w.Purge(ctx, 0)
			purged <- err
		}()
		s.AddUsage(one(stays))
		select {
		case err := <-purged:
			t.Errorf("a purge came in between: %v", err)
			go func() { purged <- err }()
		case <-time.After(20 * time.Millisecond): // the test can only miss the mistake by this
		}
	}
	if err := s.FlushUsage(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-purged; err != nil {
		t.Fatal(err)
	}
	s.AddUsage(one(gone))
	if err := s.FlushUsage(ctx); err != nil || s.UsageDirty() != 0 {
		t.Errorf("%v, %d left", err, s.UsageDirty())
	}
	w.reopen()
	if got := must(t)(w.Key(ctx, names[1])).Slots[0].Usage; got == nil || got.Allowed != 2 {
		t.Errorf("the key that stays: %+v", got)
	}
}
