//go:build unix

package sharing_test

import (
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/sharing"
)

// TestNothingIsToldTwice: an endpoint tells the next owner of the store anew what
// it told the one before, and who watches sees each call once: in a list that
// goes on, in one that is opened anew, in a console that comes later, and over
// SSH at an endpoint.
func TestNothingIsToldTwice(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	first := join(t, dir, model.RankServe)
	await(t, first, "it owns the store", mine)
	second := join(t, dir, model.RankServe)
	t.Setenv("SHARING_TEST_CALLS", "1")
	endpoint := start(t, dir, model.RankServe)
	endpoint.says("owner=" + strconv.Itoa(syscall.Getpid()))
	console := join(t, dir, model.RankConsole)
	pid := endpoint.cmd.Process.Pid
	here, there := watch(t, console, pid), watch(t, second, pid)
	here.more(100)
	there.more(100)

	endpoint.signal(syscall.SIGSTOP) // so that it is not the one to get the store
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	await(t, second, "it owns the store", mine)
	endpoint.signal(syscall.SIGCONT)
	here.more(100) // which sees to it that each comes after the one before
	there.more(100)
	later := join(t, dir, model.RankConsole)
	for name, m := range map[string]*sharing.Member{"console": console, "endpoint": second, "console that came later": later} {
		once(t, name, m)
	}
}

// once sees to it that a list which is opened anew has each call once, in the
// order of the numbers.
func once(t *testing.T, name string, m *sharing.Member) {
	t.Helper()
	page, err := m.Activity(t.Context(), model.ActivityQuery{Limit: model.MaxPage})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i, r := range page.Records {
		call := r.Path + " " + r.Reason.String()
		if seen[call] {
			t.Errorf("%s: %s comes twice", name, call)
		}
		if seen[call] = true; i > 0 && r.Number <= page.Records[i-1].Number {
			t.Errorf("%s: %d comes after %d", name, r.Number, page.Records[i-1].Number)
		}
	}
	if len(seen) < 200 {
		t.Errorf("%s has %d calls", name, len(seen))
	}
}

// TestOwnerThatBecomesAClient: an endpoint that owned the store brings the next
// owner what it decided itself. What others brought it they tell by themselves.
func TestOwnerThatBecomesAClient(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	first := join(t, dir, model.RankServe)
	await(t, first, "it owns the store", mine)
	second := join(t, dir, model.RankServe)
	t.Setenv("SHARING_TEST_CALLS", "1")
	endpoint := start(t, dir, model.RankServe)
	endpoint.says("owner=" + strconv.Itoa(syscall.Getpid()))
	pid := endpoint.cmd.Process.Pid
	there := watch(t, second, pid)
	there.more(50)

	endpoint.signal(syscall.SIGSTOP)
	if err := first.Suspend(t.Context()); err != nil {
		t.Fatal(err)
	}
	await(t, second, "it owns the store", mine)
	first.Announce([]string{"https://127.0.0.1:2"})
	if err := first.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	d := model.Decision{Reason: model.KeyDisabled}
	first.Recorder().Keep(&model.Request{Method: "GET", Path: "/own"}, &d, model.Observed{At: time.Now()})
	for late := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		page, err := second.Activity(t.Context(), model.ActivityQuery{Refused: true, Limit: model.MaxPage})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(page.Records); n > 0 && page.Records[n-1].Path == "/own" {
			break
		}
		if time.Now().After(late) {
			t.Fatal("its own decision never comes")
		}
	}
	endpoint.signal(syscall.SIGCONT)
	there.more(50)
	once(t, "endpoint", second)
}
