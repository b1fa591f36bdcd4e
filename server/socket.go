package server

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
)

// socketName is the admin socket's name in the data directory. It never
// changes: by it processes of different versions find each other.
const socketName = "admin.sock"

// maxSocketPath is the longest path of a socket in bytes, its closing zero not
// counted: macOS and the BSDs have 104 bytes for it, Linux 108.
const maxSocketPath = 103

// nextSuffix ends the name under which a socket is made before it takes the
// place of the one that another process left.
const nextSuffix = ".new"

// site is where the admin socket of a data directory lies.
type site struct {
	dir, name string
	// reach returns a name for dir that is short enough to bind and dial under,
	// which is good until done is called.
	reach func() (short string, done func(), err error)
}

// siteOf says where the admin socket of the data directory lies, the same for
// whoever listens and whoever dials.
func siteOf(dir string) (site, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return site{}, err
	}
	real, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return site{}, err
	}
	if len(filepath.Join(real, socketName+nextSuffix)) > maxSocketPath {
		return longSite(real)
	}
	return plainSite(real), nil
}

func plainSite(real string) site {
	return site{dir: real, name: socketName, reach: func() (string, func(), error) { return real, func() {}, nil }}
}

// hashedName names the socket of a directory whose own path is too long for one.
func hashedName(real string) string {
	sum := sha256.Sum256([]byte(real))
	return hex.EncodeToString(sum[:16]) + ".sock"
}

// maxConnections bounds the connections that are served at once. As many more
// are told so and closed; the rest waits.
const maxConnections = 256

// adminListener counts its connections, and remembers its socket's name.
type adminListener struct {
	*net.UnixListener
	path   string
	slots  chan struct{}
	closed chan struct{}
	close  sync.Once
}

func newAdminListener(l *net.UnixListener, path string) *adminListener {
	return &adminListener{UnixListener: l, path: path, slots: make(chan struct{}, 2*maxConnections), closed: make(chan struct{})}
}

// Close stops listening. The socket's name stays.
func (l *adminListener) Close() error {
	l.close.Do(func() { close(l.closed) })
	return l.UnixListener.Close()
}

// Accept waits for the next connection.
func (l *adminListener) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	over := len(l.slots) > maxConnections
	c, err := l.AcceptUnix()
	if err != nil {
		<-l.slots
		return nil, err
	}
	return &adminConn{UnixConn: c, over: over, release: func() { <-l.slots }}, nil
}

// unlink removes the socket's name.
func (l *adminListener) unlink() error {
	if err := os.Remove(l.path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// adminConn is a connection that counts.
type adminConn struct {
	*net.UnixConn
	over    bool // it came when there were too many
	release func()
	once    sync.Once
}

// Close closes the connection and makes room for another.
func (c *adminConn) Close() error {
	defer c.once.Do(c.release)
	return c.UnixConn.Close()
}

// AdminSocketThere reports whether the admin socket of the data directory has
// its name still, as far as can be told.
func AdminSocketThere(dir string) bool {
	s, err := siteOf(dir)
	if err != nil {
		return true
	}
	_, err = os.Lstat(filepath.Join(s.dir, s.name))
	return !errors.Is(err, fs.ErrNotExist)
}
