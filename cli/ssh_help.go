package cli

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// sshLong is what the help over SSH says of commands that are less there.
var sshLong = map[string]string{
	"": `keyward shows over SSH what an administrator sees: without a command it opens
the console, for which ssh needs a terminal. The commands only look, whoever
calls them.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 5 denied (check), 6 due
(key list --expiring), 130 interrupted. A name with spaces needs quotes twice,
for your shell and for keyward's: ssh HOST 'key show "a name"'.`,
	"check": `Decide about a call as the endpoint would, without making it, and print each step
of the decision. The caller is taken to hold the key of --key; without it the
call carries no credential. The URL is one of the endpoint's, or begins with its
path.

Exit code 0 means allowed, 5 denied.`,
}

const sshExample = `  keyward                          open the console
  keyward key list --json
  keyward key show "a name"
  keyward check GET '/customers/7?_profile=Test' --key orders`

// sshHelp has the help of the tree speak of what there is over SSH, and how it is
// called there.
func sshHelp(root *cobra.Command) {
	root.Example = sshExample
	root.SetHelpFunc(func(c *cobra.Command, _ []string) {
		text := c.Short
		if long, ok := sshLong[commandPath(c)]; ok {
			text = long
		} else if c.Long != "" {
			text = c.Long
		}
		c.Example = sshExamples(commandPath(c), c.Example)
		usage := strings.ReplaceAll(c.UsageString(), "keyward", "ssh HOST")
		_, _ = fmt.Fprintf(c.OutOrStdout(), "%s\n\n%s", strings.TrimRight(text, " \n"), usage)
	})
}

var flagName = regexp.MustCompile(`--([a-z-]+)`)

// sshExamples are the examples that work over SSH, as they are written there: what
// holds quotes is in quotes once more, for the shell at the other end.
func sshExamples(path, examples string) string {
	var out []string
	for _, line := range strings.Split(examples, "\n") {
		command, isCommand := strings.CutPrefix(strings.TrimSpace(line), "keyward")
		command, note, noted := strings.Cut(command, "  ")
		if !isCommand || !onlySSHFlags(path, command) || !sshTopic(command) {
			continue
		}
		if command = strings.TrimSpace(command); strings.ContainsAny(command, `"'`) {
			command = `'` + strings.ReplaceAll(command, `'`, `"`) + `'`
		}
		line = strings.TrimRight("  keyward "+command, " ")
		if noted {
			line += "  " + strings.TrimSpace(note)
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// onlySSHFlags reports whether a command line has no flag that there is not over
// SSH.
func onlySSHFlags(path, line string) bool {
	for _, found := range flagName.FindAllStringSubmatch(line, -1) {
		if allowed, ok := overSSH[path]; ok && !slices.Contains(allowed, found[1]) {
			return false
		}
	}
	return true
}

// sshTopic reports whether a command line begins with a command that there is over
// SSH, or opens the console.
func sshTopic(line string) bool {
	words := strings.Fields(line)
	if len(words) > 0 && words[0] == "help" {
		words = words[1:]
	}
	if len(words) == 0 {
		return true
	}
	_, one := overSSH[words[0]]
	_, two := overSSH[strings.Join(words[:min(2, len(words))], " ")]
	return one || two
}

// refuseHelp refuses the help of a command that is not to be had over SSH.
func refuseHelp(root *cobra.Command, args []string) error {
	if len(args) > 0 && args[0] == "help" {
		args = args[1:]
	}
	found, _, err := root.Find(args)
	if err != nil || found == root {
		return nil // cobra says what it does not know
	}
	if _, ok := overSSH[commandPath(found)]; ok || hasOverSSH(found) {
		return nil
	}
	return notOverSSH(commandPath(found))
}

func notOverSSH(path string) error {
	return &usageError{fmt.Sprintf("%q is not to be had over SSH: %s", path, overSSHNames())}
}

// sshWords are what errors say otherwise over SSH.
var sshWords = []struct {
	found *regexp.Regexp
	put   string
}{
	{regexp.MustCompile(`see keyward((?: [a-z]+)*) --help`), "see help$1"},
	{regexp.MustCompile(`see keyward `), "see "},
	{regexp.MustCompile(`\(names with spaces need quotes\)`), `(a name with spaces needs quotes twice, for your shell and for keyward's: ssh HOST 'key show "a name"')`},
}

// rewordedError is an error in the words of SSH.
type rewordedError struct {
	err  error
	text string
}

// Error is the text.
func (e *rewordedError) Error() string { return e.text }

// Unwrap is the error in its own words.
func (e *rewordedError) Unwrap() error { return e.err }

// inSSHWords says an error so that what it advises can be done over SSH.
func inSSHWords(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	for _, w := range sshWords {
		text = w.found.ReplaceAllString(text, w.put)
	}
	if text == err.Error() {
		return err
	}
	if usage := (*usageError)(nil); errors.As(err, &usage) {
		return &usageError{text}
	}
	return &rewordedError{err, text}
}
