//go:build unix

package sharing_test

import (
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/sharing"
)

// callForEver records what an endpoint would decide: an allowed call and a
// refused one each few milliseconds, numbered in their paths.
func callForEver(m *sharing.Member) {
	m.Announce([]string{"https://127.0.0.1:1"})
	rec := m.Recorder()
	for n := 1; ; n++ {
		for _, d := range []model.Decision{{Reason: model.Allowed}, {Reason: model.RouteUnknown}} {
			now := time.Now()
			if rec.Count(d.Allowed(), now) {
				rec.Keep(&model.Request{Method: "GET", Path: "/" + strconv.Itoa(n)}, &d, model.Observed{At: now, PID: os.Getpid()})
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// watcher follows what one process's endpoint decides, and sees to it that
// nothing comes twice or is left out.
type watcher struct {
	t    *testing.T
	m    *sharing.Member
	pid  int
	next uint64
	last map[bool]int // the newest path's number, of allowed and refused calls
	page model.ActivityPage
}

func watch(t *testing.T, m *sharing.Member, pid int) *watcher {
	return &watcher{t: t, m: m, pid: pid, last: map[bool]int{}}
}

// more asks until that many calls more have come of each kind.
func (w *watcher) more(calls int) {
	w.t.Helper()
	var seen [2]int
	for late := time.Now().Add(patience); seen[0] < calls || seen[1] < calls; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(late) {
			w.t.Fatalf("%d allowed and %d refused calls came, want %d of each; the endpoints are %+v", seen[0], seen[1], calls, w.page.Serving)
		}
		page, err := w.m.Activity(w.t.Context(), model.ActivityQuery{After: w.next, Limit: model.MaxPage})
		if err != nil {
			w.t.Fatal(err)
		}
		if page.Missed != 0 && w.last[true] != 0 {
			w.t.Errorf("%d are missed", page.Missed)
		}
		w.page, w.next = page, page.Next
		for _, r := range page.Records {
			if r.PID != w.pid {
				continue
			}
			n, _ := strconv.Atoi(strings.TrimPrefix(r.Path, "/"))
			if before := w.last[r.Allowed()]; before != 0 && n != before+1 {
				w.t.Errorf("after call %d comes %d, allowed: %v", before, n, r.Allowed())
			}
			w.last[r.Allowed()] = n
			seen[map[bool]int{true: 0, false: 1}[r.Allowed()]]++
		}
	}
}

// serves reports whether the endpoint of the process is among those that run.
func (w *watcher) serves() bool {
	page, err := w.m.Activity(w.t.Context(), model.ActivityQuery{})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range page.Serving {
		if e.PID == w.pid {
			return len(e.Addresses) == 1 && e.Denied > 0
		}
	}
	return false
}

func (w *watcher) await(serves bool) {
	w.t.Helper()
	for late := time.Now().Add(patience); w.serves() != serves; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(late) {
			w.t.Fatalf("whether its endpoint runs is never %v", serves)
		}
	}
}

// console waits until the one console, of this process, is attached.
func (w *watcher) console() {
	w.t.Helper()
	for late := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		page, err := w.m.Activity(w.t.Context(), model.ActivityQuery{})
		if err != nil {
			w.t.Fatal(err)
		}
		if c := page.Consoles; len(c) == 1 && c[0].Rank == model.RankConsole && c[0].PID == os.Getpid() {
			return
		}
		if time.Now().After(late) {
			w.t.Fatalf("the consoles are %+v", page.Consoles)
		}
	}
}

// TestActivityOfAClient: an endpoint that does not own the store brings what it
// decides to whoever does, and who is attached sees it too; it is gone with its
// process.
func TestActivityOfAClient(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	owner := join(t, dir, model.RankServe)
	t.Setenv("SHARING_TEST_CALLS", "1")
	client := start(t, dir, model.RankServe)
	client.says("owner=" + strconv.Itoa(os.Getpid()))
	here := watch(t, owner, client.cmd.Process.Pid)
	here.await(true) // without anybody watching before
	here.more(100)
	console := join(t, dir, model.RankConsole)
	there := watch(t, console, here.pid)
	there.more(100)
	there.console()
	client.signal(syscall.SIGKILL)
	here.await(false)
	there.await(false)
}

// blocked is a writer that holds a backup up until it is released.
type blocked struct{ begun, release chan struct{} }

func (b blocked) Write(p []byte) (int, error) {
	select {
	case <-b.begun:
	default:
		close(b.begun)
	}
	<-b.release
	return len(p), nil
}

var _ io.Writer = blocked{}

// TestActivityOverAHandOver: while a console owns the store for a moment, the
// endpoint brings it what it decides; and when it gets the store, who watches
// goes on where it was.
func TestActivityOverAHandOver(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	console := join(t, dir, model.RankConsole)
	b := blocked{make(chan struct{}), make(chan struct{})}
	done := make(chan error, 1)
	go func() { done <- console.Backup(t.Context(), b) }()
	<-b.begun
	t.Setenv("SHARING_TEST_CALLS", "1")
	endpoint := start(t, dir, model.RankServe)
	endpoint.says("owner=" + strconv.Itoa(os.Getpid()))
	w := watch(t, console, endpoint.cmd.Process.Pid)
	w.more(50)
	w.console()
	close(b.release)
	if err := <-done; err != nil {
		t.Error(err)
	}
	endpoint.says("mine=true")
	await(t, console, "it follows", func(s model.Standing) bool { return s.Owner.PID == w.pid })
	w.more(100)
	w.console()
	w.await(true)
}
