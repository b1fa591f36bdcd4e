package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

func dialError(t *testing.T, dir string) error {
	t.Helper()
	c, err := server.Dial(t.Context(), dir, server.ClientOptions{})
	if err == nil {
		c.Close()
		t.Fatal("somebody answers")
	}
	return err
}

func TestNobody(t *testing.T) {
	o := newOwner(t, nil)
	mustBe(t, dialError(t, filepath.Join(o.dir, "none")), server.ErrNobody, server.ErrNotDone, model.ErrUnavailable)
	c := o.dial(t, server.ClientOptions{})
	left := filepath.Join(o.dir, "left.sock") // a name that outlives its socket, as after kill -9
	if err := os.Link(filepath.Join(o.dir, "admin.sock"), left); err != nil {
		t.Fatal(err)
	}
	o.close(t)
	mustBe(t, dialError(t, o.dir), server.ErrNobody, server.ErrNotDone)
	if err := os.Rename(left, filepath.Join(o.dir, "admin.sock")); err != nil {
		t.Fatal(err)
	}
	mustBe(t, dialError(t, o.dir), server.ErrNobody, server.ErrNotDone)
	_, err := c.Key(t.Context(), "one")
	mustBe(t, err, server.ErrGone, server.ErrNotDone, server.ErrNobody)

	o.serve(t, nil) // takes the place of what was left
	_, err = o.dial(t, server.ClientOptions{}).Key(t.Context(), "one")
	mustBe(t, err, model.ErrNotFound)
	_, err = c.SetKeyEnabled(t.Context(), "one", true) // the next owner is not the one that it knew
	mustBe(t, err, server.ErrGone, server.ErrNotDone)
}

func TestSocketIsPrivate(t *testing.T) {
	o := newOwner(t, nil)
	info, err := os.Lstat(filepath.Join(o.dir, "admin.sock"))
	if err != nil || info.Mode() != os.ModeSocket|0o600 {
		t.Errorf("the socket has %v, %v", info.Mode(), err)
	}
	names, err := os.ReadDir(o.dir)
	if err != nil || len(names) != 1 {
		t.Errorf("beside the socket: %v, %v", names, err)
	}
}

func TestLongPath(t *testing.T) {
	o := newOwner(t, nil)
	o.close(t)
	for len(o.dir) < 200 {
		o.dir = filepath.Join(o.dir, strings.Repeat("d", 40))
	}
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	mustBe(t, dialError(t, o.dir), server.ErrNobody, server.ErrNotDone)
	o.serve(t, nil)
	if h := o.dial(t, server.ClientOptions{}).Hello(); h.Owner != ownerPeer {
		t.Errorf("greeted by %+v", h)
	}
	o.close(t)
	mustBe(t, dialError(t, o.dir), server.ErrNobody, server.ErrNotDone)
}

// TestOpening: a client waits for an owner that opens its store.
func TestOpening(t *testing.T) {
	looks := make(chan struct{})
	o := newOwner(t, func(o *owner, a *server.AdminOptions) {
		o.state.Store(server.StateOpening)
		hello := a.Hello
		a.Hello = func() server.Hello {
			select {
			case looks <- struct{}{}:
			default:
			}
			return hello()
		}
	})
	go func() {
		<-looks
		<-looks
		o.state.Store(server.StateReady)
	}()
	if h := o.dial(t, server.ClientOptions{}).Hello(); h.State != server.StateReady || h.Owner != ownerPeer || h.Protocol != 1 {
		t.Errorf("greeted with %+v", h)
	}
	o.state.Store(server.StateOpening)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-looks
		cancel()
	}()
	_, err := server.Dial(ctx, o.dir, server.ClientOptions{})
	mustBe(t, err, server.ErrNotDone, context.Canceled)
}

// TestNotOpen: calls to an owner whose store is not open are not done.
func TestNotOpen(t *testing.T) {
	o := newOwner(t, func(_ *owner, a *server.AdminOptions) {
		a.Service = func() *model.Service { return nil }
		a.Backup = func(context.Context, io.Writer) error { panic("there is no store") }
		a.Diagnose = func(context.Context) (json.RawMessage, error) { panic("there is no store") }
	})
	c := o.dial(t, server.ClientOptions{})
	o.state.Store(server.StateOpening)
	_, err := c.SetKeyEnabled(t.Context(), "one", true)
	mustBe(t, err, server.ErrNotDone, model.ErrUnavailable)
	_, err = c.Diagnose(t.Context())
	mustBe(t, err, server.ErrNotDone, model.ErrUnavailable)
	mustBe(t, c.Backup(t.Context(), io.Discard), server.ErrNotDone, model.ErrUnavailable)
	mustBe(t, c.AddUsage(t.Context(), []model.Usage{{}}), server.ErrNotDone)
	err = c.Follow(t.Context(), model.Following{}, func(model.Update, func(uint64)) error { return nil })
	mustBe(t, err, server.ErrNotDone, model.ErrUnavailable)
}

