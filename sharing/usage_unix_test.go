//go:build unix

package sharing

import (
	"bytes"
	"crypto/rand"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

// TestUsageCountsOnce: what the owner took in and whose answer was lost is told
// again, and counts once; what is counted later is told after it.
func TestUsageCountsOnce(t *testing.T) {
	owner, err := Join(t.Context(), Options{Dir: shortDir(t), Rank: model.RankServe})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := owner.Close(); err != nil {
			t.Error(err)
		}
	})
	var held [2]model.Holding
	for i := range held {
		secret, err := model.NewSecret(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		held[i] = secret.Hold()
	}
	key, err := owner.CreateKey(t.Context(), model.KeyDraft{Name: "orders", Kind: model.TokenKey, Environment: "Test", Primary: held[0], Secondary: held[1]})
	if err != nil {
		t.Fatal(err)
	}
	link := &lossy{to: owner.Dir()}
	client, err := server.Dial(t.Context(), link.listen(t), server.ClientOptions{Self: model.Peer{Rank: model.RankServe}})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	m := &Member{meter: &model.Meter{}, untold: untold{run: 7}}
	p := &place{m: m, client: client}
	for call, loses := range []bool{true, true, false, false} {
		link.loses.Store(loses)
		m.meter.Return([]model.Usage{{Key: key.ID, Slot: model.Primary, Allowed: 1, Last: 1}})
		p.tell(t.Context())
		if lost := len(m.untold.batches) > 0; lost != loses {
			t.Fatalf("%d: an answer was lost: %v", call, lost)
		}
	}
	info, err := owner.Key(t.Context(), "orders")
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Slot(model.Primary).Usage.Allowed; got != 4 {
		t.Errorf("counted are %d, want 4", got)
	}
}

// lossy is a way to the owner of the directory to that loses answers.
type lossy struct {
	to    string
	loses atomic.Bool // those to what is counted
}

// listen returns the directory in which the owner seems to be.
func (l *lossy) listen(t *testing.T) string {
	t.Helper()
	dir := shortDir(t)
	listener, err := net.Listen("unix", filepath.Join(dir, "admin.sock"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			go l.pass(from)
		}
	}()
	return dir
}

// pass passes on what comes and what is answered, until an answer is to be lost.
func (l *lossy) pass(from net.Conn) {
	defer func() { _ = from.Close() }()
	to, err := net.Dial("unix", filepath.Join(l.to, "admin.sock"))
	if err != nil {
		return
	}
	defer func() { _ = to.Close() }()
	var counted atomic.Bool
	go func() {
		_, _ = io.Copy(to, io.TeeReader(from, writer(func(b []byte) {
			counted.Store(counted.Load() || bytes.Contains(b, []byte("/AddUsage")))
		})))
		_ = to.Close()
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, err := to.Read(buffer)
		if err != nil || counted.Load() && l.loses.Load() {
			return
		}
		if _, err := from.Write(buffer[:n]); err != nil {
			return
		}
	}
}

type writer func([]byte)

func (w writer) Write(b []byte) (int, error) { w(b); return len(b), nil }

// shortDir is a directory whose path a socket has room in.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "kw")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
