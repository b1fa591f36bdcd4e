//go:build unix

package tui

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// stopSignals are the requests of others to stop this process (SIGTSTP), which
// it heeds only after it has let go of the store. Its methods work on nil, and
// do nothing.
type stopSignals struct {
	come chan os.Signal

	mu    sync.Mutex
	awake chan struct{} // closed when the process goes on
}

func newStopSignals() *stopSignals {
	s := &stopSignals{come: make(chan os.Signal, 1)}
	s.take()
	return s
}

// take takes the signals from now on, in place of the system.
func (s *stopSignals) take() {
	if s == nil {
		return
	}
	s.woken()
	signal.Notify(s.come, syscall.SIGTSTP)
}

// nudgeEvery is how long apart the process is told to go on that was not
// stopped.
const nudgeEvery = time.Second

// release leaves them to the system, so that the next one stops the process.
// Bubble Tea sends it and then waits until the process is told to go on, for
// ever where the system does not stop it: it stops no process without a shell
// that could continue it (POSIX calls its group orphaned). So the process tells
// itself; while it is stopped, it does not.
func (s *stopSignals) release() {
	if s == nil {
		return
	}
	signal.Stop(s.come)
	s.woken()
	awake := make(chan struct{})
	s.mu.Lock()
	s.awake = awake
	s.mu.Unlock()
	go func() {
		tick := time.NewTicker(nudgeEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				_ = syscall.Kill(os.Getpid(), syscall.SIGCONT)
			case <-awake:
				return
			}
		}
	}()
}

func (s *stopSignals) woken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.awake != nil {
		close(s.awake)
		s.awake = nil
	}
}

// close gives the signals back for good.
func (s *stopSignals) close() {
	if s == nil {
		return
	}
	signal.Stop(s.come)
	s.woken()
}
