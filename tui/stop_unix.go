//go:build unix

package tui

import (
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// stopSignals are the requests of others to stop this process (SIGTSTP), which
// it heeds only after it has let go of the store. Bubble Tea asks in the same
// way, its own process group, once the terminal is as it was, and then waits
// until the process is told to go on. All methods but close work on nil, where
// the system stops the process itself.
type stopSignals struct {
	come     chan struct{} // somebody wants the process stopped
	signals  chan os.Signal
	released atomic.Bool // the next signal is Bubble Tea's
	taken    atomic.Int64
	done     chan struct{}
	once     sync.Once
}

func newStopSignals() *stopSignals {
	s := &stopSignals{come: make(chan struct{}, 1), signals: make(chan os.Signal, 1), done: make(chan struct{})}
	signal.Notify(s.signals, syscall.SIGTSTP)
	go s.listen()
	return s
}

func (s *stopSignals) listen() {
	for {
		select {
		case <-s.signals:
		case <-s.done:
			return
		}
		if s.released.Load() {
			s.stop()
			continue
		}
		select {
		case s.come <- struct{}{}:
		default: // it is known
		}
	}
}

// stopTime is how long a process takes at most to stop that told itself to.
const stopTime = 500 * time.Millisecond

// stop stops the process. Go never gives SIGTSTP back to the system once it
// was asked for it, so that another signal that stops has to do. The system
// stops no process by those that no shell could continue (POSIX: whose group is
// orphaned, as under "tmux new keyward"); such a one is told to go on, or Bubble
// Tea would wait for ever.
func (s *stopSignals) stop() {
	taken := s.taken.Load()
	_ = syscall.Kill(os.Getpid(), syscall.SIGTTOU)
	time.Sleep(stopTime)
	if s.taken.Load() == taken { // else it was stopped, and goes on
		_ = syscall.Kill(os.Getpid(), syscall.SIGCONT)
	}
}

// release has the next signal stop the process, and take no longer.
func (s *stopSignals) release() {
	if s != nil {
		s.released.Store(true)
	}
}

func (s *stopSignals) take() {
	if s != nil {
		s.released.Store(false)
		s.taken.Add(1)
	}
}

// close ends the listening.
func (s *stopSignals) close() {
	s.once.Do(func() {
		signal.Stop(s.signals)
		close(s.done)
	})
}
