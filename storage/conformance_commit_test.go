package storage_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dev.keyward/keyward/storage"
)

func testGuards(t *testing.T, kv storage.KV) {
	a := kvCommit(t, kv, kvPut("a", "1"))
	b := kvCommitTx(t, kv, storage.Tx{
		ID:     "first",
		Guards: []storage.Guard{{Key: "b", Rev: 0}, {Key: "a", Rev: a}, {Key: "a", Rev: a}},
		Writes: []storage.Write{kvPut("b", "1")},
	})
	for _, c := range []struct {
		name   string
		id     string
		guards []storage.Guard
		key    string // the conflict
	}{
		{"must be absent", "", []storage.Guard{{Key: "a"}}, "a"},
		{"must be there", "", []storage.Guard{{Key: "none", Rev: a}}, "none"},
		{"older", "", []storage.Guard{{Key: "b", Rev: a}}, "b"},
		{"newer", "", []storage.Guard{{Key: "a", Rev: b}}, "a"},
		{"first of two", "", []storage.Guard{{Key: "a", Rev: a}, {Key: "b", Rev: a}, {Key: "a"}}, "b"},
		{"contradiction", "", []storage.Guard{{Key: "a", Rev: a}, {Key: "a"}}, "a"},
		{"id before all", "first", []storage.Guard{{Key: "a"}}, storage.RequestKey("first")},
		{"none fails", "", []storage.Guard{{Key: "a", Rev: a}, {Key: "b", Rev: b}, {Key: "bb"}}, ""},
	} {
		_, err := kv.Commit(t.Context(), storage.Tx{ID: c.id, Guards: c.guards, Writes: []storage.Write{kvPut("c", "1")}})
		if c.key == "" {
			if err != nil {
				t.Errorf("%s: got error %v", c.name, err)
			}
			continue
		}
		wantConflict(t, c.name, err, c.key)
	}
	if got := kvGet(t, kv, "b"); got[0].Rev != b {
		t.Errorf("b was written by %d, want %d", got[0].Rev, b)
	}
}

// testAtomic looks for halves of commits that always write two keys alike.
func testAtomic(t *testing.T, kv storage.KV) {
	first := kvCommit(t, kv, kvPut("x/a", "0"), kvPut("y/b", "0"))
	_, err := kv.Commit(t.Context(), storage.Tx{
		ID:     "refused",
		Guards: []storage.Guard{{Key: "x/a", Rev: first}, {Key: "y/b", Rev: 0}},
		Writes: []storage.Write{kvPut("x/a", "bad"), kvPut("z", "bad"), kvDelete("y/b")},
	})
	wantConflict(t, "one guard of two", err, "y/b")
	wantSame(t, "after a conflict", kvGet(t, kv, "x/a", "y/b", "z", storage.RequestKey("refused")), []kvEntry{
		{"x/a", "0", first}, {"y/b", "0", first}, {"z", "", 0}, {storage.RequestKey("refused"), "", 0},
	})

	const commits = 200
	var done atomic.Bool
	var wg sync.WaitGroup
	check := func(how string, got []kvEntry) {
		if len(got) != 2 || got[0].Value != got[1].Value || got[0].Rev != got[1].Rev {
			t.Errorf("%s saw half a commit: %v", how, got)
			done.Store(true)
		}
	}
	wg.Go(func() {
		for !done.Load() {
			check("Get", kvGet(t, kv, "x/a", "y/b"))
			all, _ := kvSnapshot(t, kv, "x/", "y/")
			check("Snapshot", all)
		}
	})
	wg.Go(func() {
		for _, b := range kvWatch(t, kv, first, first+commits) {
			check("Watch", b.Entries)
		}
	})
	for i := range commits {
		v := strconv.Itoa(i)
		kvCommit(t, kv, kvPut("x/a", v), kvPut("y/b", v))
	}
	done.Store(true)
	wg.Wait()
}

