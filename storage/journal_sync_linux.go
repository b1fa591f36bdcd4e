package storage

import (
	"errors"
	"os"
	"syscall"
)

// syncData makes the contents of f durable, and of its metadata only what is
// needed to read them.
func syncData(f *os.File) error {
	for {
		if err := syscall.Fdatasync(int(f.Fd())); !errors.Is(err, syscall.EINTR) {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}
