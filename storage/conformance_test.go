package storage_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dev.keyward/keyward/storage"
)

// kvEngines are all engines; each must pass all of kvSuite.
var kvEngines = []struct {
	name string
	open func(*testing.T, storage.LogSize) storage.KV
}{
	{"memory", func(_ *testing.T, size storage.LogSize) storage.KV { return storage.NewMemory(size) }},
	{"badger", func(t *testing.T, size storage.LogSize) storage.KV {
		return openBadger(t, filepath.Join(t.TempDir(), "data"), size)
	}},
}

// kvSuite is what the comments in kv.go promise.
var kvSuite = []struct {
	name string
	log  storage.LogSize
	run  func(*testing.T, storage.KV)
}{
	{"basics", storage.LogSize{}, testBasics},
	{"several keys", storage.LogSize{}, testSeveralKeys},
	{"deletes", storage.LogSize{}, testDeletes},
	{"copies", storage.LogSize{}, testCopies},
	{"guards", storage.LogSize{}, testGuards},
	{"atomic", storage.LogSize{}, testAtomic},
	{"invalid", storage.LogSize{}, testInvalid},
	{"limits", storage.LogSize{}, testLimits},
	{"at the limits", storage.LogSize{}, testAtLimits},
	{"unique name race", storage.LogSize{}, testUniqueRace},
	{"no lost update", storage.LogSize{}, testNoLostUpdate},
	{"settle", storage.LogSize{}, testSettle},
	{"settle after cancel", storage.LogSize{}, testSettleCancelled},
	{"forget request ids", storage.LogSize{Commits: 3}, testForgetRequests},
	{"snapshot", storage.LogSize{}, testSnapshot},
	{"snapshot in pieces", storage.LogSize{}, testSnapshotPieces},
	{"snapshot while writing", storage.LogSize{}, testSnapshotWhileWriting},
	{"watch resumes", storage.LogSize{}, testWatchResumes},
	{"watch prefixes", storage.LogSize{}, testWatchPrefixes},
	{"snapshot then watch", storage.LogSize{}, testSnapshotThenWatch},
	{"compaction by count", storage.LogSize{Commits: 5}, testCompaction},
	{"compaction by bytes", storage.LogSize{Bytes: 5 * 10_000}, testCompaction},
	{"compaction while watching", storage.LogSize{Commits: 5}, testCompactionWhileWatching},
	{"callbacks", storage.LogSize{}, testCallbacks},
	{"cancellation", storage.LogSize{}, testCancellation},
	{"close", storage.LogSize{}, testClose},
}

// TestKV holds every engine to the contract of KV.
func TestKV(t *testing.T) {
	for _, engine := range kvEngines {
		t.Run(engine.name, func(t *testing.T) {
			for _, c := range kvSuite {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					kv := engine.open(t, c.log)
					t.Cleanup(func() {
						if err := kv.Close(); err != nil {
							t.Errorf("closing: %v", err)
						}
					})
					c.run(t, kv)
				})
			}
		})
	}
}

// openBadger opens dir and fails the test if that fails.
func openBadger(t testing.TB, dir string, size storage.LogSize) *storage.Badger {
	t.Helper()
	b, err := storage.Open(dir, storage.Options{Log: size})
	if err != nil {
		t.Fatalf("opening: %v", err)
	}
	return b
}

func kvPut(key, value string) storage.Write {
	return storage.Write{Key: key, Value: []byte(value)}
}

func kvDelete(key string) storage.Write { return storage.Write{Key: key, Delete: true} }

// kvCommit commits writes without id or guards.
func kvCommit(t testing.TB, kv storage.KV, writes ...storage.Write) storage.Rev {
	t.Helper()
	return kvCommitTx(t, kv, storage.Tx{Writes: writes})
}

func kvCommitTx(t testing.TB, kv storage.KV, tx storage.Tx) storage.Rev {
	t.Helper()
	rev, err := kv.Commit(t.Context(), tx)
	if err != nil {
		t.Fatalf("Commit: %v", err)
	}
	return rev
}

// kvGet reads keys; values come as strings so that nil and empty are one.
func kvGet(t testing.TB, kv storage.KV, keys ...string) []kvEntry {
	t.Helper()
	entries, _, err := kv.Get(t.Context(), keys...)
	if err != nil {
		t.Fatalf("Get: %v", err)
	}
	return kvEntries(entries)
}

