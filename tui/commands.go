package tui

import (
	"context"
	"io"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// The commands files hold the only functions that reach outside: the backend,
// the disk, the terminal, the clock and randomness. Each captures values and
// returns one message with its data and its error.

// change is do for what changes the store: fn makes one change with the context
// that it is given, and finds in the receipt where that is in force.
func (rt *runtime) change(fn func(ctx context.Context, r *model.Receipt) tea.Msg) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		r := &model.Receipt{}
		return fn(model.WithReceipt(ctx, r), r)
	})
}

// confirmed is the status that tells of a change: what it did and where it is in
// force. Where an endpoint has not acknowledged it, it is a warning.
func confirmed(done string, r *model.Receipt) statusMsg {
	kind, words := statusDone, r.Words()
	if len(r.Missing) > 0 {
		kind = statusWarning
	}
	switch {
	case words == "":
		return statusMsg{kind, done}
	case done == "":
		return statusMsg{kind, upperFirst(words) + "."}
	}
	return statusMsg{kind, strings.TrimSuffix(done, ".") + "; " + words + "."}
}

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
