//go:build linux || darwin || freebsd

package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// ListenAdmin makes the admin socket of a data directory, for its owner alone.
// The caller holds the directory's lock: what lies under the socket's name
// already was left by a process that is no more, and is replaced. The socket is
// made under another name first, so that whoever dials finds one that answers or
// none.
//
// A directory whose path is too long for a socket has it all the same: on Linux
// it is reached through /proc, elsewhere it lies under /tmp.
func ListenAdmin(dir string) (net.Listener, error) {
	l, err := listenAdmin(dir)
	if err != nil {
		return nil, fmt.Errorf("making the admin socket of %s: %w", dir, err)
	}
	return l, nil
}

func listenAdmin(dir string) (net.Listener, error) {
	s, err := siteOf(dir)
	if err != nil {
		return nil, err
	}
	short, done, err := s.reach()
	if err != nil {
		return nil, err
	}
	defer done()
	next, path := filepath.Join(s.dir, s.name+nextSuffix), filepath.Join(s.dir, s.name)
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Net: "unix", Name: filepath.Join(short, s.name+nextSuffix)})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false)
	if err := os.Chmod(next, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	if err := os.Rename(next, path); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return newAdminListener(l, path), nil
}

// dialAgain is how long a dial waits that found the socket's queue full.
const dialAgain = 20 * time.Millisecond

// dialSite connects to the socket and returns the pid of the process that made
// it, 0 where the system does not tell. A socket that another user made is not
// trusted. Errors are *LinkError of the kinds ErrNobody and fs.ErrPermission, or
// others.
func dialSite(ctx context.Context, dir string) (net.Conn, int, error) {
	s, err := siteOf(dir)
	if err != nil {
		return nil, 0, dialError(dir, err)
	}
	short, done, err := s.reach()
	if err != nil {
		return nil, 0, dialError(dir, err)
	}
	defer done()
	var dialer net.Dialer
	c, err := dialer.DialContext(ctx, "unix", filepath.Join(short, s.name))
	for errors.Is(err, syscall.EAGAIN) && ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-time.After(dialAgain):
			c, err = dialer.DialContext(ctx, "unix", filepath.Join(short, s.name))
		}
	}
	if err != nil {
		return nil, 0, dialError(dir, err)
	}
	uid, pid, err := peerOfConn(c)
	if err == nil && uid != ownerOf(s.dir) {
		err = fmt.Errorf("the admin socket of %s was made by uid %d, who does not own the directory: look at who may write there", dir, uid)
	}
	if err != nil {
		_ = c.Close()
		return nil, 0, err
	}
	return c, pid, nil
}

// dialError sorts what kept a dial from reaching anybody.
func dialError(dir string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOTDIR):
		return &LinkError{Kind: ErrNobody, NotDone: true, Err: err, message: "no keyward has the data directory " + dir + " open"}
	case errors.Is(err, fs.ErrPermission):
		return &LinkError{Kind: fs.ErrPermission, NotDone: true, Err: err,
			message: fmt.Sprintf("this user (uid %d) may not reach the process that has %s open: run it as the directory's owner (%s)", os.Geteuid(), dir, sudo(ownerOf(dir)))}
	}
	return err
}

// ownerOf returns the uid of the owner of a file, -1 when that is not known.
func ownerOf(path string) int {
	info, err := os.Stat(path)
	if err != nil {
		return -1
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return -1
	}
	return int(stat.Uid)
}

// fallbackSite is the socket's place outside a directory whose path is too long:
// a directory of its owner's below base, which everybody may write to.
func fallbackSite(base, real string) (site, error) {
	uid := ownerOf(real)
	dir := filepath.Join(base, fmt.Sprintf("keyward-%d", uid))
	return site{dir: dir, name: hashedName(real), reach: func() (string, func(), error) {
		if os.Geteuid() == uid {
			if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
				return "", nil, err
			}
		}
		return dir, func() {}, checkFallback(dir, uid)
	}}, nil
}

// checkFallback sees to it that nobody but its owner can have made what lies in
// the directory.
func checkFallback(dir string, uid int) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || int(stat.Uid) != uid || info.Mode().Perm() != 0o700 {
		return fmt.Errorf("%s must be a directory of uid %d with mode 0700, for the path of the data directory is too long for a socket: remove it, or name a directory with a shorter path", dir, uid)
	}
	return nil
}
