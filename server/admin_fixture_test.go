package server_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	mathrand "math/rand/v2"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
	"dev.keyward/keyward/storage"
)

var adminStart = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// tick is a clock that goes on by a second each time somebody looks at it, so
// that two services that do the same have the same times.
type tick struct{ n atomic.Int64 }

func (c *tick) Now() time.Time { return adminStart.Add(time.Duration(c.n.Add(1)) * time.Second) }

// faultyStore is a store whose next commit fails as told.
type faultyStore struct {
	model.Store
	mu   sync.Mutex
	fail error
}

func (s *faultyStore) Commit(ctx context.Context, c model.Change) (model.Head, error) {
	s.mu.Lock()
	err := s.fail
	s.fail = nil
	s.mu.Unlock()
	if err != nil {
		return model.Head{}, err
	}
	return s.Store.Commit(ctx, c)
}

func (s *faultyStore) failNext(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

// newAdminService is a service over an empty store in memory.
func newAdminService(t testing.TB) (*model.Service, *faultyStore) {
	t.Helper()
	clock := new(tick)
	kv := storage.NewMemory(storage.LogSize{})
	t.Cleanup(func() {
		if err := kv.Close(); err != nil {
			t.Error(err)
		}
	})
	store, err := storage.NewStore(t.Context(), kv, clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	faulty := &faultyStore{Store: store}
	s, err := model.NewService(t.Context(), faulty, model.Options{Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	return s, faulty
}

// owner is a process that owns a store, as far as the socket shows it.
type owner struct {
	dir     string
	admin   *server.Admin
	service *model.Service
	store   *faultyStore
	state   atomic.Value
	served  chan error
}

var ownerPeer = model.Peer{PID: 4711, Rank: model.RankConsole, Version: "1.0"}

// newOwner serves a new store in a directory of its own; change may alter how.
func newOwner(t testing.TB, change func(*owner, *server.AdminOptions)) *owner {
	t.Helper()
	o := &owner{dir: shortDir(t), served: make(chan error, 1)}
	o.service, o.store = newAdminService(t)
	o.state.Store(server.StateReady)
	o.serve(t, change)
	return o
}

// serve makes the socket and answers on it.
func (o *owner) serve(t testing.TB, change func(*owner, *server.AdminOptions)) {
	t.Helper()
	options := server.AdminOptions{
		UID:     os.Getuid(),
		Service: func() *model.Service { return o.service },
		Hello: func() server.Hello {
			return server.Hello{Protocol: server.AdminProtocol, Owner: ownerPeer, State: o.state.Load().(string)}
		},
	}
	if change != nil {
		change(o, &options)
	}
	o.admin = server.NewAdmin(options)
	l, err := server.ListenAdmin(o.dir)
	if errors.Is(err, errors.ErrUnsupported) {
		o.admin = nil
		t.Skip("there are no peer credentials here")
	}
	if err != nil {
		t.Fatal(err)
	}
	go func() { o.served <- o.admin.Serve(l) }()
	t.Cleanup(func() { o.close(t) })
}

func (o *owner) close(t testing.TB) {
	if o.admin == nil {
		return
	}
	if err := o.admin.Close(); err != nil {
		t.Error(err)
	}
	if err := <-o.served; err != nil {
		t.Error(err)
	}
	o.admin = nil
}

// shortDir is a directory of mode 0700 whose path a socket has room in.
func shortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "kw")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return filepath.Join(dir)
}

func (o *owner) dial(t testing.TB, options server.ClientOptions) *server.Client {
	t.Helper()
	if options.Self == (model.Peer{}) {
		options.Self = model.Peer{PID: os.Getpid(), Rank: model.RankServe, Version: "1.0"}
	}
	c, err := server.Dial(t.Context(), o.dir, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// mustBe checks the kinds that an error has, and those that it has not.
func mustBe(t testing.TB, err error, kinds ...error) {
	t.Helper()
	for _, kind := range []error{server.ErrNobody, server.ErrGone, server.ErrNotDone, server.ErrSilent, server.ErrProtocol} {
		want := false
		for _, k := range kinds {
			want = want || k == kind
		}
		if errors.Is(err, kind) != want {
			t.Errorf("%v: errors.Is %q is %t", err, kind, !want)
		}
	}
	for _, k := range kinds {
		if !errors.Is(err, k) {
			t.Errorf("%v: is not %q", err, k)
		}
	}
}

// newWorldRandom is a source of random numbers for one secret of one key.
func newWorldRandom(name string, n int) io.Reader {
	seed := sha256.Sum256([]byte(name + strconv.Itoa(n)))
	return mathrand.NewChaCha8(seed)
}

func userName(t testing.TB) string {
	t.Helper()
	u, err := user.LookupId(strconv.Itoa(os.Getuid()))
	if err != nil {
		return ""
	}
	return u.Username
}
