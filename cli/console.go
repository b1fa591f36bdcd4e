package cli

import (
	"context"
	"errors"
)

// openConsole opens the console, when there is a terminal to show it on.
func (a *app) openConsole(ctx context.Context) error {
	_, in := terminal(a.env.Stdin)
	_, out := terminal(a.env.Stdout)
	if !in || !out {
		return &usageError{"the console needs a terminal, and there is none: use a command (keyward --help lists them)"}
	}
	return a.runConsole(ctx)
}

// runConsole is where the console is wired in.
func (a *app) runConsole(context.Context) error {
	// CONSOLE: package tui is called here once it is there.
	return errors.New("the console is not built in yet: use a command (keyward --help lists them)")
}
