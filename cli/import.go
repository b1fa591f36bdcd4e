package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"dev.keyward/keyward/model"
)

// maxPrefix leaves room for a name behind it.
const maxPrefix = 32

// workflowImport is what "workflow import" was told, and what it is about.
type workflowImport struct {
	upstream, environment, prefix string
	pathPrefix                    string
	dryRun, yes                   bool

	doc    document
	own    string // the path of its own first server
	answer imported
}

// imported is the answer of "workflow import".
type imported struct {
	Base      string      `json:"base"` // "/" for none
	Workflows []importRow `json:"workflows"`
	Created   int         `json:"created"`
	Conflicts int         `json:"conflicts"`
}

func (i *imported) count() (fit int) {
	i.Conflicts = 0
	for _, r := range i.Workflows {
		if r.Conflict {
			i.Conflicts++
		}
	}
	return len(i.Workflows) - i.Conflicts
}

// leftOut says how many operations are not made, and why.
func (i *imported) leftOut() string {
	count := map[string]int{}
	for _, r := range i.Workflows {
		if r.Conflict {
			count[r.Reason.words()]++
		}
	}
	var parts []string
	for _, words := range []string{"there already", "in conflict", "unsupported"} {
		if n := count[words]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, words))
		}
	}
	if len(parts) == 0 {
		return "none left out"
	}
	return fmt.Sprintf("%d left out (%s)", i.Conflicts, strings.Join(parts, ", "))
}

// words are the reason for people.
func (r reason) words() string {
	switch {
	case r == reasonThere:
		return "there already"
	case r.conflicts():
		return "in conflict"
	}
	return "unsupported"
}

func (a *app) workflowImport() *cobra.Command {
	var o workflowImport
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Make workflows of an OpenAPI document",
		Long: `Make a workflow of each operation of an OpenAPI 3 document in JSON or YAML, up to
10 MiB; - reads standard input. What would be made is shown first, and made after
a confirmation at the terminal; --yes answers beforehand, and is needed where
there is no terminal.

A workflow is named after the operationId, else after method and path. Its path
begins with that of the document's first server, so an --upstream names the
host only. --path-prefix puts another in its place, under which calls come and
upstreams get them; what names a server of its own keeps that. Query parameters
are not bound. What is left out is named: what conflicts, for its name is taken
or its binding overlaps with another, and what is not supported, such as a path
that cannot be bound, is keyward's own or does not begin with /. References to
other files are not followed.`,
		Example: `  keyward workflow import orders.yaml --dry-run
  keyward workflow import orders.yaml --prefix orders. --upstream https://orders.example.com --environment Production
  keyward workflow import orders.yaml --path-prefix /orders/v2`,
		Args: wants("FILE"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.check(c); err != nil {
				return err
			}
			if err := a.needImportConfirmation(&o); err != nil {
				return err
			}
			data, err := a.readLimited(c.Context(), args[0], importLimit)
			if err != nil {
				return err
			}
			shown := a.progress("reading the document")
			o.doc, err = readDocument(data)
			shown.end()
			if err != nil {
				return err
			}
			o.own = o.doc.base
			if c.Flags().Changed("path-prefix") {
				o.doc = o.doc.under(o.pathPrefix)
			}
			return a.importWorkflows(c.Context(), &o)
		},
	}
	c.Flags().StringVar(&o.upstream, "upstream", "", "`URL` that receives the invokes of each workflow; with --environment")
	c.Flags().StringVar(&o.environment, "environment", "", "the environment, `ENV`, of --upstream")
	c.Flags().StringVar(&o.prefix, "prefix", "", "`TEXT` before each name")
	c.Flags().StringVar(&o.pathPrefix, "path-prefix", "", "`PATH` before each path in place of the server's; / for none")
	c.Flags().BoolVar(&o.dryRun, "dry-run", false, "show what would be made, and make nothing")
	c.Flags().BoolVar(&o.yes, "yes", false, "make the workflows without asking")
	a.completeFlag(c, "environment", a.environmentNames)
	a.jsonFlag(c)
	a.asciiFlag(c)
	return c
}

