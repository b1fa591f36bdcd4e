//go:build unix

package cli

import (
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// Harden keeps secrets from leaving the process by the side: files are for
// their owner, and a crash writes no memory to disk. A closed pipe becomes an
// error of the write, because a secret that nobody received must be reported.
func Harden() {
	unix.Umask(0o077)
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	signal.Ignore(syscall.SIGPIPE)
	denyTracing()
}