// kvNewest is the newest commit.
func kvNewest(t testing.TB, kv storage.KV) storage.Rev {
	t.Helper()
	_, rev, err := kv.Get(t.Context())
	if err != nil {
		t.Fatalf("Get: %v", err)
	}
	return rev
}

// kvEntry is a storage.Entry that compares and prints well.
type kvEntry struct {
	Key, Value string
	Rev        storage.Rev
}

func kvEntries(entries []storage.Entry) []kvEntry {
	var found []kvEntry
	for _, e := range entries {
		found = append(found, kvEntry{e.Key, string(e.Value), e.Rev})
	}
	return found
}

// kvSnapshot takes a whole snapshot.
func kvSnapshot(t testing.TB, kv storage.KV, prefixes ...string) ([]kvEntry, storage.Rev) {
	t.Helper()
	var all []kvEntry
	rev, err := kv.Snapshot(t.Context(), prefixes, func(piece []storage.Entry) error {
		if len(piece) == 0 {
			t.Error("Snapshot gave an empty piece")
		}
		all = append(all, kvEntries(piece)...)
		return nil
	})
	if err != nil {
		t.Fatalf("Snapshot: %v", err)
	}
	return all, rev
}

// errEnough ends a Watch.
var errEnough = errors.New("enough")

// kvBatch is a storage.Batch that compares and prints well.
type kvBatch struct {
	Rev     storage.Rev
	Entries []kvEntry
	Deletes []string
}

func kvBatchOf(b storage.Batch) kvBatch {
	kb := kvBatch{Rev: b.Rev, Entries: kvEntries(b.Entries), Deletes: slices.Clone(b.Deletes)}
	slices.SortFunc(kb.Entries, func(a, b kvEntry) int { return strings.Compare(a.Key, b.Key) })
	slices.Sort(kb.Deletes)
	return kb
}

// kvWatch watches after rev until commit last was delivered.
func kvWatch(t testing.TB, kv storage.KV, after, last storage.Rev, prefixes ...string) []kvBatch {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var got []kvBatch
	err := kv.Watch(ctx, prefixes, after, func(b storage.Batch) error {
		got = append(got, kvBatchOf(b))
		if b.Rev >= last {
			return errEnough
		}
		return nil
	})
	if err != errEnough {
		t.Fatalf("Watch after %d: %v, having got %v", after, err, got)
	}
	return got
}

// wantErr checks that err is target.
func wantErr(t testing.TB, what string, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("%s: got error %v, want %v", what, err, target)
	}
}

// wantConflict checks that err names key as the guard that failed.
func wantConflict(t testing.TB, what string, err error, key string) {
	t.Helper()
	wantErr(t, what, err, storage.ErrConflict)
	var c *storage.ConflictError
	if !errors.As(err, &c) || c.Key != key {
		t.Errorf("%s: got error %v, want a conflict at %s", what, err, key)
	}
}

func wantSame(t testing.TB, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func testBasics(t *testing.T, kv storage.KV) {
	entries, first, err := kv.Get(t.Context(), "k/a")
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "absent", entries, []storage.Entry{{Key: "k/a"}})

	one := kvCommit(t, kv, kvPut("k/a", "1"))
	if one <= first {
		t.Errorf("got rev %d, want more than %d", one, first)
	}
	wantSame(t, "new", kvGet(t, kv, "k/a"), []kvEntry{{"k/a", "1", one}})

	two := kvCommit(t, kv, kvPut("k/b", "2"), kvPut("k/empty", ""))
	three := kvCommit(t, kv, kvPut("k/a", "changed"))
	if one >= two || two >= three {
		t.Errorf("revs do not grow: %d, %d, %d", one, two, three)
	}
	wantSame(t, "all", kvGet(t, kv, "k/a", "k/b", "k/empty"),
		[]kvEntry{{"k/a", "changed", three}, {"k/b", "2", two}, {"k/empty", "", two}})
	if got := kvNewest(t, kv); got != three {
		t.Errorf("newest: got %d, want %d", got, three)
	}
}

