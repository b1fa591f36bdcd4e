package server

import (
	"net"

	"golang.org/x/sys/unix"
)

// peerOfConn returns the uid and pid of the process that made the other end: of
// an accepted connection whoever connected, of a dialled one whoever listens.
// The pid is 0 for a process of another pid namespace.
func peerOfConn(c net.Conn) (uid, pid int, err error) {
	err = withDescriptor(c, func(fd uintptr) error {
		cred, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
		if err == nil {
			uid, pid = int(cred.Uid), int(cred.Pid)
		}
		return err
	})
	return uid, pid, err
}
