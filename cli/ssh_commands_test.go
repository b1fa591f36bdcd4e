package cli

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// untouched is a store that nobody may ask: what is refused is refused first.
type untouched struct{ Backend }

// over runs a command as somebody does who came over SSH.
func over(b Backend, args ...string) (out, errOut string, code int) {
	var o, e bytes.Buffer
	code = runOver(context.Background(), args, sshRun{stdout: &o, stderr: &e, backend: b, now: time.Now})
	return o.String(), e.String(), code
}

// everyCommand calls fn with each command of the tree, by its path.
func everyCommand(fn func(path string, c *cobra.Command)) {
	commands(newApp(Env{}).root(), func(c *cobra.Command) { fn(commandPath(c), c) })
}

// TestOverSSHRefusesCommands: whatever is not listed is refused with one line,
// whatever flags come with it; so is cobra's own completion.
func TestOverSSHRefusesCommands(t *testing.T) {
	t.Parallel()
	refused := [][]string{{"__complete", "key", ""}, {"__completeNoDesc", "key", ""}, {"--help", "__complete", "key", ""}, {"id"}, {""}, {"-"}, {"--"}, {}, {"key"}, {"workflow"}, {"cert"}}
	everyCommand(func(path string, _ *cobra.Command) {
		if _, ok := overSSH[path]; ok || path == "" {
			return
		}
		words := strings.Fields(path)
		refused = append(refused, words, append(slices.Clone(words), "x"), append(slices.Clone(words), "--json"), append([]string{"--data", "/"}, words...))
	})
	if len(refused) < 60 {
		t.Fatalf("only %d command lines are tried", len(refused))
	}
	for _, args := range refused {
		out, errOut, code := over(untouched{}, args...)
		if code != exitUsage || out != "" || strings.Count(errOut, "\n") != 1 || !strings.HasPrefix(errOut, "keyward: ") {
			t.Errorf("%q: code %d, %q, %q", args, code, out, errOut)
		}
	}
}

// TestOverSSHRefusesFlags: a listed command has the listed flags and no other,
// neither its own nor those of the program.
func TestOverSSHRefusesFlags(t *testing.T) {
	t.Parallel()
	tried := 0
	everyCommand(func(path string, c *cobra.Command) {
		allowed, ok := overSSH[path]
		if !ok {
			return
		}
		try := func(f *pflag.Flag) {
			if f.Name == "help" || slices.Contains(allowed, f.Name) {
				return
			}
			tried++
			for _, args := range [][]string{{"--" + f.Name + "=/etc/passwd"}, {"--" + f.Name, "x"}} {
				line := append(strings.Fields(path), args...)
				out, errOut, code := over(untouched{}, line...)
				if code != exitUsage || out != "" || !strings.Contains(errOut, "--"+f.Name+": it is not to be had over SSH") && !strings.Contains(errOut, "unknown flag: --"+f.Name) {
					t.Errorf("%q: code %d, %q, %q", line, code, out, errOut)
				}
			}
		}
		c.Flags().VisitAll(try)
		c.InheritedFlags().VisitAll(try)
		c.Root().Flags().VisitAll(try)
	})
	if tried < 20 {
		t.Errorf("only %d flags were tried", tried)
	}
}

// TestOverSSHIsThought: each name in the list is a command or flag that there is,
// none of which is known to name a file, take a secret or change something.
func TestOverSSHIsThought(t *testing.T) {
	t.Parallel()
	found := map[string]*cobra.Command{}
	everyCommand(func(path string, c *cobra.Command) { found[path] = c })
	for path, flags := range overSSH {
		c := found[path]
		if path == "help" {
			continue // cobra's, which only prints
		}
		if c == nil {
			t.Errorf("there is no command %q", path)
			continue
		}
		for _, name := range flags {
			f := c.Flags().Lookup(name)
			if f == nil {
				t.Errorf("%s has no flag --%s", path, name)
				continue
			}
			if words := f.Usage; strings.Contains(words, "`FILE`") || strings.Contains(words, "directory") || strings.Contains(words, "secret that") {
				t.Errorf("%s --%s: %s", path, name, words)
			}
		}
	}
}

// TestOverSSHHelp: help shows what there is, and not what there is not.
func TestOverSSHHelp(t *testing.T) {
	t.Parallel()
	out, errOut, code := over(untouched{}, "--help")
	if code != 0 || errOut != "" || !strings.Contains(out, "workflow") || strings.Contains(out, "\n  backup") || strings.Contains(out, "--data") {
		t.Errorf("code %d, %q, %q", code, errOut, out)
	}
	out, _, code = over(untouched{}, "check", "--help")
	if code != 0 || !strings.Contains(out, "--key") || strings.Contains(out, "--secret-file FILE ") || strings.Contains(out, "--data") {
		t.Errorf("code %d, %q", code, out)
	}
	for _, args := range [][]string{{"help"}, {"help", "check"}, {"help", "key", "list"}} {
		out, errOut, code = over(untouched{}, args...)
		if code != 0 || errOut != "" || !strings.Contains(out, "Usage") || strings.Contains(out, "--data") || strings.Contains(out, "--secret-file FILE ") {
			t.Errorf("%q: code %d, %q, %q", args, code, errOut, out)
		}
	}
}

// TestOverSSHSecrets: a secret among the words is refused and not repeated.
func TestOverSSHSecrets(t *testing.T) {
	t.Parallel()
	secret := "kw_" + strings.Repeat("a", 49)
	for _, args := range [][]string{{"key", "show", secret}, {"check", "GET", "/?auth-key=" + secret}} {
		out, errOut, code := over(untouched{}, args...)
		if code != exitUsage || strings.Contains(out+errOut, secret) {
			t.Errorf("code %d, %q, %q", code, out, errOut)
		}
	}
}