func testSeveralKeys(t *testing.T, kv storage.KV) {
	rev := kvCommit(t, kv, kvPut("a", "1"), kvPut("b\x00\xff", "2"), kvPut("ü", "3"))
	wantSame(t, "in the order asked for", kvGet(t, kv, "ü", "x", "a", "b\x00\xff", "a", "b"), []kvEntry{
		{"ü", "3", rev}, {"x", "", 0}, {"a", "1", rev}, {"b\x00\xff", "2", rev}, {"a", "1", rev}, {"b", "", 0},
	})
}

func testDeletes(t *testing.T, kv storage.KV) {
	kvCommit(t, kv, kvPut("a", "1"), kvPut("b", "2"))
	rev := kvCommit(t, kv, kvDelete("a"), kvDelete("never"), storage.Write{Key: "b", Value: []byte("x"), Delete: true})
	wantSame(t, "deleted", kvGet(t, kv, "a", "b"), []kvEntry{{"a", "", 0}, {"b", "", 0}})

	got, err := kv.Commit(t.Context(), storage.Tx{Writes: []storage.Write{kvDelete("a"), kvDelete("never")}})
	if err != nil || got != rev {
		t.Errorf("deleting nothing: got rev %d, error %v, want %d", got, err, rev)
	}
	_, err = kv.Commit(t.Context(), storage.Tx{
		Guards: []storage.Guard{{Key: "b", Rev: 1}},
		Writes: []storage.Write{kvDelete("a")},
	})
	wantConflict(t, "deleting nothing with a guard that fails", err, "b")
	withID := kvCommitTx(t, kv, storage.Tx{ID: "r", Writes: []storage.Write{kvDelete("a")}})
	if withID <= rev {
		t.Errorf("deleting nothing with an id: got rev %d, want more than %d", withID, rev)
	}
	again := kvCommit(t, kv, kvPut("a", "back"))
	wantSame(t, "written again", kvGet(t, kv, "a"), []kvEntry{{"a", "back", again}})
	last := kvCommit(t, kv, kvDelete("a"))
	wantSame(t, "watched", kvWatch(t, kv, rev-1, last, "a", "b", "n"), []kvBatch{
		{Rev: rev, Deletes: []string{"a", "b"}},
		{Rev: again, Entries: []kvEntry{{"a", "back", again}}},
		{Rev: last, Deletes: []string{"a"}},
	})
}

// testCopies changes all that goes in and comes out; the store must not notice.
func testCopies(t *testing.T, kv storage.KV) {
	spoil := func(b []byte) {
		for i := range b {
			b[i] = '!'
		}
		_ = append(b, "!!"...)
	}
	in := []byte("value a")
	tx := storage.Tx{Writes: []storage.Write{{Key: "a", Value: in}, kvPut("b", "value b"), kvPut("c", "value c")}}
	rev := kvCommitTx(t, kv, tx)
	spoil(in)
	tx.Writes[1] = kvPut("z", "z")
	want := []kvEntry{{"a", "value a", rev}, {"b", "value b", rev}, {"c", "value c", rev}}

	spoilAll := func(entries []storage.Entry) {
		wantSame(t, "handed out", kvEntries(entries), want)
		spoil(entries[0].Value)
		if got := string(entries[1].Value); got != "value b" {
			t.Errorf("appending to one value reached another: %q", got)
		}
		spoil(entries[1].Value)
		entries[2] = storage.Entry{}
	}
	for range 2 {
		entries, _, err := kv.Get(t.Context(), "a", "b", "c")
		if err != nil {
			t.Fatal(err)
		}
		spoilAll(entries)
		_, err = kv.Snapshot(t.Context(), nil, func(piece []storage.Entry) error { spoilAll(piece); return nil })
		if err != nil {
			t.Fatal(err)
		}
		err = kv.Watch(t.Context(), nil, rev-1, func(b storage.Batch) error {
			slices.SortFunc(b.Entries, func(a, b storage.Entry) int { return strings.Compare(a.Key, b.Key) })
			spoilAll(b.Entries)
			return errEnough
		})
		if err != errEnough {
			t.Fatal(err)
		}
	}
	wantSame(t, "in the end", kvGet(t, kv, "a", "b", "c", "z"), append(want, kvEntry{"z", "", 0}))
}