func (o *workflowImport) check(c *cobra.Command) error {
	if (o.upstream == "") != (o.environment == "") {
		return usagef(c, "--upstream and --environment go together")
	}
	if o.upstream != "" {
		if err := model.CheckUpstream(o.upstream); err != nil {
			return err
		}
	}
	var err error
	if o.pathPrefix, err = model.ParsePathPrefix(o.pathPrefix); err != nil {
		return err
	}
	if o.prefix == "" {
		return nil
	}
	if len(o.prefix) > maxPrefix {
		return model.Invalid("prefix", "the prefix has %d characters: %d are the most", len(o.prefix), maxPrefix)
	}
	if err := model.CheckName(o.prefix + "x"); err != nil {
		return model.Invalid("prefix", "the prefix cannot begin a name: %s", err.Error())
	}
	return nil
}

// importWorkflows shows the plan, asks and carries it out. It lets go of the
// store while it asks, and looks again afterwards.
func (a *app) importWorkflows(ctx context.Context, o *workflowImport) error {
	fit := 0
	err := a.use(ctx, reading, func(b Backend) error {
		err := o.plan(ctx, b)
		fit = o.answer.count()
		return err
	})
	if err != nil {
		return err
	}
	if err := a.previewImport(o); err != nil {
		return err
	}
	if o.dryRun || fit == 0 {
		return a.print(o.answer, func() {
			a.printf("%s would be created, %s\n", plural(fit, "workflow"), o.answer.leftOut())
		})
	}
	if !o.yes {
		if err := a.confirmImport(ctx, fit); err != nil {
			return err
		}
	}
	return a.use(ctx, changing, func(b Backend) error {
		if err := o.plan(ctx, b); err != nil {
			return err
		}
		shown := a.progress("importing")
		err := o.create(ctx, b, shown)
		shown.end()
		if err != nil && o.answer.Created == 0 {
			return err
		}
		return errors.Join(a.print(o.answer, func() {
			a.printf("%s created, %s; %s\n", plural(o.answer.Created, "workflow"), o.answer.leftOut(), a.inForce())
		}), err)
	})
}

// plan compares the document with the store. What was shown as a conflict stays
// one, whatever happened since: nobody confirmed it.
func (o *workflowImport) plan(ctx context.Context, b Backend) error {
	if o.environment != "" {
		if _, err := b.Environment(ctx, o.environment); err != nil {
			return err
		}
	}
	existing, err := b.Workflows(ctx)
	if err != nil {
		return err
	}
	before := o.answer.Workflows
	o.answer = imported{Base: baseText(o.doc.base), Workflows: planImport(o.doc.operations, existing, o.prefix)}
	for i, r := range before {
		if r.Conflict {
			o.answer.Workflows[i] = r
		}
	}
	o.answer.count()
	return nil
}

// baseText is a base path for people: that there is none is "/".
func baseText(base string) string { return cmp.Or(base, "/") }

// create makes the workflows in order and stops at the first error, or once ctx
// ends; the error says how far it came. What is under way when ctx ends is made.
func (o *workflowImport) create(ctx context.Context, b Backend, shown *progress) error {
	fit := len(o.answer.Workflows) - o.answer.Conflicts
	shown.of(int64(fit))
	late, done := lingering(ctx)
	defer done()
	last := ""
	for i := range o.answer.Workflows {
		r := &o.answer.Workflows[i]
		if r.Conflict {
			continue
		}
		if ctx.Err() != nil {
			return o.stopped(ctx, fit, last, "")
		}
		d := model.WorkflowDraft{Name: r.Name, Method: r.Method, Path: r.Path}
		if o.upstream != "" {
			d.Upstreams = map[string]string{o.environment: o.upstream}
		}
		if _, err := b.CreateWorkflow(late, d); err != nil && ctx.Err() != nil && errors.Is(err, context.Canceled) {
			return o.stopped(ctx, fit, last, r.Name)
		} else if err != nil {
			return fmt.Errorf("%d of %s were created, the next, %q, was not: %w", o.answer.Created, plural(fit, "workflow"), r.Name, err)
		}
		r.Created = true
		o.answer.Created++
		last = r.Name
		shown.add(1)
	}
	return nil
}

// stopped is the error of an import that the user ended: last is the workflow that
// was created last, unknown one of which nobody knows whether it was; "" for none.
func (o *workflowImport) stopped(ctx context.Context, fit int, last, unknown string) error {
	told := "no workflow was created"
	if o.answer.Created > 0 {
		told = fmt.Sprintf("%d of %s were created, in the order shown, up to %q", o.answer.Created, plural(fit, "workflow"), last)
	}
	if unknown != "" {
		return interrupted(ctx, fmt.Sprintf("%s; whether %q was is not known: look with keyward workflow list, then run it again", told, unknown))
	}
	return interrupted(ctx, told+": run it again for what is missing")
}
