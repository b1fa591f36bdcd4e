package cli

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestOverSSHHelpFits: the help over SSH speaks of what there is over SSH, as it is
// called there, and refuses to speak of the rest.
func TestOverSSHHelpFits(t *testing.T) {
	t.Parallel()
	for path := range overSSH {
		for _, args := range [][]string{append([]string{"help"}, strings.Fields(path)...), append(strings.Fields(path), "--help")} {
			out, errOut, code := over(untouched{}, args...)
			if code != 0 || errOut != "" || !strings.Contains(out, "\n  ssh HOST "+path) || strings.Contains(out, "\n  keyward ") {
				t.Errorf("%q: code %d, %q\n%s", args, code, errOut, out)
			}
			for _, word := range []string{"--secret-file", "--cert", "--data", "key create", "serve", "backup", "doctor"} {
				if strings.Contains(out, word) {
					t.Errorf("%q speaks of %s:\n%s", args, word, out)
				}
			}
		}
	}
	everyCommand(func(path string, _ *cobra.Command) {
		if _, ok := overSSH[path]; ok || path == "" || path == "key" || path == "workflow" || path == "environment" {
			return
		}
		for _, args := range [][]string{append([]string{"help"}, strings.Fields(path)...), append(strings.Fields(path), "--help")} {
			if out, errOut, code := over(untouched{}, args...); code != exitUsage || out != "" || !strings.Contains(errOut, "is not to be had over SSH") {
				t.Errorf("%q: code %d, %q\n%s", args, code, errOut, out)
			}
		}
	})
	out, _, _ := over(untouched{}, "help", "workflow", "show")
	if !strings.Contains(out, `  ssh HOST 'workflow show "Get customer"'`+"\n") {
		t.Errorf("a name with a space:\n%s", out)
	}
}

// TestOverSSHErrorsFit: what an error advises can be done over SSH.
func TestOverSSHErrorsFit(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"key show":                  "see help key show",
		"key list --sort":           "see help key list",
		"key show t3 x":             `quotes twice, for your shell and for keyward's: ssh HOST 'key show "a name"')`,
		"key list --limit nonsense": "see help key list",
		"key":                       "",
	} {
		_, errOut, code := over(untouched{}, strings.Fields(line)...)
		if code != exitUsage || !strings.Contains(errOut, want) || strings.Contains(errOut, "see keyward") {
			t.Errorf("%s: code %d, %q", line, code, errOut)
		}
	}
}
