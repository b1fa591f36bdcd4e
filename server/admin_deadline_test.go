package server_test

import (
	"bytes"
	"context"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

// stoppable is a listener whose process can be stopped, as far as it is seen:
// nothing is read until it goes on.
type stoppable struct {
	net.Listener
	mu      sync.Mutex
	goOn    chan struct{}
	read    bytes.Buffer
	written chan string // answers, while somebody wants them
}

func (l *stoppable) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &stoppableConn{c, l}, nil
}

func (l *stoppable) stop() (goOn func()) {
	ch := make(chan struct{})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.goOn = ch
	l.read.Reset()
	return func() { close(ch) }
}

func (l *stoppable) requests() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.read.String()
}

type stoppableConn struct {
	net.Conn
	l *stoppable
}

func (c *stoppableConn) SyscallConn() (syscall.RawConn, error) {
	return c.Conn.(syscall.Conn).SyscallConn()
}

func (c *stoppableConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.l.mu.Lock()
	c.l.read.Write(p[:n])
	goOn := c.l.goOn
	c.l.mu.Unlock()
	if n > 0 && goOn != nil {
		<-goOn
	}
	return n, err
}

func (c *stoppableConn) Write(p []byte) (int, error) {
	select {
	case c.l.written <- string(p):
	default:
	}
	return c.Conn.Write(p)
}

// TestGivenUpIsNotDone: what a stopped owner finds when it goes on, and what its
// client has given up, it does not do.
func TestGivenUpIsNotDone(t *testing.T) {
	if _, ok := server.Monotonic(); !ok {
		t.Skip("there is no clock that processes share")
	}
	o := newOwner(t, nil)
	o.close(t)
	l, err := server.ListenAdmin(o.dir)
	if err != nil {
		t.Fatal(err)
	}
	held := &stoppable{Listener: l, written: make(chan string, 8)}
	handed := make(chan struct{}, 1)
	a := server.NewAdmin(server.AdminOptions{
		UID: os.Getuid(), Service: func() *model.Service { return o.service },
		Hello: func() server.Hello {
			return server.Hello{Protocol: server.AdminProtocol, State: server.StateReady}
		},
		HandOver: func(context.Context, model.Peer) error { handed <- struct{}{}; return nil },
	})
	a.Start(held)
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	c := o.dial(t, server.ClientOptions{})
	before, _ := server.Monotonic()
	if _, err := c.CreateKey(t.Context(), tokenDraft(t, "one")); err != nil {
		t.Fatal(err)
	}
	after, _ := server.Monotonic()
	if at := deadlineIn(t, held.requests()); at < before+int64(10*time.Second) || at > after+int64(10*time.Second) {
		t.Errorf("a call between %d and %d is given up at %d", before, after, at)
	}
	for name, call := range map[string]func(context.Context) error{
		"a change":  func(ctx context.Context) error { return c.DeleteKey(ctx, "one") },
		"all of it": func(ctx context.Context) error { return c.HandOver(ctx) },
	} {
		for patience, arrived := 250*time.Millisecond, false; !arrived; patience *= 2 { // a slow machine sends nothing in it
			if patience > time.Minute {
				t.Fatal("no request arrives")
			}
			goOn := held.stop()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			err := call(ctx)
			cancel()
			mustBe(t, err, context.DeadlineExceeded)
			for len(held.written) > 0 {
				<-held.written
			}
			arrived = strings.Contains(held.requests(), "Keyward-Deadline")
			goOn()
		}
		if answer := <-held.written; !strings.Contains(answer, `"state":"late"`) {
			t.Errorf("%s: answered with %s", name, answer)
		}
	}
	select {
	case <-handed:
		t.Error("the store is given to nobody")
	default:
	}
	if _, err := c.Key(t.Context(), "one"); err != nil {
		t.Errorf("the key is gone: %v", err)
	}
}

func deadlineIn(t *testing.T, requests string) int64 {
	t.Helper()
	found := regexp.MustCompile(`Keyward-Deadline: (\d+)`).FindAllStringSubmatch(requests, -1)
	if len(found) != 1 {
		t.Fatalf("%d deadlines in %s", len(found), requests)
	}
	at, err := strconv.ParseInt(found[0][1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
