package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"dev.keyward/keyward/model"
)

func (a *app) environmentGroup() *cobra.Command {
	c := group("environment", "Manage environments, where invokes run",
		`An environment is where an invoke runs. A key can be pinned to one, its target;
a call asks for one with _profile=NAME, by the host it is sent to, or, naming
none, for the one that carries the production flag. A new store has Production
and Test.`,
		a.environmentList(), a.environmentShow(), a.environmentCreate(), a.environmentEdit(), a.environmentDelete())
	c.Aliases = []string{"env"}
	return c
}

func (a *app) environmentList() *cobra.Command {
	c := &cobra.Command{
		Use:     "list",
		Short:   "List environments",
		Example: "  keyward environment list",
		Args:    wants(),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.use(c.Context(), reading, func(b Backend) error {
				list, err := b.Environments(c.Context())
				if err != nil {
					return err
				}
				return a.print(list, func() { a.printEnvironments(list) })
			})
		},
	}
	a.jsonFlag(c)
	return c
}

func (a *app) printEnvironments(list []model.EnvironmentInfo) {
	t := &table{w: a.out, width: a.width(), header: []string{"NAME", "PRODUCTION", "HOSTS", "KEYS", "UPSTREAMS"}}
	var rows [][]string
	for _, e := range list {
		rows = append(rows, []string{e.Name, production(e), listed(e.Hosts), fmt.Sprint(e.KeyCount), fmt.Sprint(e.UpstreamCount)})
	}
	_ = t.add(rows) // flush reports it
}

func production(e model.EnvironmentInfo) string {
	if e.Production {
		return "yes"
	}
	return "no"
}

// listed joins texts, "-" for none.
func listed(texts []string) string {
	if len(texts) == 0 {
		return "-"
	}
	return strings.Join(texts, ", ")
}

func (a *app) environmentShow() *cobra.Command {
	c := &cobra.Command{
		Use:               "show NAME",
		Short:             "Show an environment",
		Example:           "  keyward environment show Test",
		Args:              wants("NAME"),
		ValidArgsFunction: a.completeFirst(a.environmentNames),
		RunE: func(c *cobra.Command, args []string) error {
			return a.use(c.Context(), reading, func(b Backend) error {
				e, err := b.Environment(c.Context(), args[0])
				if err != nil {
					return err
				}
				return a.print(e, func() { a.printEnvironment(e) })
			})
		},
	}
	a.jsonFlag(c)
	return c
}

func (a *app) printEnvironment(e model.EnvironmentInfo) {
	f := &facts{w: a.out}
	f.add("Name", e.Name)
	f.add("Id", e.ID.String())
	f.add("Production", production(e))
	f.add("Hosts", listed(e.Hosts))
	f.add("Keys", plural(e.KeyCount, "key")+" pinned to it")
	f.add("Upstreams", "set in "+plural(e.UpstreamCount, "workflow"))
	f.add("Created", e.Created.Text())
	f.add("Changed", e.Changed.Text())
	f.flush("")
}

func (a *app) environmentCreate() *cobra.Command {
	var d model.EnvironmentDraft
	c := &cobra.Command{
		Use:   "create NAME",
		Short: "Create an environment",
		Long: `Create an environment. A call through one of its hosts asks for it without
_profile. With --production it takes the production flag from the environment
that has it.`,
		Example: "  keyward environment create Staging --host staging-api.example.com",
		Args:    wants("NAME"),
		RunE: func(c *cobra.Command, args []string) error {
			d.Name = args[0]
			return a.use(c.Context(), changing, func(b Backend) error {
				e, err := b.CreateEnvironment(c.Context(), d)
				if err != nil {
					return err
				}
				return a.print(e, func() { a.printf("environment %q created\n", e.Name) })
			})
		},
	}
	c.Flags().BoolVar(&d.Production, "production", false, "give it the production flag")
	c.Flags().StringArrayVar(&d.Hosts, "host", nil, "`HOST` name or address whose calls ask for it; repeatable")
	a.jsonFlag(c)
	return c
}

type environmentEdit struct {
	name            string
	production      bool
	hosts, dropping []string
}

