package storage

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"

	"dev.keyward/keyward/internal/race"
	"dev.keyward/keyward/model"
)

// TestCrashSteps takes what a crash would leave at each step of commits and of
// rewriting the journal, opens it, and goes on.
func TestCrashSteps(t *testing.T) {
	t.Parallel()
	var k *keeper
	taken := map[step]int{}
	var dirs []string
	var least []uint64 // confirmed changes by then
	root := t.TempDir()
	var confirmed atomic.Uint64
	k = newKeeper(t, Options{smallJournal: 2 << 10, step: func(s step) {
		if s == stepBegun {
			return // it is of another goroutine than the commits
		}
		if taken[s]++; taken[s] > 5 || k == nil || k.kv == nil {
			return
		}
		dir := filepath.Join(root, strconv.Itoa(len(dirs)))
		least = append(least, confirmed.Load())
		copyDir(t, k.dir, dir)
		dirs = append(dirs, dir)
	}})
	confirmed.Store(k.head.Seq)
	for i := range 30 {
		k.change(i % 3)
		confirmed.Store(k.head.Seq)
	}
	k.close()
	if taken[stepStored] < 5 || taken[stepJournaled] < 5 || taken[stepSettled] == 0 || taken[stepRenamed] == 0 {
		t.Fatalf("steps: %v", taken)
	}
	for i, dir := range dirs {
		got, err := imageOf(t, dir)
		if err != nil {
			t.Errorf("%d: %v", i, err)
			continue
		}
		if got.Head.Seq < least[i] || got.Head.Seq > least[i]+1 {
			t.Errorf("%d: it is at %d, confirmed were %d", i, got.Head.Seq, least[i])
		}
		journal, err := openJournalImage(t, dir)
		if err != nil {
			t.Errorf("%d: %v", i, err)
			continue
		}
		wantImage(t, "the journal", journal, got)
		if _, err := os.Stat(filepath.Join(dir, journalNewName)); err == nil {
			t.Errorf("%d: %s is still there", i, journalNewName)
		}
		again := &keeper{t: t, dir: dir, keys: k.keys}
		again.open()
		again.change(100, 101)
		again.close()
	}
}

// TestUnconfirmedIsNotRead: what is not in the journal yet is not handed out,
// and what is handed out can be watched from.
func TestUnconfirmedIsNotRead(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, Options{})
	k.change(1)
	stored, goOn := make(chan struct{}), make(chan struct{})
	k.kv.step = func(s step) {
		if s == stepStored {
			close(stored)
			<-goOn
		}
	}
	done := make(chan error)
	go func() { done <- k.try(1) }()
	<-stored
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, _, err := k.kv.Get(ctx, headRecordKey); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Get: got error %v", err)
	}
	type read struct {
		rev Rev
		err error
	}
	reads := make(chan read)
	go func() {
		_, rev, err := k.kv.Get(t.Context(), headRecordKey)
		reads <- read{rev, err}
	}()
	go func() {
		rev, err := k.kv.Snapshot(t.Context(), nil, func([]Entry) error { return nil })
		reads <- read{rev, err}
	}()
	close(goOn)
	for range 2 {
		if r := <-reads; r.err != nil || r.rev != 3 {
			t.Errorf("read at %d, %v", r.rev, r.err)
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestJournalFarBehind: the store may be ahead of its journal by as many changes
// as the trail links, whether the change log still has them or not.
func TestJournalFarBehind(t *testing.T) {
	t.Parallel()
	for _, size := range []LogSize{{}, {Commits: 2}} {
		k := newKeeper(t, Options{Log: size})
		k.change(1)
		old := readFile(t, k.dir, journalName)
		k.change(1, 2, 3, 2)
		k.usage()
		want := k.image()
		k.close()
		replaceFile(t, filepath.Join(k.dir, journalName), old)
		got, err := imageOf(t, k.dir)
		if err != nil {
			t.Fatal(err)
		}
		wantImage(t, "the store", got, want)
		journal, err := openJournalImage(t, k.dir)
		if err != nil {
			t.Fatal(err)
		}
		wantImage(t, "the journal", journal, want)
	}
}

func readFile(t testing.TB, parts ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// wantRefused checks that the store in dir is refused with a sentence that has
// want, how many changes it says are missing, and that nothing is changed.
func wantRefused(t *testing.T, dir, want string, missing uint64) {
	t.Helper()
	before := contents(t, dir)
	_, err := Open(dir, Options{})
	var damage *DamageError
	if !errors.As(err, &damage) || damage.Missing != missing || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want %d missing and %q", err, missing, want)
	}
	wantSameContents(t, contents(t, dir), before)
}

// TestRollback puts old versions of a store in the place of newer ones.
func TestRollback(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, Options{})
	k.change(1, 2)
	k.close()
	old := filepath.Join(t.TempDir(), "old")
	copyDir(t, k.dir, old)
	k.open()
	k.change(1, 2, 3)
	want := k.image()
	k.close()
	store := filepath.Join(k.dir, storeName)
	newer := filepath.Join(t.TempDir(), "newer")
	if err := os.Rename(store, newer); err != nil {
		t.Fatal(err)
	}
	copyDir(t, filepath.Join(old, storeName), store)
	wantRefused(t, k.dir, ": 3 confirmed changes are missing", 3)
	journal, err := openJournalImage(t, k.dir)
	if err != nil {
		t.Fatal(err)
	}
	wantImage(t, "the journal", journal, want)

	// The old store goes on by itself, past the newer one.
	other := &keeper{t: t, dir: old, keys: map[int]*model.Key{}}
	other.open()
	other.change(11, 12, 13, 14, 15)
	other.close()
	if err := os.RemoveAll(store); err != nil {
		t.Fatal(err)
	}
	copyDir(t, filepath.Join(old, storeName), store)
	wantRefused(t, k.dir, "the audit trail does not go on at entry 6 from where the journal ends", 0)

	if err := os.RemoveAll(store); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, k.dir, "MANIFEST: it is missing): 6 confirmed changes are missing", 6)
	if err := os.Mkdir(store, 0o700); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, k.dir, "MANIFEST: it is missing", 6)
	copyDir(t, newer, store)
	got, err := imageOf(t, k.dir)
	if err != nil {
		t.Fatal(err)
	}
	wantImage(t, "put back", got, want)

	if err := os.Remove(filepath.Join(k.dir, journalName)); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, k.dir, "(journal: it is missing), so nothing", 0)
}

