package cli

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/sharing"
)

// followFirst is how many entries --follow begins with, as tail does.
const followFirst = 10

// watch is sharing.Member.Watch: it calls fn with each new state of the store
// until ctx ends.
type watch func(ctx context.Context, fn func(model.Standing)) error

// useFollowing is use for a command that goes on until it is interrupted.
func (a *app) useFollowing(ctx context.Context, fn func(Backend, watch) error) error {
	if a.given != nil {
		return fn(a.given, a.watch)
	}
	dir, err := a.dataDir()
	if err != nil {
		return err
	}
	return a.useShared(ctx, dir, model.RankConsole, func(m *sharing.Member) error { return fn(m, m.Watch) })
}

// followAudit prints the newest entries and then each as it comes, until ctx
// ends, which is how it is meant to end. It takes part with a console's rank: an
// endpoint that comes gets the store.
func (a *app) followAudit(ctx context.Context, q model.AuditQuery, o audit) error {
	return a.useFollowing(ctx, func(b Backend, watch watch) (err error) {
		if q.Object, err = keyReference(ctx, b, o.key); err != nil {
			return err
		}
		if q.Limit = followFirst; o.limit > 0 {
			q.Limit = min(o.limit, model.MaxPage)
		}
		page, err := b.Audit(ctx, q)
		if err != nil {
			return err
		}
		if err := a.printEntries(page.Entries); err != nil {
			return err
		}
		q.Limit, q.After = model.MaxPage, page.Newest
		return a.followFrom(ctx, b, watch, q)
	})
}

// followFrom prints what comes after q.After. Where the store was put back from a
// backup that ends before it, what comes after that is printed.
func (a *app) followFrom(ctx context.Context, b Record, watch watch, q model.AuditQuery) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	err := watch(ctx, func(at model.Standing) {
		for at.Seq != q.After {
			entries, newest, err := since(ctx, b, q)
			if err != nil && at.Seq < q.After {
				return // this process just does not know yet what was printed: what comes next will tell
			}
			if err == nil {
				err = a.printEntries(entries)
			}
			if err != nil {
				cancel(err)
				return
			}
			before := q.After
			if q.After = newest; newest <= before || newest >= at.Seq {
				return
			}
		}
	})
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// since gathers the entries after q.After, newest first, and how far they reach.
func since(ctx context.Context, b Record, q model.AuditQuery) (entries []model.Entry, newest uint64, err error) {
	for {
		page, err := b.Audit(ctx, q)
		if err != nil {
			return nil, 0, err
		}
		entries = append(entries, page.Entries...)
		newest = max(newest, page.Newest)
		if page.Next == 0 {
			return entries, newest, nil
		}
		q.Before = page.Next
	}
}

// printEntries prints entries that came newest first, the oldest first, and sees
// to it that they are seen.
func (a *app) printEntries(entries []model.Entry) error {
	for _, e := range slices.Backward(entries) {
		if a.json {
			line, err := json.Marshal(e)
			if err != nil {
				return err
			}
			a.printf("%s\n", line)
			continue
		}
		for _, row := range auditRows([]model.Entry{e}) {
			a.printf("%s\n", strings.TrimRight(model.Clean(strings.Join(row, "  ")), " "))
		}
	}
	return a.flush()
}
