package storage

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// exchange puts made in place of dir and dir at before. The two change names in
// one step, so that there is a whole directory at dir at every moment; a file
// system that cannot do that gets two steps.
func exchange(made, dir, before string) error {
	err := unix.Renameat2(unix.AT_FDCWD, made, unix.AT_FDCWD, dir, unix.RENAME_EXCHANGE)
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EINVAL) {
		return exchangeInSteps(made, dir, before)
	}
	if err != nil {
		return &os.LinkError{Op: "exchange", Old: made, New: dir, Err: err}
	}
	if err := os.Rename(made, before); err != nil { // the old one has the name of the new one
		return undone(err, unix.Renameat2(unix.AT_FDCWD, made, unix.AT_FDCWD, dir, unix.RENAME_EXCHANGE), made, dir)
	}
	return nil
}
