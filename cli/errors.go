package cli

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"dev.keyward/keyward/certgen"
	"dev.keyward/keyward/model"
)

// The exit codes of spec §9.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitNotFound    = 3
	exitConflict    = 4
	exitDenied      = 5
	exitDue         = 6
	exitInterrupted = 130
)

// usageError is a command line that cannot be carried out as it is written.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

// usagef refuses the command line of c and points to its help.
func usagef(c *cobra.Command, format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...) + ": see " + c.CommandPath() + " --help"}
}

// flagText is an error of reading the flags without the words of Go.
func flagText(err error) string {
	var bad *pflag.InvalidValueError
	if !errors.As(err, &bad) {
		return err.Error()
	}
	flag := "--" + bad.GetFlag().Name
	switch bad.GetFlag().Value.Type() {
	case "int":
		return fmt.Sprintf("%s takes a number, not %q", flag, bad.GetValue())
	case "bool":
		return fmt.Sprintf("%s takes true or false, not %q", flag, bad.GetValue())
	}
	if cause := bad.Unwrap(); cause != nil {
		return flag + ": " + cause.Error()
	}
	return err.Error()
}

// codeError gives an error another exit code than its kind has. Without an
// error nothing is printed: the command has said it all.
type codeError struct {
	code int
	err  error
}

func (e *codeError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *codeError) Unwrap() error { return e.err }

// errInterrupted is what ends a wait for the user when the user ends it.
var errInterrupted = fmt.Errorf("interrupted: %w", context.Canceled)

// interruptedError is what the user ended before it was done, and what there is
// to know about it then.
type interruptedError struct {
	told  string
	cause error
}

func (e *interruptedError) Error() string { return "interrupted: " + e.told }

func (e *interruptedError) Unwrap() error { return e.cause }

// interrupted says what became of what ctx ended.
func interrupted(ctx context.Context, told string) error {
	return &interruptedError{told, errors.Join(errInterrupted, ctx.Err())}
}

// report prints err, where there is one, as one line and returns the exit code.
func (a *app) report(ctx context.Context, err error) int {
	code := exitCode(ctx, err)
	if err == nil || err.Error() == "" || errors.Is(err, syscall.EPIPE) {
		return code // all is said, or nobody reads on
	}
	text := err.Error()
	var told *interruptedError
	if errors.As(err, &told) {
		text = told.Error()
	} else if code == exitInterrupted {
		text = "interrupted"
	}
	_, _ = fmt.Fprintf(a.env.Stderr, "keyward: %s\n", oneLine(text))
	return code
}

func exitCode(ctx context.Context, err error) int {
	var coded *codeError
	var usage *usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &coded):
		return coded.code
	case errors.As(err, &usage), errors.Is(err, model.ErrInvalid):
		return exitUsage
	case errors.Is(err, model.ErrNotFound):
		return exitNotFound
	case errors.Is(err, model.ErrConflict), errors.Is(err, certgen.ErrExists):
		return exitConflict
	case errors.Is(err, errInterrupted), ctx.Err() != nil && errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	return exitFailed
}

// oneLine makes an error's text fit for one line of a terminal. What looks like
// the beginning of a secret goes: somebody may have pasted one.
func oneLine(text string) string {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
	return secretStart.ReplaceAllString(model.Clean(text), model.SecretPrefix+"…")
}

var (
	wholeSecret = regexp.MustCompile(model.SecretPattern)
	secretStart = regexp.MustCompile(model.SecretPrefix + `[0-9A-Za-z]{24,}`)
)

// refuseSecrets refuses a command line that holds a secret, before anything
// else looks at it and without repeating it.
func refuseSecrets(args []string) error {
	for _, arg := range args {
		if wholeSecret.MatchString(arg) {
			return &usageError{"an argument holds a secret, and other users can see arguments, as can the shell's history: " +
				"give it with --secret-file FILE or - for standard input, and regenerate it if others may have seen it"}
		}
	}
	return nil
}

// noCommand is the Args of a command that holds others: what is left over is a
// command that does not exist.
func noCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	c.SuggestionsMinimumDistance = 2
	hint := "the commands are " + commandNames(c)
	if s := c.SuggestionsFor(args[0]); len(s) > 0 {
		hint = "did you mean " + strings.Join(s, " or ") + "?"
	}
	return &usageError{fmt.Sprintf("there is no command %q in %s: %s", args[0], c.CommandPath(), hint)}
}

func commandNames(c *cobra.Command) string {
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return strings.Join(names, ", ")
}

// wants is the Args of a command that takes just these.
func wants(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return usagef(c, "%s is missing", strings.Join(names[len(args):], " and "))
		case len(args) > len(names):
			return usagef(c, "%q is one argument too many (names with spaces need quotes)", args[len(names)])
		}
		return nil
	}
}

// wantsSome is the Args of a command that takes one or more of these.
func wantsSome(name string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usagef(c, "%s is missing", name)
		}
		return nil
	}
}

// exclusive refuses more than one of the flags.
func exclusive(c *cobra.Command, flags ...string) error {
	var given []string
	for _, f := range flags {
		if c.Flags().Changed(f) {
			given = append(given, "--"+f)
		}
	}
	if len(given) > 1 {
		return usagef(c, "%s contradict each other: give one of them", strings.Join(given, " and "))
	}
	return nil
}
