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
	goesOn   atomic.Pointer[func()] // called when the process goes on that was stopped without being asked
	done     chan struct{}
	once     sync.Once
}

func newStopSignals() *stopSignals {
	s := &stopSignals{come: make(chan struct{}, 1), signals: make(chan os.Signal, 4), done: make(chan struct{})}
	signal.Notify(s.signals, syscall.SIGTSTP, syscall.SIGCONT)
	go s.listen()
	return s
}

func (s *stopSignals) listen() {
	for {
		var got os.Signal
		select {
		case got = <-s.signals:
		case <-s.done:
			return
		}
		if got == syscall.SIGCONT {
			s.continued()
			continue
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

// continued takes the terminal again where the process was stopped by SIGSTOP,
// which nobody can heed: a shell has set it up for itself meanwhile. After a
// suspension of its own Bubble Tea does that.
func (s *stopSignals) continued() {
	if again := s.goesOn.Load(); again != nil && !s.released.Load() {
		(*again)()
	}
}

// whenContinued has fn called when the process goes on that was stopped without
// being asked.
func (s *stopSignals) whenContinued(fn func()) {
	if s != nil {
		s.goesOn.Store(&fn)
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
