package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"dev.keyward/keyward/model"
)

func (a *app) keyGroup() *cobra.Command {
	return group("key", "Manage keys",
		`A key lets a caller invoke the workflows it permits, in its environment or in
any. A token key has two secrets, a certificate key one or two client
certificates; either of the two works, so that one can be replaced while the
other goes on working.`,
		a.keyList(), a.keyShow(), a.keyCreate(), a.keyEdit(), a.keyEnable(true), a.keyEnable(false), a.keyRegenerate(), a.keyPermit(),
		a.keyDelete(), a.keyRestore())
}

type keyList struct {
	filter, sort, expiring string
	desc, deleted          bool
	limit                  int
}

func (a *app) keyList() *cobra.Command {
	var o keyList
	c := &cobra.Command{
		Use:   "list",
		Short: "List keys",
		Long: `List keys. A filter's words must each be found in the name, the environment, the
kind, the status, a secret's first or last four characters, or a certificate's
subject or thumbprint. EXPIRES is when the key stops working by itself: its
expiry, or the end of its last certificate. On a terminal without room for all,
CREATED is left out and "certificate" is written "cert"; --json has everything.

--expiring lists instead what ends within a time or has ended: keys by their own
expiry, certificates by their slot, and replaced secrets whose grace period ends.
A certificate is not due once the key's other slot has a later one that outlives
that time. The exit code is 6 when anything is due and 0 when nothing is.

--deleted lists instead the keys that were deleted, the last first: each can
be restored (keyward key restore) until keyward purge takes it after 14 days.`,
		Example: `  keyward key list --filter "test expiring" --sort ends
  keyward key list --expiring 30d
  keyward key list --json`,
		Args: wants(),
		RunE: func(c *cobra.Command, _ []string) error {
			q, err := o.query(c)
			if err != nil {
				return err
			}
			if o.deleted {
				return a.use(c.Context(), reading, func(b Backend) error { return a.listDeleted(c.Context(), b, o.limit) })
			}
			return a.use(c.Context(), reading, func(b Backend) error { return a.listKeys(c.Context(), b, q, o.limit) })
		},
	}
	c.Flags().StringVar(&o.filter, "filter", "", "only keys in which each of these `WORDS` is found")
	c.Flags().StringVar(&o.sort, "sort", "name", "`ORDER`: "+listed(sortNames()))
	c.Flags().BoolVar(&o.desc, "desc", false, "the other way round")
	c.Flags().IntVar(&o.limit, "limit", 0, "at most this many `KEYS` (default: all)")
	c.Flags().StringVar(&o.expiring, "expiring", "", "only what ends within this `TIME`, such as 30d, or has ended")
	c.Flags().BoolVar(&o.deleted, "deleted", false, "deleted keys, which can be restored")
	mayBeEmpty(c, "filter") // finds all, as a search for nothing does
	completeWords(c, "sort", sortNames()...)
	a.jsonFlag(c)
	return c
}

func sortNames() []string {
	var names []string
	for _, s := range model.KeySorts {
		names = append(names, s.String())
	}
	return names
}

func (o *keyList) query(c *cobra.Command) (model.KeyQuery, error) {
	q := model.KeyQuery{Filter: o.filter, Desc: o.desc}
	if err := q.Sort.UnmarshalText([]byte(o.sort)); err != nil || o.sort == "" {
		return q, usagef(c, "there is no order %q: use %s", o.sort, listed(sortNames()))
	}
	if o.deleted && anyChanged(c, "filter", "sort", "desc", "expiring") {
		return q, usagef(c, "--deleted goes with --limit and --json only")
	}
	if o.limit < 0 {
		return q, usagef(c, "--limit is a number from 1 on")
	}
	if !c.Flags().Changed("expiring") {
		return q, nil
	}
	span, err := model.ParseSpan(o.expiring)
	if err == nil && span <= 0 {
		err = usagef(c, "--expiring is a time from 1s on, such as 30d")
	}
	q.Within = span
	return q, err
}

// listKeys prints the list page by page, so that it need not be in memory.
func (a *app) listKeys(ctx context.Context, b Keys, q model.KeyQuery, limit int) error {
	p := a.keyPrinter()
	if q.Within > 0 {
		p = a.duePrinter(q.Within)
	}
	left := limit
	for {
		if limit > 0 {
			q.Limit = min(left, model.MaxPage)
		}
		page, err := b.Keys(ctx, q)
		if err != nil {
			return err
		}
		if err := p.page(page); err != nil {
			return err
		}
		left -= len(page.Keys)
		if page.Next == "" || limit > 0 && left <= 0 {
			return p.end(page)
		}
		q.Cursor = page.Next
	}
}

// keyPrinter prints pages of keys as they come, and what is left to say after
// the last.
type keyPrinter struct {
	page func(model.KeyPage) error
	end  func(last model.KeyPage) error
}

// The columns of the list of keys that give way, and the one that never does:
// when a key stops working is what the list is read for.
const (
	kindColumn    = 1
	createdColumn = 5
	expiresColumn = 6
	// wideKeys is the width from which kinds are written in full.
	wideKeys = 100
)

// shortKind is a kind as the console's list has it where room is short.
func shortKind(k model.Kind) string {
	if k == model.CertificateKey {
		return "cert"
	}
	return k.String()
}

func keyTable(w io.Writer, width int) *table {
	return &table{w: w, width: width, header: []string{"NAME", "KIND", "ENVIRONMENT", "STATUS", "WORKFLOWS", "CREATED", "EXPIRES", "USED"},
		firm: []int{expiresColumn}, optional: []int{createdColumn}}
}

