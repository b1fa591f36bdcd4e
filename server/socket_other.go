//go:build !linux && !darwin && !freebsd

package server

import (
	"context"
	"errors"
	"fmt"
	"net"
)

var errNoSocket = fmt.Errorf("several processes on one data directory need peer credentials, which this system does not have: %w", errors.ErrUnsupported)

func longSite(string) (site, error) { return site{}, errNoSocket }

// ListenAdmin fails with errors.ErrUnsupported: this system does not tell who is
// at the other end of a socket.
func ListenAdmin(string) (net.Listener, error) { return nil, errNoSocket }

// dialSite reaches nobody, and nobody will come: that is no ErrNobody.
func dialSite(_ context.Context, dir string) (net.Conn, int, error) {
	return nil, 0, &LinkError{Kind: errors.ErrUnsupported, NotDone: true,
		message: "the data directory " + dir + " can be open in one process only, for this system does not tell who is at the other end of a socket: end the process that has it open"}
}
