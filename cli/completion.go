package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"dev.keyward/keyward/model"
)

func (a *app) completion() *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print a script that completes commands and names in a shell",
		Long: `Print a script that makes the shell complete keyward's commands, flags and the
names of keys, workflows and environments. Load it when the shell starts:

  bash        source <(keyward completion bash)         in ~/.bashrc
  zsh         source <(keyward completion zsh)          in ~/.zshrc, after compinit
  fish        keyward completion fish | source          in ~/.config/fish/config.fish
  powershell  keyward completion powershell | Out-String | Invoke-Expression`,
		Example:   "  source <(keyward completion bash)",
		Args:      wants("SHELL"),
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"},
		RunE: func(c *cobra.Command, args []string) error {
			root := c.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.out, true)
			case "zsh":
				return root.GenZshCompletion(a.out)
			case "fish":
				return root.GenFishCompletion(a.out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(a.out)
			}
			return usagef(c, "there is no completion for %q: use %s", args[0], strings.Join(c.ValidArgs, ", "))
		},
	}
}

// lister returns the names that a shell may complete.
type lister func(context.Context, Backend) ([]string, error)

// completer is what cobra calls to complete an argument or a flag's value.
type completer = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective)

// completeFirst completes the one argument of a command.
func (a *app) completeFirst(names lister) completer {
	return func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return a.complete(names)(c, args, typed)
	}
}

// complete completes with the names in the store. A store that is not there or
// is in use completes nothing, silently.
func (a *app) complete(names lister) completer {
	return func(c *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		var found []string
		err := a.use(c.Context(), reading, func(b Backend) error {
			list, err := names(c.Context(), b)
			for _, name := range list {
				if strings.HasPrefix(model.Fold(name), model.Fold(typed)) {
					found = append(found, name)
				}
			}
			return err
		})
		if err != nil {
			found = nil
		}
		return found, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeFlag completes a flag's value.
func (a *app) completeFlag(c *cobra.Command, flag string, names lister) {
	_ = c.RegisterFlagCompletionFunc(flag, a.complete(names)) // fails only for a flag that is not there
}

// completeWords completes a flag's value with fixed words.
func completeWords(c *cobra.Command, flag string, words ...string) {
	_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

func (a *app) keyNames(ctx context.Context, b Backend) ([]string, error) {
	page, err := b.Keys(ctx, model.KeyQuery{})
	var names []string
	for _, k := range page.Keys {
		names = append(names, k.Name)
	}
	return names, err
}

func (a *app) workflowNames(ctx context.Context, b Backend) ([]string, error) {
	list, err := b.Workflows(ctx)
	var names []string
	for _, w := range list {
		names = append(names, w.Name)
	}
	return names, err
}

func (a *app) environmentNames(ctx context.Context, b Backend) ([]string, error) {
	list, err := b.Environments(ctx)
	var names []string
	for _, e := range list {
		names = append(names, e.Name)
	}
	return names, err
}