// TestSilentChange: a record that was changed or lost behind the engine's back.
func TestSilentChange(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*keeper){
		"changed": func(k *keeper) {
			rewrite(t, k.kv, dataPrefix+keyKey(2), append(make([]byte, revBytes), "another"...))
		},
		"lost":        func(k *keeper) { rewrite(t, k.kv, dataPrefix+keyKey(2), nil) },
		"head":        func(k *keeper) { rewrite(t, k.kv, dataPrefix+headRecordKey, nil) },
		"short":       func(k *keeper) { rewrite(t, k.kv, dataPrefix+keyKey(2), []byte("x")) },
		"state":       func(k *keeper) { rewrite(t, k.kv, stateKey, nil) },
		"odd state":   func(k *keeper) { rewrite(t, k.kv, stateKey, []byte("x")) },
		"put in":      func(k *keeper) { rewrite(t, k.kv, dataPrefix+keyKey(99), append(make([]byte, revBytes), "x"...)) },
		"other state": func(k *keeper) { s := k.kv.journal.state; s.Seq++; rewrite(t, k.kv, stateKey, k.kv.codec.encode(s)) },
	} {
		k := newKeeper(t, Options{})
		k.change(1, 2)
		spoil(k)
		k.close()
		before := contents(t, k.dir)
		if _, err := imageOf(t, k.dir); !isDamage(err) {
			t.Errorf("%s: got error %v", name, err)
		}
		wantSameContents(t, contents(t, k.dir), before)
	}
}

// TestManifestCutShort: a MANIFEST that is cut anywhere leaves the store whole
// or refused. Badger would delete the tables that it no longer names.
func TestManifestCutShort(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, Options{})
	for i := range 3 {
		k.change(i)
		k.close()
		k.open()
	}
	want := k.image()
	k.close()
	whole := readFile(t, k.dir, storeName, manifestName)
	refused, tried := 0, 0
	for end := 0; end < len(whole); end += race.Sample(1, 7) {
		tried++
		dir := filepath.Join(t.TempDir(), "data")
		copyDir(t, k.dir, dir)
		replaceFile(t, filepath.Join(dir, storeName, manifestName), whole[:end])
		before := contents(t, dir)
		got, err := imageOf(t, dir)
		if err == nil {
			wantImage(t, fmt.Sprint("cut to ", end), got, want)
			continue
		}
		refused++
		if !isDamage(err) {
			t.Errorf("cut to %d: %v", end, err)
		}
		wantSameContents(t, contents(t, dir), before)
	}
	if refused < tried*2/3 {
		t.Errorf("%d of %d were refused", refused, tried)
	}
}

