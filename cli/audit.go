package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"dev.keyward/keyward/model"
)

// Record is what the commands need of the audit trail.
type Record interface {
	Audit(context.Context, model.AuditQuery) (model.AuditPage, error)
	VerifyAudit(context.Context) (entries uint64, err error)
}

type audit struct {
	since, key, filter string
	limit              int
	follow             bool
}

func (a *app) auditGroup() *cobra.Command {
	var o audit
	c := &cobra.Command{
		Use:   "audit",
		Short: "Show who changed what, and check that the record is whole",
		Long: `Show the audit trail, newest entry first: who changed what, when and why. Every
change is committed together with its entry, and each entry holds the hash of the
one before it. --since takes a time back from now, such as 24h or 7d, or a day.
--follow shows the newest entries, oldest first, and then each as it comes, until
it is interrupted; with --json, an object a line.`,
		Example: `  keyward audit --since 24h
  keyward audit --key orders --json
  keyward audit --follow`,
		Args: noCommand,
		RunE: func(c *cobra.Command, _ []string) error {
			q, err := o.query(c, a.env.Now())
			if err != nil {
				return err
			}
			if o.follow {
				return a.followAudit(c.Context(), q, o)
			}
			return a.use(c.Context(), reading, func(b Backend) error {
				if q.Object, err = keyReference(c.Context(), b, o.key); err != nil {
					return err
				}
				return a.showAudit(c.Context(), b, q, o.limit)
			})
		},
	}
	f := c.Flags()
	f.StringVar(&o.since, "since", "", "entries of the last `TIME` only, or since a day")
	f.StringVar(&o.key, "key", "", "entries about the key of this `NAME` only")
	f.StringVar(&o.filter, "filter", "", "entries in which every one of these `WORDS` is found")
	f.IntVar(&o.limit, "limit", 0, "at most `N` entries (default: all)")
	f.BoolVar(&o.follow, "follow", false, "go on with each entry as it comes")
	a.completeFlag(c, "key", a.keyNames)
	a.jsonFlag(c)
	c.AddCommand(a.auditVerify())
	return c
}

func (o *audit) query(c *cobra.Command, now time.Time) (model.AuditQuery, error) {
	q := model.AuditQuery{Filter: o.filter}
	if o.key == "" && c.Flags().Changed("key") {
		return q, usagef(c, "--key takes a name")
	}
	if o.limit < 0 {
		return q, usagef(c, "--limit is a number from 1 on")
	}
	if !c.Flags().Changed("since") {
		return q, nil
	}
	if day, err := time.Parse(time.DateOnly, o.since); err == nil {
		q.Since = day
		return q, nil
	}
	span, err := model.ParseSpan(o.since)
	if err != nil {
		return q, usagef(c, "--since: %s, or a day such as %s", err, now.UTC().Format(time.DateOnly))
	}
	q.Since = now.Add(-span)
	return q, nil
}

// keyReference is how the trail refers to the key of that name: by its id, which
// finds what happened under other names too; a key that is gone by its name.
func keyReference(ctx context.Context, b Backend, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	k, err := b.Key(ctx, name)
	switch {
	case errors.Is(err, model.ErrNotFound):
		return name, nil
	case err != nil:
		return "", err
	}
	return k.ID.String(), nil
}

// showAudit prints the trail page by page, so that it need not be in memory.
func (a *app) showAudit(ctx context.Context, b Record, q model.AuditQuery, limit int) error {
	add, end := a.auditPrinter(q)
	left := limit
	for {
		if limit > 0 {
			q.Limit = min(left, model.MaxPage)
		}
		page, err := b.Audit(ctx, q)
		if err != nil {
			return err
		}
		if err := add(page.Entries); err != nil {
			return err
		}
		left -= len(page.Entries)
		if page.Next == 0 || limit > 0 && left <= 0 {
			return end(page)
		}
		q.Before = page.Next
	}
}

// auditPrinter prints entries as they come, and what is left to say after the
// last page.
func (a *app) auditPrinter(q model.AuditQuery) (add func([]model.Entry) error, end func(model.AuditPage) error) {
	if a.json {
		list := array{w: a.out}
		return func(entries []model.Entry) error { return addAll(&list, entries) }, func(model.AuditPage) error { return list.end() }
	}
	t := &table{w: a.out, width: a.width(), header: []string{"SEQ", "TIME", "WHO", "ACTION", "OBJECT", "CHANGES"}}
	shown := 0
	add = func(entries []model.Entry) error {
		if shown += len(entries); shown == 0 {
			return nil
		}
		return t.add(auditRows(entries))
	}
	return add, func(last model.AuditPage) error {
		dir := a.emptyDir()
		switch {
		case dir != "":
			a.notef("There is no store in %s yet: each change will be on record in it.", dir)
		case last.Next != 0:
			a.notef("%s shown; there are older ones.", plural(shown, "entry"))
		case shown == 0:
			a.notef("The trail has %s; none matches.", plural(int(last.Newest), "entry"))
		case last.Newest == 1:
			a.notef("Nothing was changed yet: each change will be on record here.")
		}
		return nil
	}
}

func auditRows(entries []model.Entry) [][]string {
	var rows [][]string
	for _, e := range entries {
		rows = append(rows, []string{
			fmt.Sprint(e.Seq), e.Time.Text(), e.Actor.String(), actionText(e), e.Object.Name, e.Summary(),
		})
	}
	return rows
}

func actionText(e model.Entry) string {
	if e.Refused {
		return string(e.Action) + " refused"
	}
	return string(e.Action)
}

// verified is the answer of audit verify.
type verified struct {
	Entries uint64 `json:"entries"`
}

func (a *app) auditVerify() *cobra.Command {
	c := &cobra.Command{
		Use:   "verify",
		Short: "Check that no entry was altered, lost or put in",
		Long: `Walk the whole chain of entries and check each hash. Exit code 1 and the first bad
entry where the chain does not hold.`,
		Example: "  keyward audit verify",
		Args:    wants(),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.use(c.Context(), reading, func(b Backend) error {
				if dir := a.emptyDir(); dir != "" {
					return fmt.Errorf("there is no store in %s: name the data directory with --data", dir)
				}
				shown := a.progress("checking the audit trail")
				n, err := b.VerifyAudit(c.Context())
				shown.end()
				if err != nil {
					return err
				}
				return a.print(verified{n}, func() { a.printf("the audit trail is whole: %s\n", plural(int(n), "entry")) })
			})
		},
	}
	a.jsonFlag(c)
	return c
}

// reasonFlags gives every command of the groups that changes something
// --reason.
func (a *app) reasonFlags(groups ...*cobra.Command) {
	for _, g := range groups {
		for _, c := range g.Commands() {
			if c.Name() != "list" && c.Name() != "show" {
				a.reasonFlag(c)
			}
		}
	}
}

func (a *app) reasonFlag(c *cobra.Command) {
	c.Flags().StringVar(&a.reason, "reason", "", "`TEXT` that the audit trail keeps with the change")
}