func (a *app) environmentEdit() *cobra.Command {
	var o environmentEdit
	c := &cobra.Command{
		Use:   "edit NAME",
		Short: "Change an environment",
		Long: `Change what the flags name and leave the rest. The production flag can be given,
not taken away: give it to another environment instead.`,
		Example:           "  keyward environment edit Staging --host api.staging.example.com --no-host staging-api.example.com",
		Args:              wants("NAME"),
		ValidArgsFunction: a.completeFirst(a.environmentNames),
		RunE: func(c *cobra.Command, args []string) error {
			if c.Flags().Changed("production") && !o.production {
				return usagef(c, "the production flag cannot be taken away: give it to another environment")
			}
			if !anyChanged(c, "name", "production", "host", "no-host") {
				return usagef(c, "nothing to change: name it with --name, --production, --host or --no-host")
			}
			return a.use(c.Context(), changing, func(b Backend) error {
				e, err := o.apply(c.Context(), b, args[0], c.Flags().Changed("name"))
				if err != nil {
					return err
				}
				return a.print(e, func() { a.printf("environment %q changed; %s\n", e.Name, a.inForce()) })
			})
		},
	}
	c.Flags().StringVar(&o.name, "name", "", "the new `NAME`")
	c.Flags().BoolVar(&o.production, "production", false, "give it the production flag")
	c.Flags().StringArrayVar(&o.hosts, "host", nil, "add a `HOST`; repeatable")
	c.Flags().StringArrayVar(&o.dropping, "no-host", nil, "take a `HOST` away; repeatable")
	a.jsonFlag(c)
	return c
}

// apply reads the environment for its hosts and changes it, unless another
// change came in between.
func (o *environmentEdit) apply(ctx context.Context, b Environments, ref string, rename bool) (model.EnvironmentInfo, error) {
	e, err := b.Environment(ctx, ref)
	if err != nil {
		return e, err
	}
	edit := model.EnvironmentEdit{Production: o.production, Seen: e.Changed}
	if rename {
		edit.Name = &o.name
	}
	if len(o.hosts)+len(o.dropping) > 0 {
		hosts, err := without(e, o.dropping)
		if err != nil {
			return e, err
		}
		hosts = append(hosts, o.hosts...)
		edit.Hosts = &hosts
	}
	return b.EditEnvironment(ctx, e.ID.String(), edit)
}

// without returns the environment's hosts less those to be taken away, each of
// which must be there.
func without(e model.EnvironmentInfo, dropping []string) ([]string, error) {
	hosts := slices.Clone(e.Hosts)
	for _, h := range dropping {
		i := slices.Index(hosts, model.FoldHost(strings.TrimSpace(h)))
		if i < 0 {
			advice := "it has none, so leave --no-host out"
			if len(e.Hosts) > 0 {
				advice = "take one of those that it has, " + listed(e.Hosts)
			}
			return nil, &codeError{exitNotFound, fmt.Errorf("the environment %q has no host %q: %s", e.Name, h, advice)}
		}
		hosts = slices.Delete(hosts, i, i+1)
	}
	return hosts, nil
}

func (a *app) environmentDelete() *cobra.Command {
	d := &deletion{noun: "environment"}
	d.look = func(ctx context.Context, b Backend, ref string) error {
		e, err := b.Environment(ctx, ref)
		d.id, d.name = e.ID, e.Name
		return err
	}
	d.do = func(ctx context.Context, b Backend, id string) error { return b.DeleteEnvironment(ctx, id) }
	return a.deleteCommand(d, `Delete an environment. Not possible while it carries the production flag or a key
or an upstream uses it.`, "  keyward environment delete Staging", a.environmentNames)
}

// inForce says where the newest change is in force.
func (a *app) inForce() string {
	if words := a.receipt.Words(); words != "" {
		return words
	}
	if a.receipt.Seq == 0 { // there was nothing to change, or the answer was lost and the change was not
		return "it is in force"
	}
	return "no endpoint is running; in force from the next keyward serve"
}

// anyChanged reports whether one of the flags was given.
func anyChanged(c *cobra.Command, flags ...string) bool {
	return slices.ContainsFunc(flags, c.Flags().Changed)
}
