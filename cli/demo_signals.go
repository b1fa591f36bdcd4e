package cli

import (
	"os"
	"os/signal"
	"syscall"
)

// holdSignals keeps the signals that end the process in good order from ending it
// at once when they come a second time, until release is called: what the demo
// made is removed first. Whoever presses ctrl+c three times sends some of them
// while that goes on, since the terminal is its own again by then. SIGQUIT and
// SIGKILL end it as ever.
func holdSignals() (release func()) {
	ignored := make(chan os.Signal, 1) // nobody reads it, and what finds no room is dropped
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		if !signal.Ignored(s) {
			signal.Notify(ignored, s)
		}
	}
	return func() { signal.Stop(ignored) }
}
