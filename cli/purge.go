package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"dev.keyward/keyward/model"
)

// purged is the answer of purge.
type purged struct {
	Purged int `json:"purged"`
}

func (a *app) purge() *cobra.Command {
	var older string
	var yes bool
	c := &cobra.Command{
		Use:   "purge",
		Short: "Remove keys that were deleted 14 days ago or earlier",
		Long: `Remove deleted keys for good, 14 days after their deletion or later. Until then
their secrets are on record and denied as those of a deleted key; afterwards
whoever presents one is unknown, and denied as such. The audit trail keeps what
they were. Nothing is ever purged by itself.`,
		Example: `  keyward purge
  keyward purge --older-than 90d --yes`,
		Args: wants(),
		RunE: func(c *cobra.Command, _ []string) error {
			age := model.PurgeAfter
			if c.Flags().Changed("older-than") {
				var err error
				if age, err = model.ParseSpan(older); err != nil {
					return usagef(c, "--older-than: %s", err)
				}
			}
			if err := a.needConfirmation(yes); err != nil {
				return err
			}
			if !yes {
				if err := a.confirmPurge(c.Context()); err != nil {
					return err
				}
			}
			return a.purgeKeys(c, age)
		},
	}
	c.Flags().StringVar(&older, "older-than", "14d", "how long ago they were deleted at least: `TIME`, 14d or more")
	c.Flags().BoolVar(&yes, "yes", false, "purge without asking")
	completeWords(c, "older-than", "14d", "30d", "90d")
	a.reasonFlag(c)
	a.jsonFlag(c)
	return c
}

// confirmPurge has the word typed, for what goes has no one name.
func (a *app) confirmPurge(ctx context.Context) error {
	answer, err := a.ask(ctx, "Type purge to remove the deleted keys for good:")
	if err == nil && answer != "purge" {
		err = errors.New("nothing was purged: another word was typed")
	}
	return err
}

func (a *app) purgeKeys(c *cobra.Command, age time.Duration) error {
	return a.use(c.Context(), changing, func(b Backend) error {
		n, err := b.Purge(c.Context(), age)
		if err != nil && n == 0 {
			return err
		}
		return errors.Join(a.print(purged{n}, func() {
			if n == 0 {
				a.printf("no key was deleted that long ago: nothing is purged\n")
				return
			}
			a.printf("%s purged; %s\n", plural(n, "deleted key"), a.inForce())
		}), err)
	})
}
