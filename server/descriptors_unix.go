//go:build unix

package server

import "syscall"

// descriptors returns how many descriptors the process may have. Go raises the
// soft limit to the hard one when it starts.
func descriptors() uint64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 1024
	}
	return uint64(limit.Cur)
}
