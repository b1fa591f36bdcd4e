package storage_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"dev.keyward/keyward/storage"
)

// childVar tells the test binary, run again by a test, to be the child process
// at the directory it names.
const childVar = "KEYWARD_STORAGE_TEST_CHILD"

// TestBadgerChild is no test: it is the child process of the tests below. It
// opens a directory, commits numbered records with values, and says each that
// was confirmed, until it is killed.
func TestBadgerChild(t *testing.T) {
	dir := os.Getenv(childVar)
	if dir == "" {
		return
	}
	b, err := storage.Open(dir, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, newest, err := b.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("open %d\n", newest)
	for i := newest + 1; ; i++ {
		rev, err := b.Commit(t.Context(), storage.Tx{ID: childID(i), Writes: childWrites(i)})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("done %d\n", rev)
	}
}

func childID(rev storage.Rev) string { return fmt.Sprintf("id-%d", rev) }

// childWrites are what the child writes in commit rev.
func childWrites(rev storage.Rev) []storage.Write {
	n := strconv.FormatUint(uint64(rev), 10)
	return []storage.Write{
		kvPut("k/"+n, strings.Repeat(n, 50)),
		kvPut("m/head", n),
		kvDelete(fmt.Sprintf("k/%d", rev-3)),
	}
}

// startChild runs the child on dir and waits until it is open.
func startChild(t *testing.T, dir string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestBadgerChild$")
	cmd.Env = append(os.Environ(), childVar+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "open ") {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		t.Fatalf("the child said %q", lines.Text())
	}
	return cmd, lines
}

// TestBadgerKill kills a committing process, over and over on one directory.
// Every commit that it confirmed must be there, and at most one more.
func TestBadgerKill(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	for round := range 5 {
		cmd, lines := startChild(t, dir)
		var confirmed storage.Rev
		for n := 0; lines.Scan(); n++ {
			rev, err := strconv.ParseUint(strings.TrimPrefix(lines.Text(), "done "), 10, 64)
			if err != nil {
				break // the last line may be cut
			}
			confirmed = storage.Rev(rev)
			if n == 40+37*round {
				_ = cmd.Process.Kill() // SIGKILL; what it had said by then is still read
			}
		}
		_ = cmd.Wait()
		b := openBadger(t, dir, storage.LogSize{})
		checkChildStore(t, b, confirmed)
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// checkChildStore compares the store with what the child wrote up to its newest
// commit.
func checkChildStore(t *testing.T, b *storage.Badger, confirmed storage.Rev) {
	t.Helper()
	newest := kvNewest(t, b)
	if confirmed == 0 || newest < confirmed || newest > confirmed+1 {
		t.Fatalf("the newest commit is %d, confirmed were %d", newest, confirmed)
	}
	batches := kvWatch(t, b, 0, newest)
	if len(batches) != int(newest) {
		t.Errorf("the log has %d commits, want %d", len(batches), newest)
	}
	for i, batch := range batches {
		rev := storage.Rev(i + 1)
		w := childWrites(rev)
		if batch.Rev != rev || batch.Entries[0].Key != w[0].Key || batch.Entries[0].Value != string(w[0].Value) {
			t.Errorf("commit %d is %v", rev, batch)
		}
		if got := kvGet(t, b, storage.RequestKey(childID(rev)))[0].Rev; got != rev {
			t.Errorf("request %d was committed at %d", rev, got)
		}
	}
	if all, _ := kvSnapshot(t, b, "k/", "m/"); len(all) != 4 || all[3].Rev != newest {
		t.Errorf("the store holds %v", all)
	}
}

// TestBadgerLocked opens a directory that another process, and then this one,
// has open, and takes it over from one that was killed.
func TestBadgerLocked(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	cmd, _ := startChild(t, dir)
	wantLocked(t, dir, cmd.Process.Pid)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()

	b := openBadger(t, dir, storage.LogSize{})
	wantLocked(t, dir, os.Getpid())
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := openBadger(t, dir, storage.LogSize{}).Close(); err != nil {
		t.Error(err)
	}
}

func wantLocked(t *testing.T, dir string, pid int) {
	t.Helper()
	_, err := storage.Open(dir, storage.Options{})
	var locked *storage.LockedError
	if !errors.As(err, &locked) || !errors.Is(err, storage.ErrLocked) {
		t.Fatalf("got error %v, want a LockedError", err)
	}
	if locked.PID != pid {
		t.Errorf("got pid %d, want %d", locked.PID, pid)
	}
	want := fmt.Sprintf("the data directory %s is in use by keyward (pid %d): "+
		"close that one first, or name another directory with --data", dir, pid)
	if err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
}

// TestBadgerReopen: all is as it was, the commits go on, and so do watches.
func TestBadgerReopen(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	size := storage.LogSize{Commits: 20}
	b := openBadger(t, dir, size)
	for i := range 50 {
		kvCommitTx(t, b, storage.Tx{ID: strconv.Itoa(i), Writes: []storage.Write{
			kvPut(fmt.Sprintf("k/%d", i), strconv.Itoa(i)), kvDelete(fmt.Sprintf("k/%d", i-2)),
		}})
	}
	for range 3 {
		all, rev := kvSnapshot(t, b)
		log := kvWatch(t, b, rev-20, rev)
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		b = openBadger(t, dir, size)
		allAgain, revAgain := kvSnapshot(t, b)
		wantSame(t, "entries", allAgain, all)
		wantSame(t, "rev", revAgain, rev)
		wantSame(t, "log", kvWatch(t, b, rev-20, rev), log)
		wantErr(t, "past the log", b.Watch(t.Context(), nil, rev-21, nil), storage.ErrCompacted)
		_, err := b.Commit(t.Context(), storage.Tx{ID: "49"})
		if rev == 50 {
			wantConflict(t, "an id from before", err, storage.RequestKey("49"))
		}
		if next := kvCommit(t, b, kvPut("k/1", "x")); next != rev+1 {
			t.Errorf("the next commit is %d, want %d", next, rev+1)
		}
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestBadgerShorterLog opens with a smaller log than there is.
func TestBadgerShorterLog(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	b := openBadger(t, dir, storage.LogSize{})
	for range 300 {
		kvCommit(t, b, kvPut("a", "x"))
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	b = openBadger(t, dir, storage.LogSize{Commits: 10})
	for range 5 {
		kvCommit(t, b, kvPut("a", "y"))
	}
	if got := kvWatch(t, b, 295, 305); len(got) != 10 {
		t.Errorf("got %d commits, want 10", len(got))
	}
	wantErr(t, "past the log", b.Watch(t.Context(), nil, 294, nil), storage.ErrCompacted)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestBadgerPrivateFiles looks at the mode of every file, while open, after a
// memtable was flushed, and after Close, also of files that were left readable.
func TestBadgerPrivateFiles(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		return // has no modes
	}
	dir := filepath.Join(t.TempDir(), "new", "data")
	b := openBadger(t, dir, storage.LogSize{})
	for i := range 40 {
		kvCommit(t, b, manyWrites(5+i%2, strings.Repeat("v", 64<<10))...)
	}
	wantPrivate(t, dir)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	wantPrivate(t, dir)
	tables, err := filepath.Glob(filepath.Join(dir, "store", "*.sst"))
	if err != nil || len(tables) == 0 {
		t.Fatalf("tables: %v, %v", tables, err)
	}
	if err := os.Chmod(tables[0], 0o644); err != nil {
		t.Fatal(err)
	}
	b = openBadger(t, dir, storage.LogSize{})
	wantPrivate(t, dir)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}

func wantPrivate(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // Badger removed it meanwhile
		}
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestBadgerLogger: what Badger says arrives, its values do not.
func TestBadgerLogger(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))
	b, err := storage.Open(filepath.Join(t.TempDir(), "data"), storage.Options{Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	kvCommit(t, b, kvPut("a", "secret value"))
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if text := said.String(); !strings.Contains(text, "component=badger") || strings.Contains(text, "secret") {
		t.Errorf("the log says:\n%s", text)
	}
	if strings.Contains(said.String(), "level=INFO") {
		t.Errorf("Badger's chatter is not at debug level:\n%s", said.String())
	}
}
