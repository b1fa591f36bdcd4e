//go:build linux || darwin || freebsd

package storage

import "golang.org/x/sys/unix"

// freeSpace returns how many bytes an ordinary user may still write to the file
// system that holds dir; ok is false where it cannot be told.
func freeSpace(dir string) (bytes uint64, ok bool) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil || int64(fs.Bavail) < 0 {
		return 0, false
	}
	return uint64(fs.Bavail) * uint64(fs.Bsize), true
}
