package tui

import (
	"context"
	"io"
	"os"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
)

// runtime is what every screen shares: the way to the world outside, used by
// commands only, and how things look.
type runtime struct {
	Options
	styles *styles
	ctx    context.Context // the console's; ends when it quits
	cancel context.CancelFunc
	output io.Writer // the terminal, one whole write at a time
	sleep  func(ctx context.Context, d time.Duration)

	standings chan standingMsg // the newest one that nobody has seen; nil: nobody else has the store
	stops     *stopSignals     // nil: nobody asks this process to stop but the user

	taking *taking // the newest attempt to take part again, or nil; Update only

	pid   int           // of this process
	local localEndpoint // Update and View only

	usual    string      // where samples call where no endpoint is known
	unserved bool        // no endpoint answers on the store, as far as is known; Update and View only
	answers  bool        // an endpoint answers at Endpoint, as far as is known
	served   lastServing // Update and View only

	touring bool // the tour is under way; Update and View only

	degraded string // why nothing can be changed, "": it can; Update and View only

	mu      sync.Mutex
	newest  standingMsg   // what was told last
	told    chan struct{} // closed when something else is
	closed  bool
	running sync.WaitGroup
	request int // number of the newest request; see next
}

func newRuntime(ctx context.Context, o Options, r *lipgloss.Renderer) *runtime {
	ctx, cancel := context.WithCancel(ctx)
	s := newStyles(r)
	s.ascii = o.ASCII || asciiLocale(o.Env)
	if o.Endpoint == "" {
		o.Endpoint = "https://localhost:8443"
	}
	return &runtime{Options: o, usual: o.Endpoint, pid: os.Getpid(), styles: s, ctx: ctx, cancel: cancel, output: o.Output, sleep: sleep}
}

// next numbers a request. A screen keeps the number of its newest one and drops
// a result that carries another. Only Update calls it.
func (rt *runtime) next() int {
	rt.request++
	return rt.request
}

// How long a command may take before it says that there is no answer.
const (
	quickly  = 10 * time.Second
	patient  = 2 * time.Minute // generating a large RSA key on a small machine
	longTime = 10 * time.Minute
)

// do returns a command that calls fn within the console's lifetime and limit.
// fn captures values, never a screen, and returns one message that holds its
// data and its error.
func (rt *runtime) do(limit time.Duration, fn func(ctx context.Context) tea.Msg) tea.Cmd {
	return rt.wait(func(ctx context.Context) tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		return fn(ctx)
	})
}

// wait is do without a limit but the console's lifetime.
func (rt *runtime) wait(fn func(ctx context.Context) tea.Msg) tea.Cmd {
	return func() tea.Msg {
		if !rt.begin() {
			return nil
		}
		defer rt.running.Done()
		return fn(rt.ctx)
	}
}

// begin counts a command in, unless the console is quitting.
func (rt *runtime) begin() bool {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	if rt.closed {
		return false
	}
	rt.running.Add(1)
	return true
}

// close ends every command and waits for it: Bubble Tea does not, and the
// store closes next.
func (rt *runtime) close() {
	rt.mu.Lock()
	rt.closed = true
	rt.mu.Unlock()
	rt.cancel()
	rt.running.Wait()
}

// after returns a command that sends msg once d has passed, or nothing when the
// console quits first.
func (rt *runtime) after(d time.Duration, msg tea.Msg) tea.Cmd {
	return func() tea.Msg {
		rt.sleep(rt.ctx, d)
		if rt.ctx.Err() != nil {
			return nil
		}
		return msg
	}
}

// sleep waits for d or for the end of ctx.
func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
