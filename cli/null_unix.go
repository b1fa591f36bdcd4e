//go:build unix

package cli

import (
	"os"

	"golang.org/x/sys/unix"
)

// isNull reports whether a stream is the null device. So is a standard stream
// that was closed before the program began: Go opens the null device there.
func isNull(stream any) bool {
	f, isFile := stream.(*os.File)
	if !isFile {
		return false
	}
	var got, null unix.Stat_t
	if unix.Fstat(int(f.Fd()), &got) != nil || unix.Stat(os.DevNull, &null) != nil {
		return false
	}
	return got.Mode&unix.S_IFMT == unix.S_IFCHR && got.Rdev == null.Rdev
}
