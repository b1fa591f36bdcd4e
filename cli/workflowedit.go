package cli

import (
	"github.com/spf13/cobra"

	"dev.keyward/keyward/model"
)

type workflowEdit struct {
	name, method, path string
	unbind             bool
	upstreams, drop    []string
}

func (a *app) workflowEdit() *cobra.Command {
	var o workflowEdit
	c := &cobra.Command{
		Use:   "edit NAME",
		Short: "Change a workflow",
		Long: `Change what the flags name and leave the rest. Keys that permit the workflow go on
doing so; while it is unbound no call reaches it.`,
		Example: `  keyward workflow edit "Get customer" --path '/v2/customers/{id}'
  keyward workflow edit "Get customer" --upstream Test=http://127.0.0.1:9000/ --no-upstream Production`,
		Args:              wants("NAME"),
		ValidArgsFunction: a.completeFirst(a.workflowNames),
		RunE: func(c *cobra.Command, args []string) error {
			edit, err := o.edit(c)
			if err != nil {
				return err
			}
			return a.use(c.Context(), changing, func(b Backend) error {
				w, err := b.EditWorkflow(c.Context(), args[0], edit)
				if err != nil {
					return err
				}
				return a.printChanged(w, "changed")
			})
		},
	}
	c.Flags().StringVar(&o.name, "name", "", "the new `NAME`")
	c.Flags().StringVar(&o.method, "method", "", "the new HTTP `METHOD` of the binding")
	c.Flags().StringVar(&o.path, "path", "", "the new REST path `TEMPLATE` of the binding")
	c.Flags().BoolVar(&o.unbind, "unbind", false, "take the binding away")
	for _, flag := range []string{"method", "path"} {
		whenEmpty(c, flag, "use --unbind to take the binding away")
	}
	a.upstreamFlag(c, &o.upstreams)
	c.Flags().StringArrayVar(&o.drop, "no-upstream", nil, "`ENV` whose upstream is taken away; repeatable")
	a.completeFlag(c, "no-upstream", a.environmentNames)
	completeWords(c, "method", model.Methods()...)
	a.jsonFlag(c)
	return c
}

func (o *workflowEdit) edit(c *cobra.Command) (e model.WorkflowEdit, err error) {
	if !anyChanged(c, "name", "method", "path", "unbind", "upstream", "no-upstream") {
		return e, usagef(c, "nothing to change: name it with --name, --method, --path, --unbind, --upstream or --no-upstream")
	}
	for _, flag := range []string{"method", "path"} {
		if err := exclusive(c, "unbind", flag); err != nil {
			return e, err
		}
	}
	if c.Flags().Changed("name") {
		e.Name = &o.name
	}
	if c.Flags().Changed("method") {
		e.Method = &o.method
	}
	if c.Flags().Changed("path") {
		e.Path = &o.path
	}
	if o.unbind {
		e.Method, e.Path = new(string), new(string)
	}
	e.Upstreams, err = parseUpstreams(c, o.upstreams, o.drop)
	return e, err
}
