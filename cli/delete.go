package cli

import (
	"context"

	"github.com/spf13/cobra"

	"dev.keyward/keyward/model"
)

// deletion is what the three delete commands do not have in common.
type deletion struct {
	noun string
	// look finds what is to be deleted and fills in the rest.
	look func(ctx context.Context, b Backend, ref string) error
	do   func(ctx context.Context, b Backend, id string) error

	id   model.ID
	name string
	lost string // what goes with it, such as ": 3 keys lose it"
}

// deleteCommand makes a command that deletes one object, after its name was
// typed or with --yes.
func (a *app) deleteCommand(d *deletion, long, example string, names lister) *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   "delete NAME",
		Short: "Delete " + article(d.noun),
		Long: long + `

It asks for the name at the terminal; --yes answers beforehand, and is needed
where there is no terminal.`,
		Example:           example + "\n" + example + " --yes",
		Args:              wants("NAME"),
		ValidArgsFunction: a.completeFirst(names),
		RunE: func(c *cobra.Command, args []string) error {
			if err := a.needConfirmation(yes); err != nil {
				return err
			}
			return a.delete(c.Context(), d, args[0], yes)
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "delete without asking")
	a.jsonFlag(c)
	return c
}

// deleted is the answer of a delete command.
type deleted struct {
	ID      model.ID `json:"id"`
	Name    string   `json:"name"`
	Deleted bool     `json:"deleted"`
}

// delete lets go of the store while it asks: an unanswered question must not
// keep others out. The object is deleted by its id, so that another of the
// same name is safe.
func (a *app) delete(ctx context.Context, d *deletion, ref string, yes bool) error {
	if !yes {
		if err := a.use(ctx, reading, func(b Backend) error { return d.look(ctx, b, ref) }); err != nil {
			return err
		}
		if err := a.confirm(ctx, d.noun, d.name, d.lost); err != nil {
			return err
		}
		ref = d.id.String()
	}
	return a.use(ctx, changing, func(b Backend) error {
		if err := d.look(ctx, b, ref); err != nil {
			return err
		}
		if err := d.do(ctx, b, d.id.String()); err != nil {
			return err
		}
		return a.print(deleted{d.id, d.name, true}, func() {
			a.printf("%s %q deleted%s; %s\n", d.noun, d.name, d.lost, a.inForce())
		})
	})
}

func article(noun string) string {
	if noun == "environment" {
		return "an " + noun
	}
	return "a " + noun
}
