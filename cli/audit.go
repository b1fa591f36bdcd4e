package cli

import (
	"context"
	"fmt"
	"strings"
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
}

func (a *app) auditGroup() *cobra.Command {
	var o audit
	c := &cobra.Command{
		Use:   "audit",
		Short: "Show who changed what, and check that the record is whole",
		Long: `Show the audit trail, newest entry first: who changed what, when and why. Every
change is committed together with its entry, and each entry holds the hash of the
one before it. --since takes a time back from now, such as 24h or 7d, or a day.`,
		Example: `  keyward audit --since 24h
  keyward audit --key orders --json`,
		Args: noCommand,
		RunE: func(c *cobra.Command, _ []string) error {
			q, err := o.query(c, a.env.Now())
			if err != nil {
				return err
			}
			return a.use(c.Context(), reading, func(b Backend) error { return a.showAudit(c.Context(), b, q, o.limit) })
		},
	}
	f := c.Flags()
	f.StringVar(&o.since, "since", "", "entries of the last `TIME` only, or since a day")
	f.StringVar(&o.key, "key", "", "entries about the key of this `NAME` only")
	f.StringVar(&o.filter, "filter", "", "entries in which every one of these `WORDS` is found")
	f.IntVar(&o.limit, "limit", 0, "at most `N` entries (default: all)")
	a.completeFlag(c, "key", a.keyNames)
	a.jsonFlag(c)
	c.AddCommand(a.auditVerify())
	return c
}

func (o *audit) query(c *cobra.Command, now time.Time) (model.AuditQuery, error) {
	q := model.AuditQuery{Object: o.key, Filter: o.filter}
	if o.limit < 0 {
		return q, usagef(c, "--limit takes a number from 1 on")
	}
	if o.since == "" {
		return q, nil
	}
	if day, err := time.Parse(time.DateOnly, o.since); err == nil {
		q.Since = day
		return q, nil
	}
	span, err := model.ParseSpan(o.since)
	if err != nil {
		return q, usagef(c, "--since: %s", err)
	}
	q.Since = now.Add(-span)
	return q, nil
}

func (a *app) showAudit(ctx context.Context, b Backend, q model.AuditQuery, limit int) error {
	entries := []model.Entry{}
	t := table{w: a.out, width: a.width(), header: []string{"SEQ", "TIME", "WHO", "ACTION", "OBJECT", "CHANGES"}}
	for {
		if limit > 0 {
			q.Limit = min(limit, model.MaxPage)
		}
		page, err := b.Audit(ctx, q)
		if err != nil {
			return err
		}
		if a.json {
			entries = append(entries, page.Entries...)
		} else if err := t.add(auditRows(page.Entries)); err != nil {
			return err
		}
		limit -= len(page.Entries)
		if page.Next == 0 || q.Limit > 0 && limit <= 0 {
			break
		}
		q.Before = page.Next
	}
	if a.json {
		return writeJSON(a.out, entries, "  ")
	}
	return nil
}

func auditRows(entries []model.Entry) [][]string {
	var rows [][]string
	for _, e := range entries {
		rows = append(rows, []string{
			fmt.Sprint(e.Seq), e.Time.Text(), e.Actor.String(), actionText(e), e.Object.Name, changesText(e),
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

// changesText is an entry's changes and its reason on one line.
func changesText(e model.Entry) string {
	var parts []string
	for _, c := range e.Changes {
		switch {
		case c.From == "":
			parts = append(parts, c.Field+" "+c.To)
		case c.To == "":
			parts = append(parts, c.Field+" "+c.From+" removed")
		default:
			parts = append(parts, c.Field+" "+c.From+" → "+c.To)
		}
	}
	if e.Reason != "" {
		parts = append(parts, "reason: "+e.Reason)
	}
	return strings.Join(parts, "; ")
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
		Args:    noCommand,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.use(c.Context(), reading, func(b Backend) error {
				n, err := b.VerifyAudit(c.Context())
				if err != nil {
					return err
				}
				return a.print(verified{n}, func() { a.printf("the audit trail is whole: %d entries\n", n) })
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
				c.Flags().StringVar(&a.reason, "reason", "", "`TEXT` that the audit trail keeps with the change")
			}
		}
	}
}
