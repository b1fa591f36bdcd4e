package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dev.keyward/keyward/model"
)

// listDeleted prints what is in the bin, page by page; at most limit keys, where
// that is not 0.
func (a *app) listDeleted(ctx context.Context, b Keys, limit int) error {
	list := array{w: a.out}
	t := &table{w: a.out, width: a.width(), header: []string{"NAME", "ID", "KIND", "ENVIRONMENT", "DELETED", "PURGE"}}
	q, shown, total := model.BinQuery{}, 0, 0
	for more := true; more; {
		if limit > 0 {
			q.Limit = min(limit-shown, model.MaxPage)
		}
		page, err := b.DeletedKeys(ctx, q)
		if err != nil {
			return err
		}
		if err := a.addDeleted(&list, t, page.Keys); err != nil {
			return err
		}
		total, shown = page.Total, shown+len(page.Keys)
		q.Offset = shown
		more = len(page.Keys) > 0 && shown < total && (limit == 0 || shown < limit)
	}
	switch {
	case a.json:
		return list.end()
	case total == 0:
		a.notef("There is no deleted key that could be restored.")
	case shown < total:
		a.notef("%d of %s shown.", shown, plural(total, "deleted key"))
	}
	return nil
}

func (a *app) addDeleted(list *array, t *table, keys []model.DeletedKey) error {
	if a.json {
		return addAll(list, keys)
	}
	var rows [][]string
	for _, k := range keys {
		rows = append(rows, deletedCells(k, a.env.Now()))
	}
	if len(rows) == 0 {
		return nil
	}
	return t.add(rows)
}

func deletedCells(k model.DeletedKey, now time.Time) []string {
	environment := k.Environment
	switch {
	case k.EnvironmentGone:
		environment = "deleted (!)"
	case environment == "":
		environment = "any (!)"
	}
	return []string{k.Name, k.ID.String(), k.Kind.String(), environment, k.Deleted.DayText(), purgeText(k, now)}
}

// purgeText says when purge takes a key.
func purgeText(k model.DeletedKey, now time.Time) string {
	left := model.PurgeableIn(k.Deleted, now)
	if left == 0 {
		return "takes it now"
	}
	return "in " + plural(int((left+24*time.Hour-1)/(24*time.Hour)), "day")
}

func (a *app) keyRestore() *cobra.Command {
	var name string
	c := &cobra.Command{
		Use:   "restore NAME|ID",
		Short: "Restore a deleted key, disabled",
		Long: `Restore a deleted key. It has its rights, its secrets and its certificates again,
but for a certificate that another key has by now and for workflows that
were deleted. It is disabled: whoever still holds a secret of it can call only
after keyward key enable. keyward key list --deleted shows which there are.`,
		Example: `  keyward key restore orders
  keyward key restore orders --name orders-old`,
		Args:              wants("NAME|ID"),
		ValidArgsFunction: a.completeFirst(a.deletedNames),
		RunE: func(c *cobra.Command, args []string) error {
			return a.use(c.Context(), changing, func(b Backend) error { return a.restoreKey(c.Context(), b, args[0], name) })
		},
	}
	c.Flags().StringVar(&name, "name", "", "the `NAME` that it gets, in place of its own")
	whenEmpty(c, "name", "leave --name out to give the key its own name back")
	a.jsonFlag(c)
	return c
}

func (a *app) restoreKey(ctx context.Context, b Backend, ref, name string) error {
	k, err := b.RestoreKey(ctx, ref, name)
	if errors.Is(err, model.ErrConflict) && strings.Contains(err.Error(), "is taken") {
		return fmt.Errorf("%w; --name NAME gives it", err)
	}
	if err != nil {
		return err
	}
	for _, n := range k.Emptied {
		a.notef("Its %s certificate belongs to another key by now: that slot is empty.", n)
	}
	return a.print(k, func() {
		a.printf("key %q restored, disabled; %s\nlet it work with: keyward key enable %s\n", k.Name, a.inForce(), model.ShellQuote(k.Name))
	})
}

func (a *app) deletedNames(ctx context.Context, b Backend) ([]string, error) {
	page, err := b.DeletedKeys(ctx, model.BinQuery{})
	var names []string
	for _, k := range page.Keys {
		names = append(names, k.Name)
	}
	return names, err
}

func (a *app) keyPermit() *cobra.Command {
	c := &cobra.Command{
		Use:   "permit WORKFLOW NAME...",
		Short: "Permit a workflow to keys",
		Long: `Permit a workflow to one or more keys, from the next request on. A key that has
it already stays as it is. keyward key edit NAME --forbid WORKFLOW takes it back.

Several keys are done in batches of 500, each whole or not at all.`,
		Example: `  keyward key permit "Create order" orders
  keyward key permit "Create order" orders partner`,
		Args: wantsSome("WORKFLOW NAME"),
		ValidArgsFunction: func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return a.complete(a.workflowNames)(c, args, typed)
			}
			return a.complete(a.keyNames)(c, args, typed)
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				return usagef(c, "NAME is missing: say which keys may call %q", args[0])
			}
			return a.use(c.Context(), changing, func(b Backend) error { return a.permitKeys(c.Context(), b, args[0], args[1:]) })
		},
	}
	a.jsonFlag(c)
	return c
}

func (a *app) permitKeys(ctx context.Context, b Backend, workflow string, names []string) error {
	r, err := b.ChangeKeys(ctx, names, model.KeyBulk{Permit: []string{workflow}})
	if err != nil && len(r.Done) == 0 {
		return err
	}
	return errors.Join(a.print(r, func() {
		if r.Changed == 0 {
			a.printf("%s may call %q already: nothing was changed\n", plural(len(r.Done), "key"), workflow)
			return
		}
		a.printf("%s may call %q, %d of them now; %s\n", plural(len(r.Done), "key"), workflow, r.Changed, a.inForce())
	}), err)
}
