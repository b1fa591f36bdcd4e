package cli

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/sharing"
)

// TestSuspendedWhileAnEndpointIsStarted: a process that stops while it starts an
// endpoint has no part in the store, neither where it waits for the endpoint nor
// where it does not any more, and the endpoint takes part when it goes on.
func TestSuspendedWhileAnEndpointIsStarted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("one process has the directory there")
	}
	for name, waits := range map[string]bool{"waited for": true, "given up": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root, err := os.MkdirTemp("", "kw") // the path of a socket is short
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.RemoveAll(root) })
			a := newApp(Env{Now: time.Now, Getenv: func(string) string { return "" }})
			console := joins(t, a, filepath.Join(root, "d"), model.RankConsole)
			var gated atomic.Bool // once: whoever looks at the clock first is about to take part
			reached, goOn := make(chan struct{}), make(chan struct{})
			a.env.Now = func() time.Time {
				if gated.CompareAndSwap(false, true) {
					close(reached)
					<-goOn
				}
				return time.Now()
			}
			b := &beside{app: a, dir: console.Dir(), console: console}
			shared := both{console, b}
			started := make(chan error, 1)
			go func() {
				_, err := b.Start(t.Context())
				started <- err
			}()
			<-reached
			patience, giveUp := context.WithCancel(t.Context())
			defer giveUp()
			suspended := make(chan error, 1)
			go func() { suspended <- shared.Suspend(patience) }()
			for console.Standing().Mine {
				time.Sleep(time.Millisecond)
			}
			if !waits {
				giveUp()
				if err := <-suspended; err == nil {
					t.Error("it says that the endpoint let go of everything")
				}
			}
			close(goOn)
			if err := <-started; err != nil {
				t.Fatal(err)
			}
			if waits {
				if err := <-suspended; err != nil {
					t.Fatal(err)
				}
			}
			defer func() {
				if err := b.close(); err != nil {
					t.Error(err)
				}
			}()
			other := joins(t, newApp(Env{Now: time.Now, Getenv: a.env.Getenv}), console.Dir(), model.RankCommand)
			if !other.Standing().Mine {
				t.Errorf("the store is still had by %v", other.Standing().Owner)
			}
			if err := other.Close(); err != nil {
				t.Error(err)
			}
			if err := shared.Resume(t.Context()); err != nil {
				t.Error(err)
			}
			if b.running().member.Snapshot() == nil {
				t.Error("the endpoint decides nothing")
			}
		})
	}
}

// joins takes part in dir until the test ends.
func joins(t *testing.T, a *app, dir string, rank model.Rank) *sharing.Member {
	t.Helper()
	m, err := sharing.Join(t.Context(), a.sharing(dir, rank))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}
