package cli

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// onEmpty is the annotation of a flag that says what an empty value is: the
// advice to who gave one, or "" where it has a meaning.
const onEmpty = "keyward-empty"

// mayBeEmpty lets a flag be given with nothing as its value.
func mayBeEmpty(c *cobra.Command, flag string) { whenEmpty(c, flag, "") }

// whenEmpty is the advice to who gives a flag with nothing as its value.
func whenEmpty(c *cobra.Command, flag, advice string) {
	if err := c.Flags().SetAnnotation(flag, onEmpty, []string{advice}); err != nil {
		panic(err) // the flag is not there
	}
}

// refuseEmpty refuses flags with nothing as their value. That is seldom meant:
// a variable was not set, and the default that would take its place (every
// address, another store, another certificate) may be a dangerous one.
func refuseEmpty(c *cobra.Command) error {
	var found error
	c.Flags().Visit(func(f *pflag.Flag) {
		advice := "give it a value, or leave it out"
		if own := f.Annotations[onEmpty]; own != nil {
			advice = own[0]
		}
		if isEmpty(f.Value) && advice != "" {
			found = errors.Join(found, usagef(c, "--%s is empty: %s", f.Name, advice))
		}
	})
	return found
}

func isEmpty(v pflag.Value) bool {
	if list, ok := v.(pflag.SliceValue); ok {
		return slices.Contains(list.GetSlice(), "")
	}
	return v.Type() == "string" && v.String() == ""
}

// emptyDir is the data directory where there is nothing in it, which commands
// that only read take for a new store; else "".
func (a *app) emptyDir() string {
	dir, err := a.dataDir()
	if err != nil || holdsSomething(dir) {
		return ""
	}
	return dir
}
