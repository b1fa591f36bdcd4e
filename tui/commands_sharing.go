package tui

import (
	"context"
	"errors"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// watch begins to listen to the other processes at the store, and to whoever
// wants this one stopped. The function that it returns ends the latter; the
// former ends with the runtime, which waits for it.
func (rt *runtime) watch() (stop func()) {
	if rt.Sharing == nil || !rt.begin() {
		return func() {}
	}
	rt.listen()
	stop = func() {}
	if !rt.remote() {
		rt.stops = newStopSignals()
		stop = rt.stops.close
	}
	go func() {
		defer rt.running.Done()
		for rt.ctx.Err() == nil {
			err := rt.Sharing.Watch(rt.ctx, func(st model.Standing) { rt.tell(standingMsg{standing: st}) })
			if err == nil {
				err = errors.New("nothing is heard of the other processes: trying again")
			}
			rt.tell(standingMsg{err: err})
			sleep(rt.ctx, watchAgain)
		}
	}()
	return stop
}

// listen makes room for what is told of the other processes.
func (rt *runtime) listen() {
	rt.standings, rt.told = make(chan standingMsg, 1), make(chan struct{})
}

// watchAgain is how long the console waits before it listens again after that
// ended.
const watchAgain = time.Second

// tell puts msg where nextStanding finds it, in place of an older one: whoever
// calls it never waits for the console, which may be stopped.
func (rt *runtime) tell(msg standingMsg) {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	select {
	case <-rt.standings:
	default:
	}
	rt.standings <- msg
	close(rt.told)
	rt.newest, rt.told = msg, make(chan struct{})
}

// nextStanding waits for the next standing.
func (rt *runtime) nextStanding() tea.Cmd {
	if rt.standings == nil {
		return nil
	}
	return rt.wait(func(ctx context.Context) tea.Msg {
		select {
		case msg := <-rt.standings:
			return msg
		case <-ctx.Done():
			return nil
		}
	})
}

// nextStop waits for somebody who wants the process stopped.
func (rt *runtime) nextStop() tea.Cmd {
	if rt.stops == nil {
		return nil
	}
	return rt.wait(func(ctx context.Context) tea.Msg {
		select {
		case <-rt.stops.come:
			return stopMsg{}
		case <-ctx.Done():
			return nil
		}
	})
}

// letGoTime bounds how long the process goes on after it was told to stop.
const letGoTime = 3 * time.Second

// letGo lets others have the store while the process is stopped. The process
// stops whatever comes of it: the owner's kernel lock is all that is left then,
// and a newcomer says whose it is.
func (rt *runtime) letGo() tea.Cmd {
	before := rt.taking
	return rt.do(letGoTime, func(ctx context.Context) tea.Msg {
		before.end(ctx)
		if rt.begin() { // it may go on for longer than it was given
			_ = blocking(ctx, context.DeadlineExceeded, func() error {
				defer rt.running.Done()
				return rt.Sharing.Suspend(ctx)
			})
		}
		rt.stops.release()
		return nil
	})
}

// takePart takes part again after the process was stopped, unless the next
// suspension is quicker.
func (rt *runtime) takePart() tea.Cmd {
	now := &taking{over: make(chan struct{})}
	now.ctx, now.cancel = context.WithCancel(rt.ctx)
	rt.taking = now
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		if !now.begin() {
			return nil
		}
		defer now.cancel()
		defer close(now.over)
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(now.ctx, cancel)()
		rt.stops.take()
		return resumedMsg{rt.Sharing.Resume(ctx)}
	})
}

// taking is one attempt to take part again. Who lets go of the store ends it
// first: one that went on beside would take the store back under a process that
// stops, and the signal that is to stop it for somebody else's.
type taking struct {
	ctx    context.Context
	cancel context.CancelFunc
	over   chan struct{} // closed when what was begun is over

	mu           sync.Mutex
	begun, ended bool
}

// begin reports whether the attempt is to be made.
func (t *taking) begin() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.begun = !t.ended
	return t.begun
}

// end ends the attempt, and waits for that until ctx ends. There may be none.
func (t *taking) end(ctx context.Context) {
	if t == nil {
		return
	}
	t.mu.Lock()
	t.ended = true
	begun := t.begun
	t.mu.Unlock()
	t.cancel()
	if !begun {
		return
	}
	select {
	case <-t.over:
	case <-ctx.Done():
	}
}