// TestNothingToRead: an owner that has neither a store nor a journal says so, and
// nobody waits for it to open.
func TestNothingToRead(t *testing.T) {
	words := "the store is damaged, and so is its journal"
	o := newOwner(t, func(_ *owner, a *server.AdminOptions) {
		a.Service = func() *model.Service { return nil }
		a.Backup = func(context.Context, io.Writer) error { return model.ErrDegraded }
		hello := a.Hello
		a.Hello = func() server.Hello {
			h := hello()
			h.Degraded = words
			return h
		}
	})
	c := o.dial(t, server.ClientOptions{})
	_, err := c.Keys(t.Context(), model.KeyQuery{})
	told := []error{err, c.DeleteKey(t.Context(), "one"), c.AddUsage(t.Context(), []model.Usage{{}}),
		c.Follow(t.Context(), model.Following{}, func(model.Update, func(uint64)) error { return nil })}
	for _, err := range told {
		if mustBe(t, err, model.ErrDegraded); err.Error() != words {
			t.Errorf("told %q", err)
		}
	}
	mustBe(t, c.Backup(t.Context(), io.Discard), model.ErrDegraded) // it is asked: it has the store, perhaps
	words = ""
	if _, err = c.Keys(t.Context(), model.KeyQuery{}); !errors.Is(err, model.ErrDegraded) || err.Error() == "" {
		t.Errorf("error %v", err)
	}
}

// TestProtocol: what an owner of another version says is understood as far as it
// never changes, and told.
func TestProtocol(t *testing.T) {
	o := newOwner(t, func(_ *owner, a *server.AdminOptions) {
		a.Hello = func() server.Hello {
			return server.Hello{Protocol: 7, Owner: model.Peer{PID: 99, Rank: model.RankServe, Version: "9.1"}}
		}
	})
	err := dialError(t, o.dir)
	mustBe(t, err, server.ErrProtocol, server.ErrNotDone)
	for _, word := range []string{"9.1", "serve (pid 99)", "protocol 7", "this one 1"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q lacks %q", err, word)
		}
	}
}

