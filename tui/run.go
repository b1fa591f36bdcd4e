package tui

import (
	"context"
	"errors"
	"fmt"
	"io"

	tea "github.com/charmbracelet/bubbletea"
)

// continuedMsg says that the process goes on after a stop that nobody asked for:
// a shell has set the terminal up for itself meanwhile.
type continuedMsg struct{}

// takeTerminal sets the terminal up again, by the way of Bubble Tea for what runs
// a program in between: here, none.
func takeTerminal() tea.Cmd {
	return tea.Exec(noProgram{}, func(error) tea.Msg { return tookTerminalMsg{} })
}

// noProgram is a program that does nothing.
type noProgram struct{}

func (noProgram) Run() error          { return nil }
func (noProgram) SetStdin(io.Reader)  {}
func (noProgram) SetStdout(io.Writer) {}
func (noProgram) SetStderr(io.Writer) {}

// ErrInterrupted means that the console was ended from outside: by a signal, or
// with its connection.
var ErrInterrupted = errors.New("interrupted")

// Run shows the console until the user leaves it or ctx ends. The terminal is
// as it was when Run returns, and nothing of the console runs any more: the
// store may be closed.
func Run(ctx context.Context, o Options) error {
	in, out, answers := o.newTerminal()
	rt := newRuntime(ctx, o, newRenderer(out, o.Env))
	rt.output = out
	stop := rt.watch()
	defer stop()
	defer rt.close()
	p := tea.NewProgram(newApp(rt, newKeyList(rt)),
		tea.WithContext(ctx), tea.WithAltScreen(), tea.WithInput(in), tea.WithOutput(out), tea.WithoutSignalHandler())
	answers.background = func(dark bool) { go p.Send(backgroundMsg{dark}) }
	rt.stops.whenContinued(func() { go p.Send(continuedMsg{}) })
	if rt.remote() && rt.begin() {
		go func() {
			defer rt.running.Done()
			rt.Remote.tellSizes(rt.ctx, p)
		}()
	}
	_, err := p.Run()
	if ctx.Err() != nil {
		return ErrInterrupted
	}
	if err != nil {
		return fmt.Errorf("running the console: %w", err)
	}
	return nil
}
