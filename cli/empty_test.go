package cli

import (
	"errors"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestEmptyFlags gives each flag of each command that takes a text an empty
// one: all are refused, but for those where it means something.
func TestEmptyFlags(t *testing.T) {
	t.Parallel()
	means := map[string]bool{
		"keyward cert generate --subject": true, // a certificate without a subject
		"keyward serve --username-prefix": true, // the key's name alone
		"keyward key list --filter":       true, // all keys
	}
	commands(newApp(Env{}).root(), func(c *cobra.Command) {
		c.InheritedFlags() // adds those of the parents
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if kind := f.Value.Type(); kind != "string" && kind != "stringArray" {
				return
			}
			path := c.CommandPath() + " --" + f.Name
			fresh, _, err := newApp(Env{}).root().Find(strings.Fields(c.CommandPath())[1:])
			if err == nil {
				err = fresh.ParseFlags([]string{"--" + f.Name + "="})
			}
			if err != nil {
				t.Fatal(err)
			}
			var usage *usageError
			if err := refuseEmpty(fresh); errors.As(err, &usage) == means[path] {
				t.Errorf("%s '': got error %v", path, err)
			}
		})
	})
}

// TestEmptyFlagIsRefused: before anything is done, and with what to do.
func TestEmptyFlagIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--data", ""}, "--data is empty: give it a value, or leave it out: see keyward --help"},
		{[]string{"serve", "--listen", ""}, "--listen is empty"},
		{[]string{"serve", "--tls-cert", "", "--tls-key", ""}, "--tls-cert is empty: give it a value, or leave it out: see keyward serve --help"},
		{[]string{"serve", "--http="}, "--http is empty"},
		{[]string{"key", "list", "--data="}, "--data is empty"},
		{[]string{"key", "create", "x", "--workflow", "a", "--workflow", ""}, "--workflow is empty"},
		{[]string{"key", "edit", "x", "--expires", ""}, "--expires is empty: use --no-expiry"},
		{[]string{"workflow", "edit", "x", "--path", ""}, "--path is empty: use --unbind"},
	} {
		if _, stderr := newMachine(t).run(exitUsage, c.args...); !strings.Contains(stderr, c.want) {
			t.Errorf("keyward %q says %q, want %q", c.args, stderr, c.want)
		}
	}
}