// addKeys prints keys, a row each.
func addKeys(t *table, keys []model.KeyRow, now time.Time) error {
	var rows [][]string
	for _, k := range keys {
		cells := keyCells(k, now)
		if t.width > 0 && t.width < wideKeys {
			cells[kindColumn] = shortKind(k.Kind)
		}
		rows = append(rows, cells)
	}
	return t.add(rows)
}

func (a *app) keyPrinter() keyPrinter {
	if a.json {
		return a.keyArray()
	}
	t := keyTable(a.out, a.width())
	shown := 0
	return keyPrinter{
		page: func(p model.KeyPage) error {
			if shown += len(p.Keys); shown == 0 {
				return nil
			}
			return addKeys(t, p.Keys, a.env.Now())
		},
		end: func(last model.KeyPage) error {
			dir := a.emptyDir()
			switch {
			case dir != "":
				a.notef("There is no store in %s yet: make a key with keyward key create NAME --environment Test --workflow WORKFLOW", dir)
			case last.All == 0:
				a.notef("There are no keys yet: make one with keyward key create NAME --environment Test --workflow WORKFLOW")
			case last.Total == 0:
				a.notef("None of the %s matches.", plural(last.All, "key"))
			case shown < last.Total:
				a.notef("%d of %s shown.", shown, plural(last.Total, "key"))
			}
			return nil
		},
	}
}

// keyArray prints the pages as one JSON array, a key a line.
func (a *app) keyArray() keyPrinter {
	list := array{w: a.out}
	return keyPrinter{
		page: func(p model.KeyPage) error { return addAll(&list, p.Keys) },
		end:  func(model.KeyPage) error { return list.end() },
	}
}

func keyCells(k model.KeyRow, now time.Time) []string {
	return []string{k.Name, k.Kind.String(), environmentText(k), statusText(k.Status), fmt.Sprint(k.WorkflowCount), k.Created.DayText(), k.Ends.DayText(), k.LastUsed.Ago(now)}
}

// environmentText is a key's target; a key without one is marked, since it may
// invoke everywhere.
func environmentText(k model.KeyRow) string {
	if k.Environment == "" {
		return "any (!)"
	}
	return k.Environment
}

// statusText is a status as a glyph and a word.
func statusText(s model.Status) string {
	glyph := "?"
	switch s {
	case model.StatusEnabled:
		glyph = "●"
	case model.StatusDisabled:
		glyph = "○"
	case model.StatusExpiring:
		glyph = "!"
	case model.StatusPending:
		glyph = "…"
	case model.StatusExpired:
		glyph = "✗"
	}
	return glyph + " " + s.String()
}

func (a *app) keyEnable(enabled bool) *cobra.Command {
	verb, long := "disable", `Stop a key: calls with it are refused from the next request on. A key that is
disabled already stays so.`
	if enabled {
		verb, long = "enable", `Let a key work again, from the next request on. A key that is enabled already
stays so.`
	}
	c := &cobra.Command{
		Use:               verb + " NAME...",
		Short:             map[bool]string{true: "Let a key work again", false: "Stop a key at once"}[enabled],
		Long:              long + "\n\nSeveral keys are done in batches of 500, each whole or not at all.",
		Example:           "  keyward key " + verb + " orders\n  keyward key " + verb + " orders partner",
		Args:              wantsSome("NAME"),
		ValidArgsFunction: a.complete(a.keyNames),
		RunE: func(c *cobra.Command, args []string) error {
			return a.use(c.Context(), changing, func(b Backend) error {
				if len(args) > 1 {
					return a.enableKeys(c.Context(), b, args, enabled)
				}
				k, err := b.SetKeyEnabled(c.Context(), args[0], enabled)
				if err != nil {
					return err
				}
				return a.print(k, func() { a.printf("key %q %sd; %s\n", k.Name, verb, a.inForce()) })
			})
		},
	}
	a.jsonFlag(c)
	return c
}

// enableKeys lets several keys work, or stops them. What was done before an
// error is said all the same.
func (a *app) enableKeys(ctx context.Context, b Backend, names []string, enabled bool) error {
	r, err := b.ChangeKeys(ctx, names, model.KeyBulk{Enable: enabled, Disable: !enabled})
	if err != nil && len(r.Done) == 0 {
		return err
	}
	verb, other := "disabled", "enabled"
	if enabled {
		verb, other = other, verb
	}
	return errors.Join(a.print(r, func() {
		if r.Changed == 0 {
			a.printf("none of %s was %s: nothing was changed\n", plural(len(r.Done), "key"), other)
			return
		}
		a.printf("%s %s, %d of them now; %s\n", plural(len(r.Done), "key"), verb, r.Changed, a.inForce())
	}), err)
}

func (a *app) keyDelete() *cobra.Command {
	d := &deletion{noun: "key"}
	d.look = func(ctx context.Context, b Backend, ref string) error {
		k, err := b.Key(ctx, ref)
		d.id, d.name = k.ID, k.Name
		if d.lost = ""; k.WorkflowCount > 0 {
			d.lost = fmt.Sprintf(", and its callers may no longer invoke %s", plural(k.WorkflowCount, "workflow"))
		}
		return err
	}
	d.do = func(ctx context.Context, b Backend, id string) error { return b.DeleteKey(ctx, id) }
	return a.deleteCommand(d, `Delete a key: its callers are refused from the next request on, and its name is
free. keyward key restore undoes that until keyward purge, after 14 days. To
stop a key for a while, disable it.`, "  keyward key delete orders", a.keyNames)
}
