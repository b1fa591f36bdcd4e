//go:build !linux && !darwin && !freebsd

package storage

// freeSpace is not told here.
func freeSpace(string) (bytes uint64, ok bool) { return 0, false }