// TestLostLog: a log that is gone, or that ends early while another follows it.
func TestLostLog(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, Options{})
	k.change(1, 2, 3)
	dir := filepath.Join(t.TempDir(), "data")
	copyDir(t, k.dir, dir) // as if killed
	k.close()
	logs, err := filepath.Glob(filepath.Join(dir, storeName, "*.mem"))
	if err != nil || len(logs) != 1 {
		t.Fatalf("logs: %v, %v", logs, err)
	}
	whole := readFile(t, logs[0])
	next := strings.Replace(logs[0], "00001", "00002", 1)
	cut := append([]byte(nil), whole...)
	cut[len(cut)/2] = 1 // behind all entries
	first := logEnds(t, whole)[1]
	replaceFile(t, next, append(append([]byte(nil), whole[:logHeadBytes]...), whole[first:]...))
	replaceFile(t, logs[0], whole[:first-1])
	wantRefused(t, dir, "00002.mem: changes before those in it are missing", 0)
	replaceFile(t, next, nil)
	wantRefused(t, dir, "4 confirmed changes are missing", 4)
	replaceFile(t, logs[0], nil)
	wantRefused(t, dir, "4 confirmed changes are missing", 4)
	replaceFile(t, logs[0], []byte("short"))
	wantRefused(t, dir, "00001.mem: it is cut short", 0)
	replaceFile(t, logs[0], cut)
	if _, err := imageOf(t, dir); err != nil {
		t.Error(err)
	}
}

// logEnds is where the transactions of a log end.
func logEnds(t *testing.T, data []byte) (ends []int) {
	t.Helper()
	for at := logHeadBytes; ; {
		e, size, err := cutLogEntry(data[at:])
		if err != nil || size == 0 {
			return ends
		}
		at += size
		if e.value.Meta&logEndOfTxn != 0 {
			ends = append(ends, at)
		}
	}
}

// TestSurveySeesWhatBadgerSees compares what is found without Badger with what
// Badger then gives, for stores of many shapes.
func TestSurveySeesWhatBadgerSees(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 7))
	dir := filepath.Join(t.TempDir(), "data")
	b := openTestBadger(t, dir)
	for round := range race.Sample(12, 4) {
		for range 30 {
			var tx Tx
			for n, key := range random.Perm(40)[:1+random.IntN(8)] {
				w := Write{Key: fmt.Sprintf("%c/%d", "kweu"[n%4], key), Delete: random.IntN(3) == 0}
				w.Value = []byte(strings.Repeat("v", random.IntN(400)))
				tx.Writes = append(tx.Writes, w)
			}
			if _, err := b.Commit(t.Context(), tx); err != nil {
				t.Fatal(err)
			}
		}
		killed := filepath.Join(t.TempDir(), "data")
		copyDir(t, dir, killed)
		compareSurvey(t, killed)
		if round%3 != 0 {
			if err := b.Close(); err != nil {
				t.Fatal(err)
			}
			compareSurvey(t, dir)
			b = openTestBadger(t, dir)
		}
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}

func compareSurvey(t *testing.T, dir string) {
	t.Helper()
	found := map[string]string{}
	store := filepath.Join(dir, storeName)
	s, err := openSurvey(store, badgerOptions(store, nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	err = s.walk("", func(key, value []byte) error { found[string(key)] = string(value); return nil })
	if err := errors.Join(err, s.close()); err != nil {
		t.Fatal(err)
	}
	b := openTestBadger(t, dir)
	n := 0
	err = b.db.View(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.DefaultIteratorOptions)
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			n++
			value, err := it.Item().ValueCopy(nil)
			if got, there := found[string(it.Item().Key())]; err != nil || !there || got != string(value) {
				t.Errorf("%q: Badger has %q, found was %q (%v), %v", it.Item().Key(), value, got, there, err)
			}
		}
		return nil
	})
	delete(found, "!badger!txn")
	if err != nil || n != len(found) {
		t.Errorf("Badger has %d keys, found were %d, %v", n, len(found), err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}
