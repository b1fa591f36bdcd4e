package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/tui"
)

func (a *app) workflowGroup() *cobra.Command {
	return group("workflow", "Manage workflows, what keys may invoke",
		`A workflow is something callable. Bound to an HTTP method and a REST path
template, it can be permitted to keys; its upstream is the URL that receives its
authorized invokes, one an environment.`,
		a.workflowList(), a.workflowShow(), a.workflowCreate(), a.workflowEdit(), a.workflowDelete(), a.workflowImport())
}

func (a *app) workflowList() *cobra.Command {
	c := &cobra.Command{
		Use:     "list",
		Short:   "List workflows",
		Example: "  keyward workflow list",
		Args:    wants(),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.use(c.Context(), reading, func(b Backend) error {
				list, err := b.Workflows(c.Context())
				if err != nil {
					return err
				}
				return a.print(list, func() { a.printWorkflows(list) })
			})
		},
	}
	a.jsonFlag(c)
	return c
}

func (a *app) printWorkflows(list []model.WorkflowInfo) {
	if len(list) == 0 {
		a.notef("There are no workflows yet: make one with keyward workflow create NAME --method GET --path '/customers/{id}'")
		return
	}
	t := &table{w: a.out, width: a.width(), header: []string{"NAME", "METHOD", "PATH", "KEYS", "CALLS", "LAST CALL", "UPSTREAMS"}}
	var rows [][]string
	for _, w := range list {
		var environments []string
		for _, u := range w.Upstreams {
			environments = append(environments, u.Environment)
		}
		rows = append(rows, []string{w.Name, orDash(w.Method), orDash(w.Path), fmt.Sprint(w.KeyCount), fmt.Sprint(w.Calls), w.LastCall.Ago(a.env.Now()), listed(environments)})
	}
	_ = t.add(rows) // flush reports it
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func (a *app) workflowShow() *cobra.Command {
	c := &cobra.Command{
		Use:               "show NAME",
		Short:             "Show a workflow",
		Example:           "  keyward workflow show \"Get customer\"",
		Args:              wants("NAME"),
		ValidArgsFunction: a.completeFirst(a.workflowNames),
		RunE: func(c *cobra.Command, args []string) error {
			return a.use(c.Context(), reading, func(b Backend) error {
				w, err := b.Workflow(c.Context(), args[0])
				if err != nil {
					return err
				}
				return a.print(w, func() { a.printWorkflow(w) })
			})
		},
	}
	a.jsonFlag(c)
	return c
}

func (a *app) printWorkflow(w model.WorkflowInfo) {
	f := &facts{w: a.out}
	f.add("Name", w.Name)
	f.add("Id", w.ID.String())
	f.add("Binding", binding(w.WorkflowRef))
	f.add("Variables", listed(w.Variables))
	f.add("Keys", plural(w.KeyCount, "key")+" may invoke it")
	for i, name := range w.Keys {
		f.add("", a.productionMark(i < w.ProductionKeys)+name)
	}
	if more := w.KeyCount - len(w.Keys); more > 0 {
		f.add("", fmt.Sprintf("and %d more", more))
	}
	f.add("Calls", callsText(w, a.env.Now()))
	if len(w.Upstreams) == 0 {
		f.add("Upstreams", "none: the endpoint answers with what it would have sent")
	}
	for i, u := range w.Upstreams {
		f.add(firstOnly(i, "Upstreams"), u.Environment+" "+u.URL)
	}
	for i, o := range w.Overlaps {
		f.add(firstOnly(i, "Overlaps"), fmt.Sprintf("%q matches %s %s too", o.Workflow, w.Method, o.Example))
	}
	f.add("Created", w.Created.Text())
	f.add("Changed", w.Changed.Text())
	f.flush("")
}

// callsText says how often a workflow was invoked, and when last.
func callsText(w model.WorkflowInfo, now time.Time) string {
	if w.Calls == 0 {
		return "none is on record"
	}
	return fmt.Sprintf("%d allowed, the last %s", w.Calls, w.LastCall.Ago(now))
}

// binding writes a workflow's method and path.
func binding(w model.WorkflowRef) string {
	if w.Method == "" {
		return "none: it cannot be permitted to a key"
	}
	return w.Method + " " + w.Path
}

// firstOnly is name for the first of several lines.
func firstOnly(i int, name string) string {
	if i == 0 {
		return name
	}
	return ""
}

func (a *app) workflowCreate() *cobra.Command {
	var d model.WorkflowDraft
	var upstreams []string
	c := &cobra.Command{
		Use:   "create NAME",
		Short: "Create a workflow",
		Long: `Create a workflow, bound or not. In a path template {name} takes one whole
segment, and the query part name={name} takes a query parameter. A call must
match one binding only: where two could match, a warning tells.`,
		Example: `  keyward workflow create "Get customer" --method GET --path '/customers/{id}?since={from}'
  keyward workflow create Orders --method POST --path /orders --upstream Production=https://orders.example.com/new`,
		Args: wants("NAME"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			d.Name = args[0]
			if d.Upstreams, err = parseUpstreams(c, upstreams, nil); err != nil {
				return err
			}
			return a.use(c.Context(), changing, func(b Backend) error {
				w, err := b.CreateWorkflow(c.Context(), d)
				if err != nil {
					return err
				}
				return a.printChanged(w, "created")
			})
		},
	}
	c.Flags().StringVar(&d.Method, "method", "", "HTTP `METHOD` of the binding, such as GET; with --path")
	c.Flags().StringVar(&d.Path, "path", "", "REST path `TEMPLATE` of the binding; with --method")
	a.upstreamFlag(c, &upstreams)
	completeWords(c, "method", model.Methods()...)
	a.jsonFlag(c)
	return c
}

func (a *app) upstreamFlag(c *cobra.Command, upstreams *[]string) {
	c.Flags().StringArrayVar(upstreams, "upstream", nil, "`ENV=URL` that receives invokes in an environment; repeatable")
}

// printChanged prints a workflow that was made or changed and warns about
// every binding that overlaps with its own.
func (a *app) printChanged(w model.WorkflowInfo, verb string) error {
	for _, o := range w.Overlaps {
		a.warnf("%q and %q both match %s %s: such a call is answered 409 until one of the two bindings changes",
			w.Name, o.Workflow, w.Method, o.Example)
	}
	return a.print(w, func() { a.printf("workflow %q %s: %s\n", w.Name, verb, model.Clean(binding(w.WorkflowRef))) })
}

// parseUpstreams reads ENV=URL pairs, and names of environments whose upstream
// goes.
func parseUpstreams(c *cobra.Command, set, drop []string) (map[string]string, error) {
	out := map[string]string{}
	seen := map[string]bool{}
	put := func(environment, url string) error {
		if seen[model.Fold(environment)] {
			return usagef(c, "the environment %q is named twice", environment)
		}
		seen[model.Fold(environment)] = true
		out[environment] = url
		return nil
	}
	for _, pair := range set {
		environment, url, ok := strings.Cut(pair, "=")
		if !ok || environment == "" || url == "" {
			return nil, usagef(c, "%q is not ENV=URL, such as Test=https://orders.test.example.com", pair)
		}
		if err := put(environment, url); err != nil {
			return nil, err
		}
	}
	for _, environment := range drop {
		if err := put(environment, ""); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (a *app) workflowDelete() *cobra.Command {
	d := &deletion{noun: "workflow"}
	d.look = func(ctx context.Context, b Backend, ref string) error {
		w, err := b.Workflow(ctx, ref)
		d.id, d.name = w.ID, w.Name
		if d.lost = ""; w.KeyCount > 0 {
			d.lost = fmt.Sprintf(", and %s may no longer invoke it: %s", plural(w.KeyCount, "key"), a.losers(w))
		}
		return err
	}
	d.do = func(ctx context.Context, b Backend, id string) error {
		_, err := b.DeleteWorkflow(ctx, id)
		return err
	}
	return a.deleteCommand(d, "Delete a workflow. Keys that may invoke it lose it.", "  keyward workflow delete \"Get customer\"", a.workflowNames)
}

// losers names the keys that permit a workflow, those of production first.
func (a *app) losers(w model.WorkflowInfo) string {
	var names []string
	for i, name := range w.Keys {
		names = append(names, a.productionMark(i < w.ProductionKeys)+strconv.Quote(name))
	}
	text := strings.Join(names, ", ")
	if more := w.KeyCount - len(w.Keys); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// productionMark is what stands before the name of a key that may invoke
// production, as in the console.
func (a *app) productionMark(production bool) string {
	switch {
	case !production:
		return ""
	case a.ascii || tui.PlainLocale(a.env.Getenv):
		return tui.Plain("◆ ")
	}
	return "◆ "
}
