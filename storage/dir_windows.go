package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

// makeFilesPrivate does nothing: Windows has no umask, and what is made in a
// directory of the user's profile is the user's.
func makeFilesPrivate() {}

// checkOwner leaves ownership to the access lists of Windows.
func checkOwner(string, fs.FileInfo) error { return nil }

// checkMode leaves access to the access lists of Windows.
func checkMode(string, fs.FileInfo) error { return nil }

// tryLock reports whether it got the lock on file; false means that somebody
// has it.
func tryLock(file *os.File) (bool, error) {
	return lockWith(file, windows.LOCKFILE_EXCLUSIVE_LOCK)
}

// tryShared reports whether nobody has the lock on file; if so, this process
// then shares it until unlock.
func tryShared(file *os.File) (bool, error) { return lockWith(file, 0) }

func lockWith(file *os.File, flags uint32) (bool, error) {
	flags |= windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(file.Fd()), flags, 0, 1, 0, lockedByte())
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, windows.ERROR_LOCK_VIOLATION), errors.Is(err, windows.ERROR_IO_PENDING):
		return false, nil
	}
	return false, fmt.Errorf("locking: %w", err)
}

// ownerOf is unknown: Windows has no user ids.
func ownerOf(fs.FileInfo) int { return -1 }

// unlock lets go of the lock on file.
func unlock(file *os.File) error {
	return windows.UnlockFileEx(windows.Handle(file.Fd()), 0, 1, 0, lockedByte())
}

// lockedByte is far behind the pid, so that others can read the pid.
func lockedByte() *windows.Overlapped { return &windows.Overlapped{Offset: 1 << 20} }

// syncDir does nothing: Windows cannot sync a directory.
func syncDir(string) error { return nil }
