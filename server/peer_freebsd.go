package server

import (
	"net"

	"golang.org/x/sys/unix"
)

// peerOfConn returns the uid of the process at the other end. Its pid is 0: the
// form of the credentials that Go knows leaves it out.
func peerOfConn(c net.Conn) (uid, pid int, err error) {
	err = withDescriptor(c, func(fd uintptr) error {
		cred, err := unix.GetsockoptXucred(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
		if err == nil {
			uid = int(cred.Uid)
		}
		return err
	})
	return uid, 0, err
}
