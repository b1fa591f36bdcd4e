package storage_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dev.keyward/keyward/storage"
)

func testSnapshot(t *testing.T, kv storage.KV) {
	if all, rev := kvSnapshot(t, kv); len(all) != 0 || rev != kvNewest(t, kv) {
		t.Errorf("an empty store gave %v at %d", all, rev)
	}
	one := kvCommit(t, kv, kvPut("k/b", "1"), kvPut("k/a", "2"), kvPut("k", "3"), kvPut("k0", "4"), kvPut("gone", "5"))
	two := kvCommitTx(t, kv, storage.Tx{ID: "r", Writes: []storage.Write{
		kvPut("k/b", "new"), kvPut("w/\xff", "6"), kvPut("w", ""), kvDelete("gone"),
	}})
	all := []kvEntry{
		{"k", "3", one}, {"k/a", "2", one}, {"k/b", "new", two}, {"k0", "4", one},
		{storage.RequestKey("r"), "", two}, {"w", "", two}, {"w/\xff", "6", two},
	}
	for _, c := range []struct {
		prefixes []string
		want     []kvEntry
	}{
		{nil, all},
		{[]string{""}, all},
		{[]string{"w", "", "k/"}, all},
		{[]string{"k/"}, all[1:3]},
		{[]string{"k"}, all[0:4]},
		{[]string{"w/", "k/b", "k/", "k/"}, []kvEntry{all[1], all[2], all[6]}},
		{[]string{"w/\xff"}, all[6:]},
		{[]string{"gone", "k/c", "z"}, nil},
		{[]string{storage.RequestPrefix}, all[4:5]},
	} {
		got, rev := kvSnapshot(t, kv, c.prefixes...)
		wantSame(t, fmt.Sprintf("%q", c.prefixes), got, c.want)
		if rev != two {
			t.Errorf("%q: rev %d, want %d", c.prefixes, rev, two)
		}
	}
	_, err := kv.Snapshot(t.Context(), nil, func([]storage.Entry) error { return errEnough })
	if err != errEnough {
		t.Errorf("got error %v, want that of fn", err)
	}
}

func testSnapshotPieces(t *testing.T, kv storage.KV) {
	var want []kvEntry
	for batch := range 3 {
		var writes []storage.Write
		for i := range 700 {
			writes = append(writes, kvPut(fmt.Sprintf("k/%04d", i*3+batch), fmt.Sprintf("value %d %d", batch, i)))
		}
		rev := kvCommit(t, kv, writes...)
		for _, w := range writes {
			want = append(want, kvEntry{w.Key, string(w.Value), rev})
		}
	}
	slices.SortFunc(want, func(a, b kvEntry) int { return strings.Compare(a.Key, b.Key) })
	got, _ := kvSnapshot(t, kv, "k/")
	wantSame(t, "2100 entries", got, want)
}

// testSnapshotWhileWriting moves an amount between accounts; each snapshot must
// see the same sum, at a revision that explains each account.
func testSnapshotWhileWriting(t *testing.T, kv storage.KV) {
	const accounts, sum = 700, 700 * 100
	kvCommit(t, kv, manyWrites(accounts, "100")...)
	var done atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 0; !done.Load(); i++ {
			from, to := fmt.Sprintf("w/%06d", i%accounts), fmt.Sprintf("w/%06d", (i*7+1)%accounts)
			if from == to {
				continue
			}
			now := kvGet(t, kv, from, to)
			a, _ := strconv.Atoi(now[0].Value)
			b, _ := strconv.Atoi(now[1].Value)
			kvCommit(t, kv, kvPut(from, strconv.Itoa(a-1)), kvPut(to, strconv.Itoa(b+1)))
		}
	})
	for range 20 {
		all, rev := kvSnapshot(t, kv, "w/")
		got, newest := 0, storage.Rev(0)
		for _, e := range all {
			n, _ := strconv.Atoi(e.Value)
			got += n
			newest = max(newest, e.Rev)
		}
		if len(all) != accounts || got != sum || newest != rev {
			t.Errorf("%d accounts with %d, the newest of %d, at %d; want %d with %d", len(all), got, newest, rev, accounts, sum)
		}
	}
	done.Store(true)
	wg.Wait()
}

