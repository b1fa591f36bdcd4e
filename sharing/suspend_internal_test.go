package sharing

import (
	"context"
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
