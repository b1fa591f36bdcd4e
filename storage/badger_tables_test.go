package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// commitRounds opens, commits and closes n times, as so many commands would.
func commitRounds(t *testing.T, dir string, n int) {
	t.Helper()
	for i := range n {
		b := openTestBadger(t, dir)
		tx := Tx{Writes: []Write{{Key: fmt.Sprintf("k/%03d", i), Value: []byte(strings.Repeat("v", 1<<10))}}}
		if _, err := b.Commit(t.Context(), tx); err != nil {
			t.Fatal(err)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func tablesOf(t *testing.T, dir string) []string {
	t.Helper()
	tables, err := filepath.Glob(filepath.Join(dir, storeName, "*.sst"))
	if err != nil || len(tables) == 0 {
		t.Fatalf("tables: %v, %v", tables, err)
	}
	return tables
}

// TestBadgerMergesTables: commands, which end before Badger begins to compact,
// do not leave one table each.
func TestBadgerMergesTables(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	const rounds = 30
	commitRounds(t, dir, rounds)
	if n := len(tablesOf(t, dir)); n > mostTables+2 {
		t.Errorf("%d commands left %d tables", rounds, n)
	}
	b := openTestBadger(t, dir)
	found, rev, err := b.Get(t.Context(), "k/000", "k/029")
	if err != nil || rev != rounds || found[0].Rev != 1 || found[1].Rev != rounds {
		t.Errorf("found %v at %d, %v", found, rev, err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}

// damageVar tells the test binary, run again, to open a damaged store: Badger
// would end the process.
const damageVar = "KEYWARD_STORAGE_TEST_DAMAGE"

// TestBadgerDamagedTable: a table that is cut short, changed or missing is an
// error that says which one, and nothing is read without it.
func TestBadgerDamagedTable(t *testing.T) {
	if dir := os.Getenv(damageVar); dir != "" {
		wantDamaged(t, dir)
		return
	}
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	commitRounds(t, dir, mostTables+3) // one of a deeper level, and some of level 0
	for _, path := range append(tablesOf(t, dir), filepath.Join(dir, storeName, manifestName)) {
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for name, damaged := range damages(whole, filepath.Base(path) == manifestName) {
			replaceFile(t, path, damaged)
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestBadgerDamagedTable$")
			cmd.Env = append(os.Environ(), damageVar+"="+dir, "GORACE=atexit_sleep_ms=0")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s %s: %v\n%s", filepath.Base(path), name, err, firstLines(out))
			}
		}
		replaceFile(t, path, whole)
	}
	if err := openTestBadger(t, dir).Close(); err != nil {
		t.Error(err)
	}
}

// replaceFile puts a new file in the place of one that may be there; nil puts
// none.
func replaceFile(t *testing.T, path string, data []byte) {
	t.Helper()
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err == nil && data != nil {
		err = os.WriteFile(path, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// damages are ways to damage a file; nil is to remove it.
func damages(whole []byte, manifest bool) map[string][]byte {
	changed := func(at int) []byte {
		data := append([]byte(nil), whole...)
		data[at] ^= 0x40
		return data
	}
	if manifest { // one that is cut short, but for its head, is that of an earlier moment
		return map[string][]byte{"cut to 3": whole[:3], "bad magic": changed(0), "changed": changed(20)}
	}
	n := len(whole)
	all := map[string][]byte{"removed": nil, "cut to 0": {}, "zeroed": make([]byte, n)}
	for _, length := range []int{1, 3, 4, 9, n / 2, n - 100, n - 20, n - 5, n - 1} {
		all[fmt.Sprint("cut to ", length)] = whole[:length]
	}
	for _, at := range []int{0, 40, n / 2, n - 60, n - 12, n - 3, n - 1} {
		all[fmt.Sprint("changed at ", at)] = changed(at)
	}
	return all
}

func wantDamaged(t *testing.T, dir string) {
	b, err := Open(dir, Options{})
	if err == nil {
		_ = b.Close()
		t.Fatal("it was opened")
	}
	var damage *DamageError
	if text := err.Error(); !errors.As(err, &damage) || !errors.Is(err, ErrUnavailable) || !errors.Is(err, ErrCorrupt) ||
		!strings.HasPrefix(text, "the data directory "+dir+" is damaged (store/") ||
		!strings.HasSuffix(text, "), so nothing is read from it; end keyward serve if it runs, then put a backup back with keyward restore FILE --data "+dir+
			" --accept-rollback, or the journal's records with keyward restore --from-journal; until then keyward serve goes on deciding from the journal, read-only") || strings.Contains(text, "\n") {
		t.Errorf("got error %v", err)
	}
}

func firstLines(out []byte) string {
	lines := strings.SplitN(string(out), "\n", 6)
	return strings.Join(lines[:len(lines)-1], "\n")
}

// TestBadgerLeftoverTable: a table that a process left when it was cut off, and
// that the manifest does not name, is no damage.
func TestBadgerLeftoverTable(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	commitRounds(t, dir, 2)
	leftover := filepath.Join(dir, storeName, "000099.sst")
	if err := os.WriteFile(leftover, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	commitRounds(t, dir, 1)
	if _, err := os.Stat(leftover); err == nil {
		t.Error("it is still there")
	}
}

// TestTooManyFiles: the sentence is the same wherever the limit was met.
func TestTooManyFiles(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		syscall.EMFILE, syscall.ENFILE,
		errors.New("while opening table: open /x/000001.sst: " + syscall.EMFILE.Error()),
	} {
		got := unavailable(err)
		if got.Error() != raiseLimit || !errors.Is(got, ErrUnavailable) {
			t.Errorf("%v: got %v", err, got)
		}
	}
}