func testWatchResumes(t *testing.T, kv storage.KV) {
	start := kvNewest(t, kv)
	var want []kvBatch
	for i := range 12 {
		writes := []storage.Write{kvPut("a", strconv.Itoa(i)), kvPut(fmt.Sprintf("b/%d", i), "")}
		if i > 0 {
			writes = append(writes, kvDelete(fmt.Sprintf("b/%d", i-1)))
		}
		rev := kvCommit(t, kv, writes...)
		b := kvBatch{Rev: rev, Entries: []kvEntry{{"a", strconv.Itoa(i), rev}, {fmt.Sprintf("b/%d", i), "", rev}}}
		if i > 0 {
			b.Deletes = []string{fmt.Sprintf("b/%d", i-1)}
		}
		want = append(want, b)
	}
	last := want[len(want)-1].Rev
	wantSame(t, "from the start", kvWatch(t, kv, start, last), want)
	for i, b := range want[:len(want)-1] {
		wantSame(t, fmt.Sprintf("after %d", b.Rev), kvWatch(t, kv, b.Rev, last), want[i+1:])
	}

	live := make(chan []kvBatch)
	go func() { live <- kvWatch(t, kv, last, last+2) }()
	time.Sleep(5 * time.Millisecond)
	kvCommit(t, kv, kvPut("a", "live"))
	kvCommit(t, kv, kvDelete("a"))
	wantSame(t, "live", <-live, []kvBatch{
		{Rev: last + 1, Entries: []kvEntry{{"a", "live", last + 1}}},
		{Rev: last + 2, Deletes: []string{"a"}},
	})
	err := kv.Watch(t.Context(), nil, last+1000, func(storage.Batch) error { return errEnough })
	wantErr(t, "after a commit yet to come", err, storage.ErrCompacted)
}

func testWatchPrefixes(t *testing.T, kv storage.KV) {
	start := kvNewest(t, kv)
	one := kvCommitTx(t, kv, storage.Tx{ID: "r", Writes: []storage.Write{kvPut("k/1", "x"), kvPut("w/1", "y"), kvPut("k", "z")}})
	kvCommit(t, kv, kvPut("u/1", "not watched"))
	kvCommit(t, kv, kvDelete("u/1"))
	two := kvCommit(t, kv, kvDelete("w/1"), kvPut("u/2", "not watched"))
	end := kvCommit(t, kv, kvPut("end", ""))
	wantSame(t, "k/ and w/", kvWatch(t, kv, start, end, "k/", "w/", "w/1", "end"), []kvBatch{
		{Rev: one, Entries: []kvEntry{{"k/1", "x", one}, {"w/1", "y", one}}},
		{Rev: two, Deletes: []string{"w/1"}},
		{Rev: end, Entries: []kvEntry{{"end", "", end}}},
	})
	wantSame(t, "request ids", kvWatch(t, kv, start, one, storage.RequestPrefix), []kvBatch{
		{Rev: one, Entries: []kvEntry{{storage.RequestKey("r"), "", one}}},
	})
}

// testSnapshotThenWatch keeps replicas by snapshot and watch under writers, and
// compares them with the store in the end.
func testSnapshotThenWatch(t *testing.T, kv storage.KV) {
	const writers, each, replicas = 3, 60, 3
	kvCommit(t, kv, manyWrites(300, "start")...)
	var writing, reading sync.WaitGroup
	var finished atomic.Uint64
	end := make(chan struct{})
	for w := range writers {
		writing.Go(func() {
			for i := range each {
				k := (w*31 + i*17) % 300
				kvCommit(t, kv, kvPut(fmt.Sprintf("w/%06d", k), fmt.Sprintf("%d.%d", w, i)),
					kvDelete(fmt.Sprintf("w/%06d", (k+7)%300)), kvPut("head", "x"))
			}
		})
	}
	for r := range replicas {
		reading.Go(func() {
			time.Sleep(time.Duration(r) * 3 * time.Millisecond)
			if got, want := replicate(t, kv, end, &finished), kvAll(t, kv); !maps.Equal(got, want) {
				t.Errorf("replica %d differs: %d entries, want %d", r, len(got), len(want))
			}
		})
	}
	writing.Wait()
	finished.Store(uint64(kvNewest(t, kv)))
	close(end)
	reading.Wait()
}

func kvAll(t testing.TB, kv storage.KV) map[string]kvEntry {
	all := map[string]kvEntry{}
	entries, _ := kvSnapshot(t, kv)
	for _, e := range entries {
		all[e.Key] = e
	}
	return all
}

