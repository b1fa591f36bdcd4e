package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"dev.keyward/keyward/model"
)

// overSSH are the commands that may be run over SSH, and the flags that each may
// have there. Whatever is not in it is refused, so that a new command or flag has
// to be thought about first: none may change anything, name a file of the
// server, or take a secret.
var overSSH = map[string][]string{
	"key list":         {"filter", "sort", "desc", "limit", "expiring", "deleted", "json"},
	"key show":         {"json"},
	"workflow list":    {"json"},
	"workflow show":    {"json"},
	"environment list": {"json"},
	"environment show": {"json"},
	"check":            {"key", "json"},
	"activity":         {"key", "workflow", "limit", "refused", "follow", "json"},
	"audit":            {"since", "key", "filter", "limit", "follow", "json"},
	"audit verify":     {"json"},
	"version":          {"json"},
	"help":             {},
}

// sshRun is what a command for somebody who came over SSH works with. The backend
// is the store as that operator may see it.
type sshRun struct {
	stdout, stderr io.Writer
	columns        int // of the terminal; 0: there is none
	backend        Backend
	watch          watch
	now            func() time.Time
}

// runOver runs a command for somebody who came over SSH and returns its exit
// code. Why ctx ended is for the session to say.
func runOver(ctx context.Context, args []string, o sshRun) int {
	a := newApp(Env{Args: args, Stdin: emptyInput{}, Stdout: o.stdout, Stderr: o.stderr, Getenv: func(string) string { return "" }, Now: o.now})
	a.given, a.columns, a.watch = o.backend, o.columns, o.watch
	err := refuseSecrets(args)
	if err == nil {
		root := a.root()
		if err = overSSHOnly(root, args); err == nil {
			root.SetArgs(args)
			err = root.ExecuteContext(model.WithReceipt(ctx, &a.receipt))
		}
	}
	if ferr := a.flush(); err == nil {
		err = ferr
	}
	if ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx))) {
		return exitInterrupted
	}
	return a.report(ctx, inSSHWords(err))
}

// overSSHOnly refuses what is no command for SSH, and takes the flags that are
// not for SSH out of the tree.
func overSSHOnly(root *cobra.Command, args []string) error {
	root.InitDefaultHelpCmd() // cobra would put it in only later, and it is looked for here
	restrict(root)
	if len(args) == 0 {
		return &usageError{"no command was given: " + overSSHNames()}
	}
	asksHelp := func(arg string) bool { return arg == "--help" || arg == "-h" }
	hidden := func(arg string) bool { return strings.HasPrefix(arg, "__") } // cobra's own, for completion
	sshHelp(root)
	if (args[0] == "help" || slices.ContainsFunc(args, asksHelp)) && !slices.ContainsFunc(args, hidden) {
		return refuseHelp(root, args)
	}
	found, _, err := root.Find(args)
	if err != nil || found == root {
		return &usageError{fmt.Sprintf("there is no command %q over SSH: %s", model.Clean(args[0]), overSSHNames())}
	}
	path := commandPath(found)
	if _, ok := overSSH[path]; !ok {
		return notOverSSH(path)
	}
	return nil
}

// overSSHNames names the commands that there are.
func overSSHNames() string {
	var names []string
	for name := range overSSH {
		names = append(names, name)
	}
	slices.Sort(names)
	return "there are " + strings.Join(names, ", ") + "; without a command, the console"
}

// commandPath is a command's name without the program's.
func commandPath(c *cobra.Command) string {
	_, path, _ := strings.Cut(c.CommandPath(), " ")
	return path
}

// restrict has every command and flag of the tree refuse that is not for SSH.
func restrict(c *cobra.Command) {
	allowed, ok := overSSH[commandPath(c)]
	refuse := func(f *pflag.Flag) {
		if f.Name != "help" && !slices.Contains(allowed, f.Name) {
			f.Value, f.Hidden = &refusedFlag{f.Value}, true
		}
	}
	c.Flags().VisitAll(refuse)
	c.PersistentFlags().VisitAll(refuse)
	if !ok && !hasOverSSH(c) {
		c.Hidden = true
	}
	if !ok {
		c.Run, c.PreRun, c.PreRunE = nil, nil, nil
		c.RunE = func(c *cobra.Command, _ []string) error {
			return notOverSSH(commandPath(c))
		}
	}
	for _, sub := range c.Commands() {
		restrict(sub)
	}
}

// hasOverSSH reports whether one of the commands below c is for SSH.
func hasOverSSH(c *cobra.Command) bool {
	return slices.ContainsFunc(c.Commands(), func(sub *cobra.Command) bool {
		_, ok := overSSH[commandPath(sub)]
		return ok || hasOverSSH(sub)
	})
}

// refusedFlag is a flag that there is not over SSH.
type refusedFlag struct{ pflag.Value }

// Set refuses.
func (*refusedFlag) Set(string) error {
	return errors.New("it is not to be had over SSH, where no command reads the server's files or changes anything")
}

// Type is none of those whose values are told apart in errors.
func (*refusedFlag) Type() string { return "refused" }
