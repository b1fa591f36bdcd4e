package tui

import (
	"context"
	"errors"
	"io"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// Remote is a terminal at the other end of a connection. This process's disk,
// clipboard and shell are not its user's: nothing is read from or written to
// files, the console cannot be suspended, and signals are none of its business.
type Remote struct {
	// Input is what the user types. The console reads on from it after Run has
	// returned, until it gives an error: whoever passes it ends it then.
	Input  io.Reader
	Output io.Writer
	// Sizes gives the terminal's size, at first the one it has, then each new one.
	Sizes <-chan Size
	// Clipboard lets the copy keys send what they copy to the terminal (OSC 52).
	Clipboard bool
	// Still is nil while the user may see secrets, as it was when it came. It is
	// asked before any is shown again or copied; nil: nobody looks again.
	Still func(context.Context) error
	// Self is this console among those that look at the store.
	Self model.Peer
}

// Size is how large a terminal is, in cells.
type Size struct{ Width, Height int }

// remote reports whether the console is shown on a terminal elsewhere.
func (rt *runtime) remote() bool { return rt.Remote != nil }

// errNoClipboard is why a copy key copies nothing over a connection. A viewer's
// terminal may be anybody's, and none of them tells whether it took the text.
var errNoClipboard = errors.New("over SSH nothing is sent to your clipboard: select the text with the mouse " +
	"(a double click takes a secret whole)")

// newTerminal joins the console to its terminal: this process's, or the one at
// the other end.
func (o *Options) newTerminal() (in io.Reader, out io.Writer, a *answers) {
	if r := o.Remote; r != nil {
		a = newAnswers(r.Input, o.Now)
		return a, &wholeWrites{to: r.Output}, a
	}
	input := newTerminalInput(o.Input, o.Now)
	return input, newTerminalOutput(o.Output), input.answers
}

// tellSizes hands the terminal's sizes to the program until ctx ends. Bubble Tea
// asks a terminal of this process by itself.
func (r *Remote) tellSizes(ctx context.Context, p *tea.Program) {
	for {
		select {
		case size, ok := <-r.Sizes:
			if !ok {
				return
			}
			p.Send(tea.WindowSizeMsg{Width: size.Width, Height: size.Height})
		case <-ctx.Done():
			return
		}
	}
}

// mayShowMsg answers one question whether secrets may be shown to whoever sits
// there.
type mayShowMsg struct {
	asking int
	err    error
}

// looksAgain reports whether somebody has to be asked before secrets are shown.
func (rt *runtime) looksAgain() bool { return rt.remote() && rt.Remote.Still != nil }
