//go:build linux || darwin || freebsd

package server

import "golang.org/x/sys/unix"

// monotonic reads the clock that all processes of a machine share and that
// nobody sets, in nanoseconds; false where there is none.
func monotonic() (now int64, ok bool) {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &t); err != nil {
		return 0, false
	}
	return t.Nano(), true
}