// replicate builds the store again from a snapshot and what comes after it,
// until the commit that finished holds once end is closed.
func replicate(t *testing.T, kv storage.KV, end chan struct{}, finished *atomic.Uint64) map[string]kvEntry {
	all := map[string]kvEntry{}
	entries, rev := kvSnapshot(t, kv)
	for _, e := range entries {
		if e.Rev > rev {
			t.Errorf("the snapshot at %d has an entry of %d", rev, e.Rev)
		}
		all[e.Key] = e
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var at atomic.Uint64 // rev, for the goroutine below
	at.Store(uint64(rev))
	caughtUp := func() bool {
		select {
		case <-end:
			return uint64(rev) >= finished.Load()
		default:
			return false
		}
	}
	if caughtUp() {
		return all
	}
	go func() { // wakes a Watch that saw the last commit before it was known to be the last
		<-end
		for at.Load() < finished.Load() && ctx.Err() == nil {
			time.Sleep(5 * time.Millisecond)
		}
		cancel()
	}()
	err := kv.Watch(ctx, nil, rev, func(b storage.Batch) error {
		if b.Rev != rev+1 { // both engines number without gaps, and all is watched
			t.Errorf("commit %d came after %d", b.Rev, rev)
		}
		rev = b.Rev
		for _, e := range kvEntries(b.Entries) {
			all[e.Key] = e
		}
		for _, k := range b.Deletes {
			if _, there := all[k]; !there {
				t.Errorf("commit %d deleted %s, which was not there", b.Rev, k)
			}
			delete(all, k)
		}
		at.Store(uint64(rev))
		if caughtUp() {
			return errEnough
		}
		return nil
	})
	if err != errEnough && !errors.Is(err, context.Canceled) {
		t.Errorf("Watch: %v", err)
	}
	return all
}

// testCompaction fills a log that holds five commits.
func testCompaction(t *testing.T, kv storage.KV) {
	start := kvNewest(t, kv)
	value := strings.Repeat("v", 9_900)
	var last storage.Rev
	for i := range 20 {
		last = kvCommit(t, kv, kvPut("a", strconv.Itoa(i)+value))
	}
	fail := func(storage.Batch) error { return errors.New("fn was called") }
	for _, after := range []storage.Rev{start, last - 10, last - 6} {
		wantErr(t, fmt.Sprintf("after %d of %d", after, last), kv.Watch(t.Context(), nil, after, fail), storage.ErrCompacted)
	}
	for kept := storage.Rev(1); kept <= 5; kept++ {
		if got := kvWatch(t, kv, last-kept, last); len(got) != int(kept) {
			t.Errorf("after %d of %d: got %d commits", last-kept, last, len(got))
		}
	}
	entries, rev := kvSnapshot(t, kv)
	if len(entries) != 1 || rev != last {
		t.Errorf("the snapshot has %d entries at %d, want 1 at %d", len(entries), rev, last)
	}
}

func testCompactionWhileWatching(t *testing.T, kv storage.KV) {
	start := kvCommit(t, kv, kvPut("a", "0"))
	var seen []storage.Rev
	err := kv.Watch(t.Context(), nil, start-1, func(b storage.Batch) error {
		seen = append(seen, b.Rev)
		for range 20 {
			kvCommit(t, kv, kvPut("a", "x"))
		}
		return nil
	})
	wantErr(t, "a slow watcher", err, storage.ErrCompacted)
	if !slices.Equal(seen, []storage.Rev{start}) {
		t.Errorf("it saw %v, want %d only", seen, start)
	}
}

func testCallbacks(t *testing.T, kv storage.KV) {
	rev := kvCommit(t, kv, kvPut("a", "1"))
	at, err := kv.Snapshot(t.Context(), nil, func(piece []storage.Entry) error {
		newer := kvCommit(t, kv, kvPut("a", "2"), kvPut("b", "2"))
		wantSame(t, "Get in a Snapshot", kvGet(t, kv, "a"), []kvEntry{{"a", "2", newer}})
		inner, _ := kvSnapshot(t, kv)
		wantSame(t, "Snapshot in a Snapshot", len(inner), 2)
		wantSame(t, "the piece", kvEntries(piece), []kvEntry{{"a", "1", rev}})
		return nil
	})
	if err != nil || at != rev {
		t.Errorf("Snapshot: got %d, %v, want %d", at, err, rev)
	}
	n := 0
	err = kv.Watch(t.Context(), nil, rev, func(b storage.Batch) error {
		if n++; n == 3 {
			return errEnough
		}
		kvCommit(t, kv, kvPut("a", strconv.Itoa(n)))
		return nil
	})
	if err != errEnough {
		t.Errorf("Watch: got error %v, want that of fn", err)
	}
}
