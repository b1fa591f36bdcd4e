// Package cli is the commands: it reads arguments, calls a use case and prints
// what came of it, and holds no rule of its own. One file a noun. It wires the
// rooms below it (storage, server, certgen, the console) and is called by main.
package cli

import (
	"bufio"
	"context"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dev.keyward/keyward/model"
)

// Env is the world around the commands, as main hands it over.
type Env struct {
	Args           []string // without the program's name
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Now            func() time.Time // nil: time.Now
}

// Run runs one command and returns its exit code (spec §9). What went wrong
// is one line on standard error by then. When ctx ends, the command stops.
func Run(ctx context.Context, e Env) int {
	a := newApp(e)
	err := refuseSecrets(e.Args)
	if err == nil {
		root := a.root()
		root.SetArgs(e.Args)
		err = root.ExecuteContext(model.WithReceipt(ctx, &a.receipt))
	}
	if ferr := a.flush(); err == nil {
		err = ferr
	}
	a.warnMissing()
	return a.report(ctx, err)
}

// app is one run of one command.
type app struct {
	env     Env
	out     *bufio.Writer // standard output; its first error sticks, and flush reports it
	data    string        // --data
	json    bool          // --json
	reason  string        // --reason
	minFree int64         // --min-free, in bytes; 0: the default
	ascii   bool          // --ascii: the console shows nothing else
	mouse   bool          // --mouse: the console takes it from the start
	look    bool          // --read-only: the console may look, and change nothing
	command string        // such as "keyward key list"
	receipt model.Receipt // of the newest change
	bar     *progress     // what is shown of something that takes long, the newest one; nil: nothing yet
	columns int           // over SSH: of the terminal; 0: there is none
	watch   watch         // over SSH: tells of changes
	given   Backend       // over SSH: the store as the operator may see it; else nil, and the directory's is opened
}

func newApp(e Env) *app {
	if e.Now == nil {
		e.Now = time.Now
	}
	if e.Args == nil {
		e.Args = []string{} // cobra takes nil for os.Args
	}
	return &app{env: e, out: bufio.NewWriter(e.Stdout)}
}

// root makes the whole tree of commands.
func (a *app) root() *cobra.Command {
	c := &cobra.Command{
		Use:   "keyward",
		Short: "Manage API keys, and run the endpoint that checks them",
		Long: `keyward manages the API keys that authorize REST invokes of workflows, and runs
the endpoint that checks them. Without a command it opens the console.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 conflict, 5 denied
(check), 6 due (key list --expiring), 130 interrupted. Secrets are never taken
from arguments: they come from a file or from standard input.`,
		Example: `  keyward                          open the console
  keyward --read-only              open it to look only
  keyward key create orders --environment Test --workflow "Get customer"
  keyward serve                    run the endpoint on https://127.0.0.1:8443`,
		Version:           thisVersion().Version,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Args:              noCommand,
		PersistentPreRunE: func(c *cobra.Command, _ []string) error { a.command = c.CommandPath(); return refuseEmpty(c) },
		RunE: func(c *cobra.Command, _ []string) error {
			return a.openConsole(c.Context())
		},
	}
	c.SetIn(a.env.Stdin)
	c.SetOut(a.out)
	c.SetErr(a.env.Stderr)
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return usagef(c, "%s", flagText(err)) })
	c.SetUsageTemplate(usageTemplate(c))
	c.SetVersionTemplate("keyward {{.Version}}\n")
	a.consoleFlags(c)
	c.Flags().BoolVar(&a.look, "read-only", false, "the console shows everything and changes nothing")
	c.PersistentFlags().StringVar(&a.data, "data", "", "the data `directory` (or KEYWARD_DATA; default: keyward in the user's data directory)")
	c.PersistentFlags().Var((*sizeValue)(&a.minFree), "min-free", "free `SPACE` of the disk to leave alone (default 64MiB): below it nothing is changed; it is the store's owner whose value counts")
	keys, workflows, environments := a.keyGroup(), a.workflowGroup(), a.environmentGroup()
	a.reasonFlags(keys, workflows, environments)
	c.AddCommand(
		keys, workflows, environments, a.certGroup(),
		a.check(), a.auditGroup(), a.activity(), a.serve(), a.demo(), a.backup(), a.restore(), a.doctor(), a.purge(),
		a.version(), a.completion(),
	)
	c.SetHelpCommand(helpCommand())
	return c
}

// usageTemplate is cobra's, without the line that says that a command which
// only holds others can be run by itself.
func usageTemplate(c *cobra.Command) string {
	return strings.Replace(c.UsageTemplate(), "{{if .Runnable}}", "{{if and .Runnable (or (not .HasParent) (not .HasAvailableSubCommands))}}", 1)
}

// group makes a command that only holds others.
func group(noun, short, long string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{
		Use:     noun,
		Short:   short,
		Long:    long,
		Example: commands[0].Example,
		Args:    noCommand,
		RunE: func(c *cobra.Command, _ []string) error {
			return usagef(c, "%s needs a command: %s", c.CommandPath(), commandNames(c))
		},
	}
	c.AddCommand(commands...)
	return c
}

// jsonFlag gives the command --json.
func (a *app) jsonFlag(c *cobra.Command) {
	c.Flags().BoolVar(&a.json, "json", false, "print JSON for scripts (docs/json.md)")
}

func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Show what a command does",
		Example: "  keyward help key create",
		RunE: func(c *cobra.Command, args []string) error {
			topic, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return usagef(c.Root(), "there is no help for %q", args)
			}
			topic.InitDefaultHelpFlag()
			return topic.Help()
		},
	}
}