// testUniqueRace lets many create the same name; one must win, round after
// round.
func testUniqueRace(t *testing.T, kv storage.KV) {
	const rounds, racers = 10, 16
	for round := range rounds {
		name := fmt.Sprintf("n/%d", round)
		var wins, losses atomic.Int32
		var wg sync.WaitGroup
		for racer := range racers {
			wg.Go(func() {
				_, err := kv.Commit(t.Context(), storage.Tx{
					ID:     fmt.Sprintf("%d-%d", round, racer),
					Guards: []storage.Guard{{Key: name}},
					Writes: []storage.Write{kvPut(name, strconv.Itoa(racer)), kvPut(fmt.Sprintf("k/%d/%d", round, racer), "")},
				})
				if err == nil {
					wins.Add(1)
					return
				}
				wantConflict(t, "losing", err, name)
				losses.Add(1)
			})
		}
		wg.Wait()
		if wins.Load() != 1 || losses.Load() != racers-1 {
			t.Errorf("%d won and %d lost, want 1 and %d", wins.Load(), losses.Load(), racers-1)
		}
		if all, _ := kvSnapshot(t, kv, fmt.Sprintf("k/%d/", round)); len(all) != 1 {
			t.Errorf("%d records stand, want that of the winner: %v", len(all), all)
		}
	}
}

// testNoLostUpdate has many add to one counter by read, guard, commit, retry.
func testNoLostUpdate(t *testing.T, kv storage.KV) {
	const adders, each = 6, 20
	var wg sync.WaitGroup
	for range adders {
		wg.Go(func() {
			for range each {
				addOne(t, kv)
			}
		})
	}
	wg.Wait()
	if got := kvGet(t, kv, "counter")[0].Value; got != strconv.Itoa(adders*each) {
		t.Errorf("the counter is at %s, want %d", got, adders*each)
	}
}

func addOne(t *testing.T, kv storage.KV) {
	for {
		now := kvGet(t, kv, "counter")[0]
		n, _ := strconv.Atoi(now.Value)
		_, err := kv.Commit(t.Context(), storage.Tx{
			Guards: []storage.Guard{{Key: "counter", Rev: now.Rev}},
			Writes: []storage.Write{kvPut("counter", strconv.Itoa(n+1))},
		})
		if err == nil {
			return
		}
		if !errors.Is(err, storage.ErrConflict) {
			t.Errorf("adding: %v", err)
			return
		}
	}
}

func testSettle(t *testing.T, kv storage.KV) {
	tx := storage.Tx{ID: "one", Writes: []storage.Write{kvPut("a", "1")}}
	key := storage.RequestKey("one")
	wantSame(t, "before", kvGet(t, kv, key), []kvEntry{{key, "", 0}})
	rev := kvCommitTx(t, kv, tx)
	wantSame(t, "after", kvGet(t, kv, key, "a"), []kvEntry{{key, "", rev}, {"a", "1", rev}})

	newer := kvCommit(t, kv, kvPut("a", "2"))
	_, err := kv.Commit(t.Context(), tx)
	wantConflict(t, "the same again", err, key)
	wantSame(t, "in the end", kvGet(t, kv, key, "a"), []kvEntry{{key, "", rev}, {"a", "2", newer}})

	only := kvCommitTx(t, kv, storage.Tx{ID: "two"})
	if only <= newer {
		t.Errorf("a commit of an id only: got rev %d, want more than %d", only, newer)
	}
	_, err = kv.Commit(t.Context(), storage.Tx{ID: "two", Writes: []storage.Write{kvPut("a", "3")}})
	wantConflict(t, "a Tx that was given up", err, storage.RequestKey("two"))
}

// testSettleCancelled cancels commits at random moments. Whatever came out, the
// request id must tell what happened.
func testSettleCancelled(t *testing.T, kv storage.KV) {
	for i := range 100 {
		ctx, cancel := context.WithCancel(t.Context())
		stop := time.AfterFunc(time.Duration(rand.IntN(400))*time.Microsecond, cancel)
		id := strconv.Itoa(i)
		rev, err := kv.Commit(ctx, storage.Tx{ID: id, Writes: []storage.Write{kvPut("k/"+id, "x")}})
		got := kvGet(t, kv, storage.RequestKey(id), "k/"+id)
		if got[0].Rev != got[1].Rev {
			t.Errorf("the request id does not tell: %v", got)
		}
		switch {
		case err == nil && got[0].Rev != rev:
			t.Errorf("confirmed at %d, but found %v", rev, got)
		case err != nil && !errors.Is(err, context.Canceled):
			t.Errorf("got error %v, want %v", err, context.Canceled)
		case err != nil && !errors.Is(err, storage.ErrUnknown) && got[0].Rev != 0:
			t.Errorf("error %v, but it was written: %v", err, got)
		}
		stop.Stop()
		cancel()
	}
}

