//go:build unix

package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"

	"dev.keyward/keyward/model"
)

// makeFilesPrivate sets the umask to 077, and leaves out whatever else it
// already leaves out.
func makeFilesPrivate() {
	if old := syscall.Umask(0o077); old&^0o077 != 0 {
		syscall.Umask(old | 0o077)
	}
}

// checkOwner refuses a directory of somebody else, from root too: what root
// would create in it, its owner could not open.
func checkOwner(dir string, info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	uid := os.Geteuid()
	if !ok || int(stat.Uid) == uid {
		return nil
	}
	owner := strconv.Itoa(int(stat.Uid))
	name, login := "uid "+owner, "'#"+owner+"'"
	if u, err := user.LookupId(owner); err == nil {
		name, login = u.Username, u.Username
	}
	return &DirError{
		Dir: dir,
		Problem: fmt.Sprintf("belongs to %s, not to this user (uid %d): run it as its owner (sudo -u %s ...), or %s",
			name, uid, login, otherDir),
		Err: fs.ErrPermission,
	}
}

// checkMode demands that its owner may do all with the directory, and others
// nothing.
func checkMode(dir string, info fs.FileInfo) error {
	if perm := info.Mode().Perm(); perm != 0o700 {
		return &DirError{
			Dir:     dir,
			Problem: fmt.Sprintf("must be for its owner only, but has mode %04o: run chmod 700 %s", perm, model.ShellQuote(dir)),
		}
	}
	return nil
}

// tryLock reports whether it got the lock on file; false means that somebody
// has it.
func tryLock(file *os.File) (bool, error) {
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		case !errors.Is(err, syscall.EINTR):
			return false, fmt.Errorf("locking: %w", err)
		}
	}
}

// tryShared reports whether nobody has the lock on file; if so, this process
// then shares it until unlock.
func tryShared(file *os.File) (bool, error) {
	err := syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

// ownerOf is the user id of the owner of what info is about.
func ownerOf(info fs.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Uid)
	}
	return -1
}

// unlock lets go of the lock on file. Closing alone would leave it with a child
// process that is just being started and holds the file until it executes.
func unlock(file *os.File) error { return syscall.Flock(int(file.Fd()), syscall.LOCK_UN) }

// syncDir makes the names in dir durable. A directory that this user may write
// but not read cannot be synced, which is no reason to fail.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if errors.Is(err, fs.ErrPermission) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
