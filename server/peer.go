package server

import (
	"errors"
	"net"
	"os/user"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// peer is the process at the other end of a connection, as the kernel tells.
// Credentials are those of whoever connected.
type peer struct {
	uid, pid int // -1 where the system has none
	over     bool
	err      error // the system did not tell
}

type peerKey struct{}

// peerOfAccepted reads who connected, once for each connection.
func peerOfAccepted(c net.Conn) peer {
	p := peer{uid: -1, pid: -1}
	if a, ok := c.(*adminConn); ok {
		p.over = a.over
	}
	uid, pid, err := peerOfConn(c)
	if err != nil {
		p.err = err
		return p
	}
	p.uid = uid
	if pid > 0 {
		p.pid = pid
	}
	return p
}

var errNoCredentials = errors.New("the connection does not tell who is at its other end")

// withDescriptor calls fn with the connection's file descriptor.
func withDescriptor(c net.Conn, fn func(fd uintptr) error) error {
	s, ok := c.(syscall.Conn)
	if !ok {
		return errNoCredentials
	}
	conn, err := s.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := conn.Control(func(fd uintptr) { inner = fn(fd) }); err != nil {
		return err
	}
	return inner
}

// userPatience is how long a call waits for the name of its caller: the system
// may ask a directory server for it, and a change does not wait for that.
const userPatience = time.Second

// userNames knows the names of uids.
type userNames struct {
	mu    sync.Mutex
	names map[int]*userName
}

type userName struct {
	known chan struct{}
	name  string
}

// of returns the user name of uid, or "" when there is none or it is not known
// in time.
func (u *userNames) of(uid int) string {
	if uid < 0 {
		return ""
	}
	u.mu.Lock()
	n := u.names[uid]
	if n == nil {
		n = &userName{known: make(chan struct{})}
		if u.names == nil {
			u.names = map[int]*userName{}
		}
		u.names[uid] = n
		go n.look(uid)
	}
	u.mu.Unlock()
	select {
	case <-n.known:
		return n.name
	default:
	}
	limit := time.NewTimer(userPatience)
	defer limit.Stop()
	select {
	case <-n.known:
		return n.name
	case <-limit.C:
		return ""
	}
}

func (n *userName) look(uid int) {
	defer close(n.known)
	if found, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		n.name = found.Username
	}
}

// sudo is how to run a command as uid.
func sudo(uid int) string {
	if uid < 0 {
		return "sudo -u OWNER ..."
	}
	login := "'#" + strconv.Itoa(uid) + "'"
	if found, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		login = found.Username
	}
	return "sudo -u " + login + " ..."
}
