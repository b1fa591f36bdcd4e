package storage

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dev.keyward/keyward/model"
)

// openLoaded opens the keeper's directory with a Loaded, and returns the store
// that goes on from it.
func (k *keeper) openLoaded() (*Store, *Loaded) {
	k.t.Helper()
	loaded := &Loaded{}
	k.opts.Loaded = loaded
	k.open()
	store, err := NewStore(k.t.Context(), k.kv, time.Unix(1_800_000_000, 0))
	if err != nil {
		k.t.Fatal(err)
	}
	store.From(loaded)
	return store, loaded
}

// everything loads a store.
func everything(t *testing.T, s *Store) (all model.Records, head model.Head) {
	t.Helper()
	head, err := s.Load(t.Context(), func(r model.Records) error {
		all.Keys = append(all.Keys, r.Keys...)
		all.Workflows = append(all.Workflows, r.Workflows...)
		all.Environments = append(all.Environments, r.Environments...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, head
}

func TestLoadedIsWhatTheStoreHolds(t *testing.T) {
	k := newKeeper(t, Options{})
	for n := range 2*snapshotPiece + 3 {
		k.change(n)
	}
	k.change(1, 2, 3)
	k.close()
	store, loaded := k.openLoaded()
	if len(loaded.records.Keys) != 2*snapshotPiece+3 || loaded.failed {
		t.Fatalf("%d keys were taken, failed %v", len(loaded.records.Keys), loaded.failed)
	}
	taken := loaded.records.Keys[0]
	got, head := everything(t, store)
	if got.Keys[0] != taken {
		t.Error("the store was read again")
	}
	want, wantHead := everything(t, store) // from the engine
	if want.Keys[0] == taken {
		t.Error("what was taken was handed out twice")
	}
	if diff := cmp.Diff(want, got); diff != "" || head != wantHead {
		t.Errorf("what was taken differs, at %v and %v: %s", wantHead, head, diff)
	}
}

// TestLastUses: a store that is opened knows when each key was last used, whether
// that was taken while it was opened or is read from the engine.
func TestLastUses(t *testing.T) {
	k := newKeeper(t, Options{})
	k.change(0, 1)
	store, err := NewStore(t.Context(), k.kv, time.Unix(1_800_000_000, 0))
	if err != nil {
		t.Fatal(err)
	}
	at := model.At(time.Unix(1_800_000_060, 0))
	later := at + model.Instant(time.Hour)
	var want model.LastUses
	var list []model.Usage
	for id := range model.ID(200) {
		list = append(list,
			model.Usage{Key: 1000 - id, Slot: model.Primary, Last: at, Allowed: 1, Remote: "10.0.0.7", Callers: []model.CallerUse{{Remote: "10.0.0.7", Last: at}}},
			model.Usage{Key: 1000 - id, Slot: model.Secondary, Last: later, Denied: 1},
			model.Usage{Workflow: 1000 - id, Last: later, Allowed: 1})
	}
	for id := model.ID(801); id <= 1000; id++ {
		want.Note(id, model.Primary, at)
		want.Note(id, model.Secondary, later)
	}
	for len(list) > 0 {
		n := min(len(list), model.MaxBatch)
		if err := store.PutUsage(t.Context(), list[:n]); err != nil {
			t.Fatal(err)
		}
		list = list[n:]
	}
	if _, err := k.kv.Commit(t.Context(), Tx{Writes: []Write{{Key: usageKey(7, model.Primary), Value: []byte("\xa1\x66remote")}}}); err != nil {
		t.Fatal(err) // of no use, and no reason not to open
	}
	k.close()
	store, loaded := k.openLoaded()
	for _, from := range []string{"taken", "read"} {
		got, err := store.LastUses(t.Context())
		if err != nil || !reflect.DeepEqual(got, &want) || from == "taken" != (got == loaded.last) {
			t.Errorf("%s: %+v, %v", from, got, err)
		}
	}
}

func TestLoadedGivesWayToAChange(t *testing.T) {
	k := newKeeper(t, Options{})
	k.change(0, 1)
	k.close()
	store, _ := k.openLoaded()
	k.change(2)
	if got, head := everything(t, store); len(got.Keys) != 3 || head != k.head {
		t.Errorf("after a change it loads %d keys as of %v, not 3 as of %v", len(got.Keys), head, k.head)
	}
}

func TestLoadedOfANewStore(t *testing.T) {
	k := &keeper{t: t, dir: t.TempDir() + "/data", keys: map[int]*model.Key{}}
	store, _ := k.openLoaded()
	t.Cleanup(func() { _ = k.kv.Close() })
	if got, _ := everything(t, store); len(got.Environments) != 2 {
		t.Errorf("a new store has %d environments", len(got.Environments))
	}
}

// TestLogExtentAfterReopening has what a new process finds of the change log be
// what the one before kept.
func TestLogExtentAfterReopening(t *testing.T) {
	for _, commits := range []int{0, 1, 3, 5, 40} {
		t.Run(fmt.Sprint(commits), func(t *testing.T) {
			k := newKeeper(t, Options{Log: LogSize{Commits: 4, Bytes: 1 << 20}})
			for n := range commits {
				k.change(n % 7)
			}
			k.close()
			oldest, bytes := k.kv.oldest, k.kv.logBytes
			k.open()
			if k.kv.oldest != oldest || k.kv.logBytes != bytes {
				t.Errorf("a new process finds the log from %d on with %d bytes; the one before had it from %d on with %d",
					k.kv.oldest, k.kv.logBytes, oldest, bytes)
			}
		})
	}
}