// testForgetRequests: an id lives as long as its commit is in the log.
func testForgetRequests(t *testing.T, kv storage.KV) {
	rev := kvCommitTx(t, kv, storage.Tx{ID: "old"})
	key := storage.RequestKey("old")
	for range 2 {
		kvCommit(t, kv, kvPut("a", "x"))
	}
	wantSame(t, "in the log", kvGet(t, kv, key), []kvEntry{{key, "", rev}})
	last := kvCommit(t, kv, kvPut("a", "y"))
	wantSame(t, "gone from the log", kvGet(t, kv, key), []kvEntry{{key, "", 0}})
	if got := kvNewest(t, kv); got != last {
		t.Errorf("forgetting made a commit: newest is %d, want %d", got, last)
	}
	wantSame(t, "watched", kvWatch(t, kv, last-1, last), []kvBatch{
		{Rev: last, Entries: []kvEntry{{"a", "y", last}}},
	})
}

func testCancellation(t *testing.T, kv storage.KV) {
	rev := kvCommit(t, kv, kvPut("a", "1"))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := kv.Get(ended, "a")
	wantErr(t, "Get", err, context.Canceled)
	_, err = kv.Commit(ended, storage.Tx{Writes: []storage.Write{kvPut("a", "2")}})
	wantErr(t, "Commit", err, context.Canceled)
	_, err = kv.Snapshot(ended, nil, func([]storage.Entry) error { return errors.New("fn was called") })
	wantErr(t, "Snapshot", err, context.Canceled)
	err = kv.Watch(ended, nil, 0, func(storage.Batch) error { return errors.New("fn was called") })
	wantErr(t, "Watch", err, context.Canceled)
	wantSame(t, "unchanged", kvGet(t, kv, "a"), []kvEntry{{"a", "1", rev}})

	kvCommit(t, kv, manyWrites(600, "x")...)
	during, cancel := context.WithCancel(t.Context())
	_, err = kv.Snapshot(during, nil, func([]storage.Entry) error { cancel(); return nil })
	wantErr(t, "during Snapshot", err, context.Canceled)

	late, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	err = kv.Watch(late, nil, kvNewest(t, kv), func(storage.Batch) error { return nil })
	wantErr(t, "during Watch", err, context.DeadlineExceeded)
}

func testClose(t *testing.T, kv storage.KV) {
	rev := kvCommit(t, kv, manyWrites(600, "x")...)
	var wg sync.WaitGroup
	watching, scanning := make(chan bool), make(chan bool)
	wg.Go(func() {
		err := kv.Watch(t.Context(), []string{"w/"}, rev-1, func(storage.Batch) error { close(watching); return nil })
		wantErr(t, "a Watch that waits", err, storage.ErrClosed)
	})
	wg.Go(func() {
		pieces := 0
		_, err := kv.Snapshot(t.Context(), nil, func([]storage.Entry) error {
			if pieces++; pieces == 1 {
				close(scanning)
				time.Sleep(20 * time.Millisecond)
			}
			return nil
		})
		wantErr(t, "a Snapshot under way", err, storage.ErrClosed)
	})
	for range 2 {
		wg.Go(func() {
			for {
				if _, err := kv.Commit(t.Context(), storage.Tx{Writes: []storage.Write{kvPut("a", "x")}}); err != nil {
					wantErr(t, "a Commit under way", err, storage.ErrClosed)
					return
				}
				time.Sleep(100 * time.Microsecond) // leaves the watcher its log
			}
		})
	}
	<-watching
	<-scanning
	for range 2 {
		if err := kv.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	wg.Wait()

	_, _, err := kv.Get(t.Context(), "a")
	wantErr(t, "Get", err, storage.ErrClosed)
	_, err = kv.Commit(t.Context(), storage.Tx{ID: "a"})
	wantErr(t, "Commit", err, storage.ErrClosed)
	_, err = kv.Snapshot(t.Context(), nil, func([]storage.Entry) error { return nil })
	wantErr(t, "Snapshot", err, storage.ErrClosed)
	err = kv.Watch(t.Context(), nil, 0, func(storage.Batch) error { return nil })
	wantErr(t, "Watch", err, storage.ErrClosed)
	if kv.Limits() == (storage.Limits{}) {
		t.Error("Limits are gone")
	}
}
