//go:build unix

package sharing_test

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// TestActivityOfAnEndpointThatEnded: a console that watched has what the
// endpoint decided, its last decision too, when that is gone and the console
// owns the store, also for a list that begins anew.
func TestActivityOfAnEndpointThatEnded(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	t.Setenv("SHARING_TEST_CALLS", "1")
	endpoint := start(t, dir, model.RankServe)
	endpoint.says("mine=true")
	console := join(t, dir, model.RankConsole)
	w := watch(t, console, endpoint.cmd.Process.Pid)
	w.more(20)
	endpoint.signal(syscall.SIGKILL)
	await(t, console, "it owns the store", func(s model.Standing) bool { return s.Mine })
	page, err := console.Activity(t.Context(), model.ActivityQuery{Limit: model.MaxPage})
	if err != nil || len(page.Serving) != 0 {
		t.Fatalf("%+v, %v", page.Serving, err)
	}
	last := map[bool]string{}
	for i, r := range page.Records {
		if last[r.Allowed()] = r.Path; i > 0 && r.Number <= page.Records[i-1].Number {
			t.Fatalf("%+v comes after %+v", r, page.Records[i-1])
		}
	}
	if len(page.Records) < 40 || last[true] == "" || last[false] == "" {
		t.Errorf("%d records, the last ones %v", len(page.Records), last)
	}
	narrow, err := console.Activity(t.Context(), model.ActivityQuery{Refused: true, Limit: 5})
	if err != nil || len(narrow.Records) != 5 || narrow.Records[4].Allowed() {
		t.Errorf("%+v, %v", narrow, err)
	}
}

// TestLastDecisionsAreSeen: an endpoint that owns the store leaves once those
// who watch have seen its last decision, and does not wait for those who do not.
func TestLastDecisionsAreSeen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	endpoint := join(t, dir, model.RankServe)
	endpoint.WaitForWatchers(time.Minute)
	console := join(t, dir, model.RankConsole)
	endpoint.Announce([]string{"https://127.0.0.1:1"})
	first, err := console.Activity(t.Context(), model.ActivityQuery{})
	if err != nil {
		t.Fatal(err)
	}
	d := model.Decision{Reason: model.RouteUnknown}
	endpoint.Recorder().Keep(&model.Request{Method: "GET", Path: "/last"}, &d, model.Observed{At: time.Now(), PID: 1})
	left := make(chan error, 1)
	go func() { left <- endpoint.Close() }()
	select {
	case err := <-left:
		t.Fatalf("it left with what nobody had seen, %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	page, err := console.Activity(t.Context(), model.ActivityQuery{After: first.Next})
	if err != nil || len(page.Records) != 1 || page.Records[0].Path != "/last" {
		t.Errorf("%+v, %v", page, err)
	}
	if err := <-left; err != nil {
		t.Error(err)
	}
}
