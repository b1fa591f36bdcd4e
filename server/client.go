package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"dev.keyward/keyward/model"
)

// ClientOptions say for whom a Client asks.
type ClientOptions struct {
	Self     model.Peer   // this process
	Claimed  string       // SUDO_USER
	Reason   string       // why, in the operator's words; each change records it
	ReadOnly bool         // changes are refused
	SSH      model.SSHKey // of the operator that this process, an endpoint, asks for
}

// How long a client waits for the owner.
const (
	helloTime      = 3 * time.Second       // to connect and be greeted
	openingWait    = 10 * time.Millisecond // between two looks at an owner that opens the store
	silenceTime    = 10 * time.Second      // for an answer, or a sign of life before it
	streamSilence  = 3 * time.Second       // for a line of a stream
	maxSentReason  = 4 << 10               // bytes; the owner allows far less, and says so
	maxAnswerStart = 64 << 10              // bytes of an answer's header
)

// Client is the store of a data directory as its owner gives access to it: the
// methods of a *model.Session, with the same answers and errors, and a few that
// processes need among themselves. It stays with the owner that it was greeted
// by. It is safe for concurrent use.
//
// Each method's errors are those of the Session method of its name, by kind and
// sentence, or *LinkError.
type Client struct {
	o         ClientOptions
	dir       string
	hello     Hello
	header    http.Header
	transport *http.Transport
	sameClock bool         // the owner has this process's monotonic clock
	pid       atomic.Int64 // of who made the socket, as the system tells
}

// Dial connects to the owner of the data directory and waits while it opens the
// store. The errors are *LinkError of the kinds ErrNobody, ErrSilent,
// ErrProtocol and, for an owner that is just leaving, ErrGone; of ctx's, while
// it waits; errors.ErrUnsupported, where a directory cannot be shared; and what the owner says to somebody whom it does not serve, a
// model.ErrForbidden.
func Dial(ctx context.Context, dir string, o ClientOptions) (*Client, error) {
	c := newClient(dir, o)
	for {
		err := c.greet(ctx)
		if err == nil && c.hello.State == StateReady {
			c.header.Set(instanceHeader, c.hello.Instance)
			return c, nil
		}
		if err == nil && c.hello.State == StateLeaving {
			err = &LinkError{Kind: ErrGone, PID: c.hello.Owner.PID, NotDone: true, message: c.owner() + " is letting go of the store"}
		}
		if err == nil {
			select {
			case <-time.After(openingWait):
			case <-ctx.Done():
				err = &LinkError{Kind: ctx.Err(), PID: c.hello.Owner.PID, NotDone: true, message: c.owner() + " is still opening the store"}
			}
		}
		if err != nil {
			c.Close()
			return nil, err
		}
	}
}

func newClient(dir string, o ClientOptions) *Client {
	c := &Client{o: o, dir: dir}
	c.transport = &http.Transport{
		DialContext:            c.dial,
		DisableCompression:     true,
		MaxIdleConnsPerHost:    8,
		IdleConnTimeout:        adminIdleTime / 2,
		MaxResponseHeaderBytes: maxAnswerStart,
	}
	c.header = headerFor(o)
	return c
}

// Hello returns what the owner said of itself when Dial succeeded.
func (c *Client) Hello() Hello { return c.hello }

// Close lets go of the connections. Calls under way are not ended: their
// contexts do that.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

func (c *Client) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	conn, pid, err := dialSite(ctx, c.dir)
	if err == nil && pid > 0 {
		c.pid.Store(int64(pid))
	}
	return conn, err
}

// owner names the owner for people, as far as it is known.
func (c *Client) owner() string {
	if c.hello.Owner.PID != 0 {
		return "the owner of the store, " + c.hello.Owner.String() + ","
	}
	if pid := c.pid.Load(); pid != 0 {
		return fmt.Sprintf("the owner of the store (pid %d)", pid)
	}
	return "the owner of the store"
}

func (c *Client) ownerPID() int {
	if c.hello.Owner.PID != 0 {
		return c.hello.Owner.PID
	}
	return int(c.pid.Load())
}

// greet asks the owner who it is. A protocol that this version does not speak is
// an error only after that.
func (c *Client) greet(ctx context.Context) error {
	call := c.begin(ctx, helloTime)
	defer call.end()
	call.looking = true
	before, _ := monotonic()
	res, body, err := call.ask(http.MethodGet, helloPath, c.header, nil, maxAdminLine)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return c.fault(body, nil)
	}
	var h Hello
	if err := json.Unmarshal(body, &h); err != nil || h.Protocol == 0 {
		return &LinkError{Kind: ErrProtocol, PID: c.ownerPID(), NotDone: true, Err: err,
			message: c.owner() + " does not greet as keyward does: look at what it is, and end it"}
	}
	c.sameClock = sameClock(res.Header, before)
	if c.hello = h; h.Protocol != AdminProtocol {
		return &LinkError{Kind: ErrProtocol, PID: h.Owner.PID, NotDone: true, message: fmt.Sprintf(
			"%s is keyward %s, whose processes speak protocol %d among themselves and this one %d: end that one, or use its version",
			c.owner(), orUnknown(model.Clean(h.Owner.Version)), h.Protocol, AdminProtocol)}
	}
	return nil
}

func orUnknown(version string) string {
	if version == "" {
		return "of an unknown version"
	}
	return version
}
