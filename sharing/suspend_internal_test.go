package sharing

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"testing"

	"dev.keyward/keyward/model"
)

// TestResumeWhileSuspending: who takes part again before it has let go of
// everything takes part, and is not suspended once more by what still waits.
func TestResumeWhileSuspending(t *testing.T) {
	m := &Member{changed: make(chan struct{}), o: Options{Rank: model.RankConsole}, ctx: t.Context()}
	m.place = &place{m: m, lose: func() {}} // which takes its time to be left
	let, stop := context.WithCancel(t.Context())
	defer stop()
	suspended := make(chan error)
	go func() { suspended <- m.Suspend(let) }()
	for !m.isSuspended() {
		m.mu.Lock()
		changed := m.changed
		is := m.suspended
		m.mu.Unlock()
		if !is {
			<-changed
		}
	}
	if err := m.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.mu.Lock()
	m.wake() // anything
	m.mu.Unlock()
	stop()
	if err := <-suspended; err == nil {
		t.Error("it says that it let go of everything")
	}
	if m.isSuspended() {
		t.Error("it is suspended, and nobody resumes it any more")
	}
}

// TestResumeForgets: what went wrong before the suspension is no answer to the
// question whether the member takes part after it, and what goes wrong then is
// one, also in the same words and not that of an attempt from before.
func TestResumeForgets(t *testing.T) {
	silent := &SilentError{Dir: "/data"}
	suspended := func() *Member {
		m := &Member{changed: make(chan struct{}), o: Options{Rank: model.RankConsole, Log: slog.New(slog.DiscardHandler)}, ctx: t.Context()}
		m.suspended, m.lastError, m.standing.Stale = true, silent, silent.Error()
		return m
	}
	over, end := context.WithCancel(t.Context())
	end()
	if err := suspended().Resume(over); errors.Is(err, silent) {
		t.Errorf("it says %v, of before", err)
	}
	m := suspended()
	told := make(chan error)
	go func() { told <- m.Resume(t.Context()) }()
	for m.isSuspended() {
		runtime.Gosched()
	}
	m.failed(errors.New("of before"), 0)
	m.failed(silent, m.resumptions())
	if err := <-told; !errors.Is(err, silent) {
		t.Errorf("it says %v, not what goes wrong now", err)
	}
}
