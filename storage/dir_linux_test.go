package storage_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"dev.keyward/keyward/storage"
)

const nobody = 65534

// TestPrepareOwner: a directory of somebody else is refused, by root too.
func TestPrepareOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		wantDirError(t, "/", "belongs to root, not to this user")
		return
	}
	dir := makeTestDir(t, 0o700, "store/MANIFEST")
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	wantDirError(t, dir, "belongs to nobody, not to this user (uid 0): run it as its owner (sudo -u nobody ...)")
	if err := os.Chown(dir, 4_000_001, nobody); err != nil {
		t.Fatal(err)
	}
	wantDirError(t, dir, "belongs to uid 4000001, not to this user (uid 0): run it as its owner (sudo -u '#4000001' ...)")
}

// TestPrepareForbidden: no way to the directory.
func TestPrepareForbidden(t *testing.T) {
	parent := makeTestDir(t, 0o700)
	if os.Geteuid() != 0 {
		if err := os.Chmod(parent, 0); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(parent, 0o700) }) // so that it can be removed
		wantForbidden(t, parent)
		return
	}
	// Root may go anywhere, so be somebody else for the file system, on a
	// thread that ends with its goroutine.
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if _, _, errno := syscall.RawSyscall(syscall.SYS_SETFSUID, nobody, 0, 0); errno != 0 {
			t.Error(errno)
			return
		}
		wantForbidden(t, parent)
	}()
	<-done
}

func wantForbidden(t *testing.T, parent string) {
	dir := filepath.Join(parent, "data")
	_, err := storage.Prepare(dir)
	want := "the data directory " + dir + " cannot be used: this user has no permission there; name another directory with --data"
	if err == nil || err.Error() != want || !errors.Is(err, fs.ErrPermission) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestPrepareReadOnly: a file system that cannot be written.
func TestPrepareReadOnly(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: mounting a read-only file system needs root")
	}
	mount := makeTestDir(t, 0o700)
	done, forbidden := make(chan struct{}), false
	go func() { // in a mount namespace of a thread that ends with its goroutine
		defer close(done)
		runtime.LockOSThread()
		err := errors.Join(
			syscall.Unshare(syscall.CLONE_NEWNS|syscall.CLONE_FS),
			syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""),
			syscall.Mount("none", mount, "tmpfs", 0, "mode=0700"),
			os.Mkdir(filepath.Join(mount, "empty"), 0o700),
			syscall.Mount("none", mount, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, "mode=0700"),
		)
		if errors.Is(err, syscall.EPERM) {
			forbidden = true
			return
		}
		if err != nil {
			t.Error(err)
			return
		}
		for _, name := range []string{"new", "empty"} {
			_, err := storage.Open(filepath.Join(mount, name), storage.Options{})
			if err == nil || !strings.Contains(err.Error(), "is on a read-only file system, and keyward must write to it: name another") {
				t.Errorf("%s: got error %v", name, err)
			}
		}
	}()
	<-done
	if forbidden {
		t.Skip("SKIPPED: mounting needs a root that this system lets mount")
	}
}
