package tui

import (
	"context"
	"io"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// The commands files hold the only functions that reach outside: the backend,
// the disk, the terminal, the clock and randomness. Each captures values and
// returns one message with its data and its error.

// askBackground asks the terminal for its background colour, but for those that
// would show the question.
func (rt *runtime) askBackground() tea.Cmd {
	if term := rt.Env("TERM"); term == "" || term == "dumb" || strings.HasPrefix(term, "linux") {
		return nil
	}
	return rt.do(quickly, func(context.Context) tea.Msg {
		// A terminal that cannot be written to shows itself soon enough.
		_, _ = io.WriteString(rt.output, askBackground)
		return nil
	})
}
