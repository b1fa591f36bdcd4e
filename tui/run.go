package tui

import (
	"context"
	"errors"
	"fmt"

	tea "github.com/charmbracelet/bubbletea"
)

// ErrInterrupted means that a signal ended the console.
var ErrInterrupted = errors.New("interrupted")

// Run shows the console until the user leaves it or ctx ends. The terminal is
// as it was when Run returns, and nothing of the console runs any more: the
// store may be closed.
func Run(ctx context.Context, o Options) error {
	out := &terminalOutput{File: o.Output}
	rt := newRuntime(ctx, o, newRenderer(out, o.Env))
	rt.output = out
	stop := rt.watch()
	defer stop()
	defer rt.close()
	in := newTerminalInput(o.Input, o.Now)
	p := tea.NewProgram(newApp(rt, newKeyList(rt)),
		tea.WithContext(ctx), tea.WithAltScreen(), tea.WithInput(in), tea.WithOutput(out), tea.WithoutSignalHandler())
	in.background = func(dark bool) { go p.Send(backgroundMsg{dark}) }
	rt.stops.whenContinued(func() {
		// What cannot be released or restored shows itself with the next frame.
		_ = p.ReleaseTerminal()
		_ = p.RestoreTerminal()
	})
	_, err := p.Run()
	if ctx.Err() != nil {
		return ErrInterrupted
	}
	if err != nil {
		return fmt.Errorf("running the console: %w", err)
	}
	return nil
}
