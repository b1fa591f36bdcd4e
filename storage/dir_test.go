package storage_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"dev.keyward/keyward/storage"
)

// wantDirError checks that Prepare and Open refuse dir with one sentence that
// holds want, and that they change nothing in it.
func wantDirError(t *testing.T, dir, want string) {
	t.Helper()
	before, _ := filepath.Glob(filepath.Join(dir, "*"))
	_, err := storage.Prepare(dir)
	_, openErr := storage.Open(dir, storage.Options{})
	var de *storage.DirError
	if !errors.As(err, &de) || !errors.As(openErr, &de) {
		t.Fatalf("got errors %v and %v, want a DirError", err, openErr)
	}
	if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %q, want one line with %q", err, want)
	}
	if after, _ := filepath.Glob(filepath.Join(dir, "*")); len(after) != len(before) {
		t.Errorf("it left %v, found %v", after, before)
	}
}

// makeTestDir makes a directory with files, whose names end in / for
// directories.
func makeTestDir(t *testing.T, mode os.FileMode, files ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "dir")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		path := filepath.Join(dir, f)
		err := os.MkdirAll(filepath.Dir(path), 0o700)
		if err == nil && !strings.HasSuffix(f, "/") {
			err = os.WriteFile(path, []byte("x"), 0o600)
		} else if err == nil {
			err = os.MkdirAll(path, 0o700)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, mode); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestPrepareNew(t *testing.T) {
	base, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(base, "a", "b")
	got, err := storage.Prepare(filepath.Join(base, "a", ".", "x", "..", "b"))
	if err != nil || got != dir {
		t.Fatalf("got %q, %v, want %q", got, err, dir)
	}
	for _, d := range []string{dir, filepath.Dir(dir)} {
		info, err := os.Stat(d)
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
			t.Errorf("%s has mode %v", d, info.Mode())
		}
	}
	t.Chdir(base)
	if got, err := storage.Prepare("a/b"); err != nil || got != dir {
		t.Errorf("a relative path: got %q, %v, want %q", got, err, dir)
	}
}

func TestPrepareExisting(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{
		"empty":             makeTestDir(t, 0o700),
		"a new file system": makeTestDir(t, 0o700, "lost+found/"),
		"cut off early":     makeTestDir(t, 0o700, "lock"),
		"cut off later":     makeTestDir(t, 0o700, "lock", "store/LOCK", "store/MANIFEST-REWRITE"),
		"a store":           makeTestDir(t, 0o700, "lock", "store/MANIFEST", "store/000001.vlog", "server.pem"),
		"a damaged store":   makeTestDir(t, 0o700, "lock", "store/000001.sst", "store/LOCK", "photos/"), // Open says so
		"a journal to be":   makeTestDir(t, 0o700, "lock", "journal.new", "admin.sock", "sequence"),
	} {
		if _, err := storage.Prepare(dir); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	link := filepath.Join(t.TempDir(), "link")
	dir := makeTestDir(t, 0o700)
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	want, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := storage.Prepare(link); err != nil || got != want {
		t.Errorf("a symbolic link: got %q, %v, want %q", got, err, want)
	}
}

func TestPrepareRefuses(t *testing.T) {
	t.Parallel()
	const others = "holds other files and no store of keyward: name an empty or new directory with --data"
	wantDirError(t, "", "has no name")
	wantDirError(t, makeTestDir(t, 0o700, ".profile", "photos/"), others)
	wantDirError(t, makeTestDir(t, 0o700, "store/photo.jpg"), others)
	wantDirError(t, makeTestDir(t, 0o700, "lock", "mail"), others)
	wantDirError(t, makeTestDir(t, 0o700, "journal"), others) // not one of keyward

	file := filepath.Join(makeTestDir(t, 0o700, "file"), "file")
	wantDirError(t, file, "is a file, not a directory: name another directory with --data")
	wantDirError(t, filepath.Join(file, "below"), "a part of its path is a file")

	dangling := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(filepath.Join(dangling+"-to", "nowhere"), dangling); err != nil {
		t.Fatal(err)
	}
	wantDirError(t, dangling, "is a symbolic link to nothing: name another directory with --data")
	if runtime.GOOS == "windows" {
		return // has no modes
	}
	wide := makeTestDir(t, 0o755)
	wantDirError(t, wide, "must be for its owner only, but has mode 0755: run chmod 700 "+wide)
	wantDirError(t, makeTestDir(t, 0o710, "store/MANIFEST"), "has mode 0710: run chmod 700")
	home := makeTestDir(t, 0o755, ".profile") // no advice to run chmod on a home directory
	wantDirError(t, home, others)
	wantDirError(t, makeTestDir(t, os.ModeSticky|0o777), "is shared with other users: name another directory")

	odd := filepath.Join(makeTestDir(t, 0o700), "it's odd")
	if err := os.Mkdir(odd, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(odd, 0o755); err != nil { // whatever the umask
		t.Fatal(err)
	}
	wantDirError(t, odd, `it'\''s odd'`)
}
