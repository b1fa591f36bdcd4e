package server

import (
	"net"

	"golang.org/x/sys/unix"
)

// peerOfConn returns the uid and pid of the process at the other end.
func peerOfConn(c net.Conn) (uid, pid int, err error) {
	err = withDescriptor(c, func(fd uintptr) error {
		cred, err := unix.GetsockoptXucred(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
		if err != nil {
			return err
		}
		uid = int(cred.Uid)
		pid, err = unix.GetsockoptInt(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERPID)
		return err
	})
	return uid, pid, err
}
