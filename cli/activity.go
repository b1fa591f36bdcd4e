package cli

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"dev.keyward/keyward/model"
)

// Traffic is what the commands ask about what endpoints decided.
type Traffic interface {
	Activity(context.Context, model.ActivityQuery) (model.ActivityPage, error)
}

type activity struct {
	key, workflow   string
	limit           int
	follow, refused bool
}

func (a *app) activity() *cobra.Command {
	var o activity
	c := &cobra.Command{
		Use:   "activity",
		Short: "Show what endpoints decide, call by call",
		Long: `Show the newest calls that endpoints of this store decided, oldest first: when,
how, by which key, and what was called. The newest refusals since the endpoint
started are kept; allowed calls are kept only while somebody watches, with
--follow or on a console.
--follow shows what there is, and then each call as it is decided, until it is
interrupted; with --json, an object a line. When nobody watched, and how many
allowed calls were not kept therefore, is said between the calls; with --json on
standard error.`,
		Example: `  keyward activity --follow
  keyward activity --refused --key orders
  keyward activity --follow --workflow customer --json`,
		Args: wants(),
		RunE: func(c *cobra.Command, _ []string) error {
			switch changed := c.Flags().Changed; {
			case o.limit < 0 || changed("limit") && o.limit == 0:
				return usagef(c, "--limit is a number from 1 on")
			case changed("key") && o.key == "":
				return usagef(c, "--key takes a name")
			case changed("workflow") && o.workflow == "":
				return usagef(c, "--workflow takes a name")
			case o.follow:
				return a.followActivity(c.Context(), o)
			}
			return a.use(c.Context(), reading, func(b Backend) error { return a.showActivity(c.Context(), b, o) })
		},
	}
	f := c.Flags()
	f.BoolVar(&o.follow, "follow", false, "go on with each call as it is decided")
	f.BoolVar(&o.refused, "refused", false, "refused calls only")
	f.StringVar(&o.key, "key", "", "calls with the key of this `NAME` only")
	f.StringVar(&o.workflow, "workflow", "", "calls of the workflow of this `NAME` only")
	f.IntVar(&o.limit, "limit", 0, fmt.Sprintf("at most `N` calls, the newest ones, and %d at most (default 200)", model.MaxPage))
	a.completeFlag(c, "key", a.keyNames)
	a.completeFlag(c, "workflow", a.workflowNames)
	a.jsonFlag(c)
	return c
}

// query finds what the flags name.
func (o *activity) query(ctx context.Context, b Backend) (model.ActivityQuery, error) {
	q := model.ActivityQuery{Limit: o.limit, Refused: o.refused}
	if o.key != "" {
		k, err := b.Key(ctx, o.key)
		if err != nil {
			return q, err
		}
		q.Key = k.ID
	}
	if o.workflow != "" {
		w, err := b.Workflow(ctx, o.workflow)
		if err != nil {
			return q, err
		}
		q.Workflow = w.ID
	}
	return q, nil
}

func (a *app) showActivity(ctx context.Context, b Backend, o activity) error {
	q, err := o.query(ctx, b)
	if err != nil {
		return err
	}
	page, err := b.Activity(ctx, q)
	if err != nil {
		return err
	}
	if a.json {
		list := array{w: a.out}
		if err := addAll(&list, page.Records); err != nil {
			return err
		}
		return list.end()
	}
	if len(page.Records) > 0 {
		return a.activityTable().print(page.Records)
	}
	if len(page.Serving) == 0 {
		a.notef("No endpoint runs on this data directory: keyward serve starts one.")
		return nil
	}
	a.notef("No call to show. Allowed calls are kept only while somebody watches: --follow shows them as they come.")
	return nil
}

// activityColumn is one column of what is printed of a call.
type activityColumn struct {
	title string
	least int // columns that the terminal has at least where it is shown
	cell  func(model.Activity) string
}

// activityColumns are those for a terminal; another reader gets them all. The
// last three tell what was asked for whatever the width.
var activityColumns = []activityColumn{
	{"TIME (UTC)", 0, func(r model.Activity) string { return r.At.UTC().Format(time.TimeOnly) }},
	{"STATUS", 100, func(r model.Activity) string {
		if r.Status == 0 {
			return "-"
		}
		return strconv.Itoa(r.Status)
	}},
	{"TOOK", 150, func(r model.Activity) string { return r.Took.Round(time.Microsecond).String() }},
	{"FROM", 150, func(r model.Activity) string { return r.Remote }},
	{"ENVIRONMENT", 120, func(r model.Activity) string { return orDash(r.Environment) }},
	{"WORKFLOW", 150, func(r model.Activity) string { return orDash(r.Bound) }},
	{"ANSWER", 0, answerText},
	{"KEY", 0, func(r model.Activity) string {
		if r.Slot == model.NoSlot {
			return orDash(r.KeyName)
		}
		return r.KeyName + " (" + r.Slot.String() + ")"
	}},
	{"CALL", 0, func(r model.Activity) string {
		if r.Query != "" {
			return r.Method + " " + r.Path + "?" + r.Query
		}
		return r.Method + " " + r.Path
	}},
}

// answerText is what was decided and, of an allowed call whose upstream did not
// answer, why.
func answerText(r model.Activity) string {
	if r.UpstreamFailure == model.UpstreamDidNotFail {
		return r.Reason.String()
	}
	return r.Reason.String() + ", " + r.UpstreamFailure.String()
}

// activityPrinter is a table of calls as wide as the reader's terminal.
type activityPrinter struct {
	table
	columns []activityColumn
}

func (a *app) activityTable() *activityPrinter {
	p := &activityPrinter{table: table{w: a.out, width: a.width()}}
	for _, c := range activityColumns {
		if p.width != 0 && p.width < c.least {
			continue
		}
		p.columns, p.header = append(p.columns, c), append(p.header, c.title)
	}
	if p.width == 0 { // a file is read on another day
		p.columns[0].cell = func(r model.Activity) string { return r.At.UTC().Format("2006-01-02 15:04:05.000") }
	}
	return p
}

func (p *activityPrinter) print(list []model.Activity) error {
	rows := make([][]string, len(list))
	for i, r := range list {
		for _, c := range p.columns {
			rows[i] = append(rows[i], c.cell(r))
		}
	}
	return p.add(rows)
}

// activityEvery is how often --follow asks what was decided.
const activityEvery = 200 * time.Millisecond

// followActivity prints what there is and then each call as it is decided, until
// ctx ends, which is how it is meant to end. It takes part with a console's rank:
// an endpoint that comes gets the store.
func (a *app) followActivity(ctx context.Context, o activity) error {
	return a.useFollowing(ctx, func(b Backend, _ watch) error {
		q, err := o.query(ctx, b)
		if err != nil {
			return err
		}
		tick := time.NewTicker(activityEvery)
		defer tick.Stop()
		table := a.activityTable()
		var gaps activityGaps
		for {
			page, err := b.Activity(ctx, q)
			if err == nil {
				err = a.printActivity(table, &gaps, page)
			}
			if err != nil {
				return err
			}
			q.After, q.Limit = page.Next, model.MaxPage
			select {
			case <-tick.C:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
}
