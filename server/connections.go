package server

import (
	"net"
	"sync"
)

// cappedListener accepts so many connections at once at most. Its connections
// stay TCP connections to net/http, which half-closes them: that is why it is
// not golang.org/x/net/netutil's.
type cappedListener struct {
	*net.TCPListener
	slots  chan struct{}
	closed chan struct{}
	once   sync.Once
}

func newCappedListener(l *net.TCPListener, most int) *cappedListener {
	return &cappedListener{TCPListener: l, slots: make(chan struct{}, most), closed: make(chan struct{})}
}

// Accept waits for a connection, and until there may be one more.
func (l *cappedListener) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	c, err := l.AcceptTCP()
	if err != nil {
		<-l.slots
		return nil, err
	}
	return &cappedConn{TCPConn: c, done: sync.OnceFunc(func() { <-l.slots })}, nil
}

// Close ends Accept.
func (l *cappedListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.TCPListener.Close()
}

// cappedConn makes room for another connection when it is closed.
type cappedConn struct {
	*net.TCPConn
	done func()
}

// Close closes the connection.
func (c *cappedConn) Close() error {
	defer c.done()
	return c.TCPConn.Close()
}
