//go:build linux || darwin || freebsd

package server_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"dev.keyward/keyward/server"
)

const nobody = 65534

func asNobody(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
}

// TestFallback: where a socket has no room in its directory, its place is the
// owner's own, and the same for whoever looks.
func TestFallback(t *testing.T) {
	data := shortDir(t)
	base := shortDir(t)
	place, err := server.FallbackPlace(base, data)
	if err != nil {
		t.Fatal(err)
	}
	again, err := server.FallbackPlace(base, data)
	if err != nil || again != place || filepath.Dir(filepath.Dir(place)) != base {
		t.Errorf("%q, then %q, %v", place, again, err)
	}
	if other, err := server.FallbackPlace(base, base); err != nil || other == place {
		t.Errorf("another directory has the same place: %q, %v", other, err)
	}
	dir := filepath.Dir(place)
	if info, err := os.Lstat(dir); err != nil || info.Mode() != fs.ModeDir|0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := os.Chmod(dir, 0o770); err != nil {
		t.Fatal(err)
	}
	if _, err := server.FallbackPlace(base, data); err == nil {
		t.Error("a directory that others may write to is taken")
	}
	if err := os.Rename(dir, dir+"2"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Chmod(dir+"2", 0o700), os.Symlink(dir+"2", dir)); err != nil {
		t.Fatal(err)
	}
	if _, err := server.FallbackPlace(base, data); err == nil {
		t.Error("a symbolic link is taken")
	}
}

// TestForeignFallback: a directory that somebody else made is not taken.
func TestForeignFallback(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can make what is somebody else's")
	}
	base, data := shortDir(t), shortDir(t)
	if _, err := server.FallbackPlace(base, data); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(base)
	if err != nil || len(entries) != 1 {
		t.Fatal(entries, err)
	}
	if err := os.Chown(filepath.Join(base, entries[0].Name()), nobody, nobody); err != nil {
		t.Fatal(err)
	}
	if _, err := server.FallbackPlace(base, data); err == nil {
		t.Error("it is taken")
	}
}

// TestForeignSocket: a socket that does not belong to the directory's owner is
// not spoken to.
func TestForeignSocket(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can make what is somebody else's")
	}
	o := newOwner(t, nil)
	if err := os.Chown(o.dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	if err := dialError(t, o.dir); err == nil || errors.Is(err, server.ErrNobody) {
		t.Errorf("error %v", err)
	}
}
