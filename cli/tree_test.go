package cli

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"dev.keyward/keyward/certgen"
	"dev.keyward/keyward/model"
)

// commands calls fn with every command there is.
func commands(c *cobra.Command, fn func(*cobra.Command)) {
	fn(c)
	for _, sub := range c.Commands() {
		commands(sub, fn)
	}
}

// printsNothing lists the commands that have no answer to print as JSON.
var printsNothing = map[string]bool{"keyward serve": true, "keyward demo": true, "keyward completion": true, "keyward help": true}

func TestEveryCommandHelps(t *testing.T) {
	t.Parallel()
	commands(newApp(Env{}).root(), func(c *cobra.Command) {
		path := c.CommandPath()
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: its line in the help is %q", path, c.Short)
		}
		if !strings.Contains(c.Example, "keyward") {
			t.Errorf("%s: its help shows no example", path)
		}
		for line := range strings.Lines(c.Long + "\n" + c.Example) {
			if !strings.HasPrefix(line, "  ") && len([]rune(strings.TrimRight(line, "\n"))) > 82 {
				t.Errorf("%s: a line of its help is too long: %q", path, line)
			}
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" {
				t.Errorf("%s: --%s says nothing about itself", path, f.Name)
			}
		})
		if c.RunE == nil {
			t.Errorf("%s: does nothing", path)
		}
		if !c.HasSubCommands() && !printsNothing[path] && c.Flags().Lookup("json") == nil {
			t.Errorf("%s: has no --json", path)
		}
	})
}

// contract reads docs/json.md.
func contract(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", "json.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestContractNamesEveryCommand(t *testing.T) {
	t.Parallel()
	text := contract(t)
	commands(newApp(Env{}).root(), func(c *cobra.Command) {
		if c.Flags().Lookup("json") != nil && !strings.Contains(text, "`"+c.CommandPath()+"`") {
			t.Errorf("docs/json.md does not name `%s`", c.CommandPath())
		}
	})
}

func TestContractNamesEveryField(t *testing.T) {
	t.Parallel()
	text := contract(t)
	for _, v := range []any{
		model.KeyRow{}, model.KeyInfo{}, model.SlotInfo{}, model.RetiringInfo{}, model.WorkflowRef{}, model.WorkflowInfo{},
		model.UpstreamInfo{}, model.Clash{}, model.DeletedKey{}, model.RestoredKey{}, model.EnvironmentInfo{}, model.Verdict{}, model.Variable{}, model.Step{}, model.Certificate{},
		model.Activity{}, model.Entry{}, model.Actor{}, model.SSHKey{}, model.Object{}, model.FieldChange{}, certgen.Written{}, verified{}, revealed{}, deleted{}, inspection{}, exported{}, generated{}, versionInfo{},
	} {
		typ := reflect.TypeOf(v)
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			if name != "" && name != "-" && !regexp.MustCompile("(?m)^\\| `"+name+"` \\|").MatchString(text) {
				t.Errorf("docs/json.md does not name the field %q of %s", name, typ)
			}
		}
	}
}

func TestContractNamesEveryReason(t *testing.T) {
	t.Parallel()
	text := contract(t)
	for r := model.Allowed; !strings.HasPrefix(r.String(), "reason("); r++ {
		if !strings.Contains(text, "`"+r.String()+"`") {
			t.Errorf("docs/json.md does not name the reason %s", r)
		}
	}
}
