package server

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// longSite reaches a directory whose path is too long for a socket by a
// descriptor of it: /proc/self/fd/N stands for the directory itself.
func longSite(real string) (site, error) {
	return site{dir: real, name: socketName, reach: func() (string, func(), error) {
		fd, err := unix.Open(real, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != nil {
			return "", nil, fmt.Errorf("opening %s: %w", real, err)
		}
		return fmt.Sprintf("/proc/self/fd/%d", fd), func() { _ = unix.Close(fd) }, nil
	}}, nil
}