// TestSilent: an owner that accepts and never answers, as a stopped one does, is
// told by its pid.
func TestSilent(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	l, err := server.ListenAdmin(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	began := time.Now()
	err = dialError(t, dir)
	mustBe(t, err, server.ErrSilent, server.ErrNotDone, model.ErrUnavailable)
	var link *server.LinkError
	if !errors.As(err, &link) || link.PID != os.Getpid() || !strings.Contains(err.Error(), "kill -CONT") {
		t.Errorf("%v (%+v)", err, link)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %s", took)
	}
}

// TestHandOver: the whole sequence. The store is released before the answer, the
// answer arrives although the owner closes at once, others learn that nothing was
// done, and the newcomer can have the socket.
func TestHandOver(t *testing.T) {
	released := make(chan struct{})
	var asked model.Peer
	o := newOwner(t, func(o *owner, a *server.AdminOptions) {
		a.HandOver = func(ctx context.Context, to model.Peer) error {
			asked = to
			if err := o.admin.Leave(ctx); err != nil {
				return err
			}
			if err := o.admin.Unlink(); err != nil {
				return err
			}
			close(released)
			return nil
		}
	})
	other := o.dial(t, server.ClientOptions{})
	ended := make(chan error, 1)
	based := make(chan struct{}, 1)
	go func() {
		ended <- other.Follow(t.Context(), model.Following{Decides: true}, func(u model.Update, ack func(uint64)) error {
			based <- struct{}{}
			return nil
		})
	}()
	<-based
	c := o.dial(t, server.ClientOptions{Self: model.Peer{PID: 1, Rank: model.RankServe, Version: "2\x1b"}})
	closed := make(chan error, 1)
	go func() {
		<-released
		closed <- o.admin.Close()
	}()
	if err := c.HandOver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if want := (model.Peer{PID: os.Getpid(), Rank: model.RankServe, Version: "2\ufffd"}); asked != want {
		t.Errorf("asked by %+v, want %+v", asked, want)
	}
	mustBe(t, <-ended, server.ErrGone)
	if _, err := os.Lstat(filepath.Join(o.dir, "admin.sock")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket's name is still there: %v", err)
	}
	mustBe(t, dialError(t, o.dir), server.ErrNobody, server.ErrNotDone)
	_, err := other.Key(t.Context(), "x")
	mustBe(t, err, server.ErrGone, server.ErrNotDone, server.ErrNobody)

	// The next owner's name outlives what is left of this one.
	next := &owner{dir: o.dir, service: o.service, store: o.store, served: make(chan error, 1)}
	next.state.Store(server.StateReady)
	next.serve(t, nil)
	if err := o.admin.Close(); err != nil {
		t.Error(err)
	}
	next.dial(t, server.ClientOptions{})
}

// TestHandOverFails: the owner stays, and says why.
func TestHandOverFails(t *testing.T) {
	o := newOwner(t, func(_ *owner, a *server.AdminOptions) {
		a.HandOver = func(context.Context, model.Peer) error { return model.Invalid("rank", "not now") }
	})
	c := o.dial(t, server.ClientOptions{})
	err := c.HandOver(t.Context())
	mustBe(t, err, model.ErrInvalid)
	if _, err := c.Keys(t.Context(), model.KeyQuery{}); err != nil {
		t.Error(err)
	}
	if _, err := c.Diagnose(t.Context()); err == nil {
		t.Error("it diagnoses what it does not offer")
	}
}

// TestLeave: a long call finishes first while others go on; then a short one in
// flight; then everybody learns that nothing is done here any more.
func TestLeave(t *testing.T) {
	begun, finish := make(chan struct{}), make(chan struct{})
	o := newOwner(t, func(_ *owner, a *server.AdminOptions) {
		a.Backup = func(_ context.Context, w io.Writer) error {
			close(begun)
			<-finish
			_, err := io.WriteString(w, "backup")
			return err
		}
	})
	c := o.dial(t, server.ClientOptions{})
	var backup bytes.Buffer
	backed, left := make(chan error, 1), make(chan error, 1)
	go func() { backed <- c.Backup(t.Context(), &backup) }()
	<-begun
	short, cancel := context.WithCancel(t.Context())
	cancel()
	if err := o.admin.Leave(short); !errors.Is(err, context.Canceled) {
		t.Errorf("leaving without patience: %v", err)
	}
	_, err := c.CreateKey(t.Context(), tokenDraft(t, "one"))
	mustBe(t, err, server.ErrGone, server.ErrNotDone, model.ErrUnavailable)
	mustBe(t, dialError(t, o.dir), server.ErrGone, server.ErrNotDone)
	go func() { left <- o.admin.Leave(t.Context()) }()
	close(finish)
	if err := errors.Join(<-backed, <-left); err != nil || backup.String() != "backup" {
		t.Errorf("%v, %q", err, &backup)
	}
}

// TestDrain: while a long call keeps the owner from leaving, short calls and
// streams go on, and no other long call begins.
func TestDrain(t *testing.T) {
	begun, finish := make(chan struct{}), make(chan struct{})
	o := newOwner(t, func(_ *owner, a *server.AdminOptions) {
		a.Diagnose = func(context.Context) (json.RawMessage, error) {
			close(begun)
			<-finish
			return json.RawMessage(`{"sound":true}`), nil
		}
	})
	c := o.dial(t, server.ClientOptions{})
	found, left := make(chan string, 1), make(chan error, 1)
	go func() {
		text, err := c.Diagnose(t.Context())
		if err != nil {
			t.Error(err)
		}
		found <- string(text)
	}()
	<-begun
	go func() { left <- o.admin.Leave(t.Context()) }()
	for { // until Leave has begun
		_, err := c.VerifyAudit(t.Context())
		if err != nil {
			mustBe(t, err, server.ErrGone, server.ErrNotDone)
			break
		}
	}
	if _, err := c.CreateKey(t.Context(), tokenDraft(t, "one")); err != nil {
		t.Error(err)
	}
	enough := errors.New("enough")
	err := c.Follow(t.Context(), model.Following{}, func(model.Update, func(uint64)) error { return enough })
	if err != enough {
		t.Errorf("following: %v", err)
	}
	mustBe(t, dialError(t, o.dir), server.ErrGone, server.ErrNotDone) // it would spin
	close(finish)
	if err := <-left; err != nil {
		t.Error(err)
	}
	if text := <-found; text != `{"sound":true}` {
		t.Errorf("found %s", text)
	}
	_, err = c.Key(t.Context(), "one")
	mustBe(t, err, server.ErrGone, server.ErrNotDone)
}

// TestNotTaken: what the process does not begin, for it is about to leave, was
// not done.
func TestNotTaken(t *testing.T) {
	o := newOwner(t, func(_ *owner, a *server.AdminOptions) {
		a.Backup = func(context.Context, io.Writer) error { return server.ErrNotDone }
	})
	mustBe(t, o.dial(t, server.ClientOptions{}).Backup(t.Context(), io.Discard), server.ErrGone, server.ErrNotDone)
}

// TestStoppedStore: that the store does not answer is not that its owner does
// not.
func TestStoppedStore(t *testing.T) {
	o := newOwner(t, nil)
	c := o.dial(t, server.ClientOptions{})
	if _, err := c.CreateKey(t.Context(), tokenDraft(t, "one")); err != nil {
		t.Fatal(err)
	}
	stopped := fmt.Errorf("the store stopped after a write that failed: open it again (%w)", model.ErrUnavailable)
	o.store.failNext(stopped)
	_, err := c.SetKeyEnabled(t.Context(), "one", false)
	mustBe(t, err, model.ErrUnavailable)
	var link *server.LinkError
	if errors.As(err, &link) || err.Error() != stopped.Error() {
		t.Errorf("error %#v", err)
	}
}

// TestStart: the name can be removed as soon as Start was called.
func TestStart(t *testing.T) {
	o := newOwner(t, nil)
	for i := range 20 {
		dir := shortDir(t)
		l, err := server.ListenAdmin(dir)
		if err != nil {
			t.Fatal(err)
		}
		a := server.NewAdmin(server.AdminOptions{UID: os.Getuid(), Service: func() *model.Service { return o.service }, Hello: func() server.Hello {
			return server.Hello{Protocol: server.AdminProtocol, State: server.StateReady}
		}})
		a.Start(l)
		if i == 0 {
			c, err := server.Dial(t.Context(), dir, server.ClientOptions{})
			if err != nil {
				t.Fatal(err)
			}
			c.Close()
		}
		if err := a.Unlink(); err != nil {
			t.Error(err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
			t.Errorf("left: %v, %v", left, err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestLeaveKeepsPromises: a change in flight is confirmed by who follows, and
// only then do streams end.
func TestLeaveKeepsPromises(t *testing.T) {
	o := newOwner(t, nil)
	c := o.dial(t, server.ClientOptions{})
	if _, err := c.CreateKey(t.Context(), tokenDraft(t, "one")); err != nil {
		t.Fatal(err)
	}
	based, got, goOn := make(chan struct{}), make(chan struct{}), make(chan struct{})
	followed, changed, left := make(chan error, 1), make(chan error, 1), make(chan error, 1)
	go func() {
		followed <- c.Follow(t.Context(), model.Following{Decides: true}, func(u model.Update, ack func(uint64)) error {
			if u.Base {
				close(based)
				return nil
			}
			close(got)
			<-goOn
			ack(u.Head.Seq)
			return nil
		})
	}()
	<-based
	var r model.Receipt
	go func() {
		_, err := c.SetKeyEnabled(model.WithReceipt(t.Context(), &r), "one", false)
		changed <- err
	}()
	<-got
	go func() { left <- o.admin.Leave(t.Context()) }()
	for { // until Leave has begun
		_, err := c.Key(t.Context(), "one")
		if err != nil {
			mustBe(t, err, server.ErrGone, server.ErrNotDone)
			break
		}
	}
	close(goOn)
	if err := errors.Join(<-changed, <-left); err != nil || r.Serves != 1 || r.InForce != 1 {
		t.Errorf("%v, %+v", err, r)
	}
	mustBe(t, <-followed, server.ErrGone)
}

// TestKilled: an owner that dies during a call leaves its outcome unknown.
func TestKilled(t *testing.T) {
	begun := make(chan struct{})
	o := newOwner(t, func(_ *owner, a *server.AdminOptions) {
		a.Diagnose = func(ctx context.Context) (json.RawMessage, error) {
			close(begun)
			<-ctx.Done()
			return nil, ctx.Err()
		}
	})
	c := o.dial(t, server.ClientOptions{})
	ended := make(chan error, 1)
	go func() {
		_, err := c.Diagnose(t.Context())
		ended <- err
	}()
	<-begun
	o.close(t)
	mustBe(t, <-ended, server.ErrGone, model.ErrUnavailable)
}

// TestGivenUp: the caller's own end is the error, and the owner's handler ends.
func TestGivenUp(t *testing.T) {
	begun, over := make(chan struct{}), make(chan struct{})
	o := newOwner(t, func(_ *owner, a *server.AdminOptions) {
		a.Diagnose = func(ctx context.Context) (json.RawMessage, error) {
			close(begun)
			<-ctx.Done()
			close(over)
			return nil, ctx.Err()
		}
	})
	c := o.dial(t, server.ClientOptions{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-begun
		cancel()
	}()
	_, err := c.Diagnose(ctx)
	mustBe(t, err, context.Canceled)
	<-over
}

func TestBackup(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	for _, test := range []struct {
		name  string
		write int // bytes before the error
		err   error
	}{
		{"whole", len(data), nil},
		{"empty", 0, nil},
		{"refused", 0, model.ErrDegraded},
		{"broken off", 1 << 18, model.ErrNoSpace},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := newOwner(t, func(_ *owner, a *server.AdminOptions) {
				a.Backup = func(_ context.Context, w io.Writer) error {
					if test.write > 0 {
						if _, err := w.Write(data[:test.write]); err != nil {
							return err
						}
					}
					return test.err
				}
			})
			var got bytes.Buffer
			err := o.dial(t, server.ClientOptions{}).Backup(t.Context(), &got)
			if !errors.Is(err, test.err) {
				t.Errorf("error %v, want %v", err, test.err)
			}
			if !bytes.Equal(got.Bytes(), data[:test.write]) {
				t.Errorf("%d bytes arrived, want %d", got.Len(), test.write)
			}
		})
	}
}

type fullWriter struct{ err error }

func (w fullWriter) Write([]byte) (int, error) { return 0, w.err }

func TestBackupToNowhere(t *testing.T) {
	o := newOwner(t, func(_ *owner, a *server.AdminOptions) {
		a.Backup = func(_ context.Context, w io.Writer) error {
			for {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return err
				}
			}
		}
	})
	full := errors.New("full")
	err := o.dial(t, server.ClientOptions{}).Backup(t.Context(), fullWriter{full})
	if err != full {
		t.Errorf("error %v", err)
	}
}

// TestCutOff: an owner that dies in the middle of a backup does not leave half
// of one as a whole.
func TestCutOff(t *testing.T) {
	begun := make(chan struct{})
	o := newOwner(t, func(_ *owner, a *server.AdminOptions) {
		a.Backup = func(ctx context.Context, w io.Writer) error {
			_, err := w.Write(make([]byte, 1<<16))
			close(begun)
			<-ctx.Done()
			return errors.Join(err, ctx.Err())
		}
	})
	c := o.dial(t, server.ClientOptions{})
	ended := make(chan error, 1)
	go func() { ended <- c.Backup(t.Context(), io.Discard) }()
	<-begun
	o.close(t)
	mustBe(t, <-ended, server.ErrGone)
}

func TestUsage(t *testing.T) {
	o := newOwner(t, nil)
	c := o.dial(t, server.ClientOptions{})
	info, err := c.CreateKey(t.Context(), tokenDraft(t, "one"))
	if err != nil {
		t.Fatal(err)
	}
	used := model.Usage{Key: info.ID, Slot: model.Primary, Last: model.At(adminStart), Remote: "10.0.0.7", Allowed: 2, Denied: 1}
	want := &model.SlotUsage{LastUsed: used.Last, Remote: used.Remote, Allowed: 5000, Denied: 2500}
	today := int32(adminStart.Unix() / (24 * 60 * 60))
	for d := range model.UsageDays { // as much as there can be, of which 2500 do not fit into one message
		used.Days = append(used.Days, model.DayUse{Day: today - int32(model.UsageDays-1-d), Allowed: 1 << 20, Denied: 1 << 20})
		begin := time.Unix(int64(used.Days[d].Day)*24*60*60, 0)
		want.Days = append(want.Days, model.DayCalls{Day: model.At(begin), Allowed: 2500 << 20, Denied: 2500 << 20})
	}
	for i := range model.MaxCallers {
		used.Callers = append(used.Callers, model.CallerUse{Remote: fmt.Sprintf("2001:db8:ffff:ffff:ffff:ffff:ffff:fff%d", i), Last: used.Last})
	}
	want.Callers = used.Callers
	list := make([]model.Usage, 2500)
	for i := range list {
		list[i] = used
	}
	if err := c.AddUsage(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	if info, err = c.Key(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, info.Slot(model.Primary).Usage); diff != "" {
		t.Error(diff)
	}
}

// TestStrangers: what dials without speaking the protocol harms nobody.
func TestStrangers(t *testing.T) {
	o := newOwner(t, nil)
	for _, text := range []string{"", "GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x00\x05hello", strings.Repeat("x", 100<<10)} {
		conn, err := net.Dial("unix", filepath.Join(o.dir, "admin.sock"))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, text) // It may be cut off while it talks.
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
	o.dial(t, server.ClientOptions{})
}
