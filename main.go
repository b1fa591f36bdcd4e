// Command keyward manages the API keys that authorize REST invokes of
// workflows, and runs the endpoint that checks them. This file hands the
// process over to package cli; os.Exit is called nowhere else.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	_ "dev.keyward/keyward/termcolor" // before anything that imports Bubble Tea

	"dev.keyward/keyward/cli"
)

func main() {
	cli.Harden()
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// endings are the signals that end the process in good order: the terminal is
// put back and the store closed. SIGHUP stays ignored where nohup had it so.
func endings() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// run is main without the process: it returns the exit code of spec §9.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return cli.Run(ctx, cli.Env{
		Args: args, Stdin: stdin, Stdout: stdout, Stderr: stderr,
		Getenv: os.Getenv,
	})
}
