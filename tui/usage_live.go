package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// usageEvery is how often the screens that show how keys are used load that
// anew. It reaches the owner every 30 s and is no change of the store, so that
// nobody tells of it; half of that is soon enough.
const usageEvery = 15 * time.Second

// usageTickMsg comes every usageEvery.
type usageTickMsg struct{}

// usedMsg has the screens that show how keys are used load anew, unless they are
// being loaded already.
type usedMsg struct{}

// nextUsage begins the wait for the next usageTickMsg.
func (a *app) nextUsage() tea.Cmd { return a.rt.after(usageEvery, usageTickMsg{}) }

// usageTick has usage loaded anew, but for a console that is about to be
// suspended, an owner who does not answer, a store that knows nothing of it, and
// screens that were loaded just now.
func (a *app) usageTick() tea.Cmd {
	s := &a.shared
	if s.letting || s.resuming || s.resting || a.stale() != "" || s.standing.Degraded != "" {
		return a.nextUsage()
	}
	return tea.Batch(a.broadcast(usedMsg{}), a.nextUsage())
}
