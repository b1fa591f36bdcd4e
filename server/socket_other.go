//go:build !unix

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

func dialSite(context.Context, string) (net.Conn, int, error) { return nil, 0, errNoSocket }
