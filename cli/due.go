package cli

import (
	"fmt"
	"strconv"
	"time"

	"dev.keyward/keyward/model"
)

// dueItem is one thing of a key that ends: what "key list --expiring" prints.
type dueItem struct {
	ID          model.ID       `json:"id"`
	Name        string         `json:"name"`
	Kind        model.Kind     `json:"kind"`
	Status      model.Status   `json:"status"`
	Environment string         `json:"environment"`
	Slot        model.SlotName `json:"slot"`            // NoSlot: the key itself
	Secret      model.Hint     `json:"secret,omitzero"` // a replaced secret, whose grace period ends
	Ends        model.Instant  `json:"ends"`
	Ended       bool           `json:"ended"`
	Advice      string         `json:"advice"`
}

func dueItems(k model.KeyRow, now time.Time) []dueItem {
	var out []dueItem
	for _, d := range k.Due {
		out = append(out, dueItem{
			ID: k.ID, Name: k.Name, Kind: k.Kind, Status: k.Status, Environment: k.Environment,
			Slot: d.Slot, Secret: d.Secret, Ends: d.Ends, Ended: model.At(now) >= d.Ends, Advice: dueAdvice(k, d),
		})
	}
	return out
}

// dueAdvice is the command that puts off the end: of a certificate one that has
// the next overlap with it, where a slot is free for that. A grace period cannot
// be made longer, so that the callers have to be found.
func dueAdvice(k model.KeyRow, d model.Due) string {
	name := strconv.Quote(k.Name)
	switch {
	case d.Slot == model.NoSlot:
		return "keyward key edit " + name + " --expires 90d, or key delete"
	case d.Secret != model.Hint{}:
		return fmt.Sprintf("give callers the new %s secret; keyward key show %s says who called last", d.Slot, name)
	}
	return fmt.Sprintf("keyward key edit %s --slot %s --cert NEW-FILE", name, d.Renew)
}

// duePrinter prints what is due of pages of keys as they come. Its end is an
// error with the exit code 6 where anything is.
func (a *app) duePrinter(within time.Duration) keyPrinter {
	list := array{w: a.out}
	t := &table{w: a.out, width: a.width(), header: []string{"NAME", "WHAT", "ENDS", "TO DO"}}
	found := 0
	return keyPrinter{
		page: func(p model.KeyPage) error {
			var items []dueItem
			for _, k := range p.Keys {
				items = append(items, dueItems(k, a.env.Now())...)
			}
			found += len(items)
			if a.json {
				return addAll(&list, items)
			}
			return printDue(t, items)
		},
		end: func(last model.KeyPage) error {
			if a.json {
				if err := list.end(); err != nil {
					return err
				}
			} else if found == 0 {
				a.notef("Nothing of %s ends within %s.", plural(last.All, "key"), spanText(within))
			}
			if found > 0 {
				return &codeError{exitDue, fmt.Errorf("%d of what the keys hold ended or ends within %s: renew it, or delete the keys", found, spanText(within))}
			}
			return nil
		},
	}
}

func printDue(t *table, items []dueItem) error {
	var rows [][]string
	for _, d := range items {
		rows = append(rows, []string{d.Name, d.what(), d.when(), d.Advice})
	}
	if len(rows) == 0 {
		return nil
	}
	return t.add(rows)
}

// what says which part of the key it is.
func (d dueItem) what() string {
	switch {
	case d.Slot == model.NoSlot:
		return "key"
	case d.Secret != model.Hint{}:
		return "old " + d.Slot.String() + " secret " + d.Secret.String()
	}
	return d.Slot.String() + " certificate"
}

func (d dueItem) when() string {
	switch {
	case d.Ended:
		return "ended " + d.Ends.DayText()
	case d.Secret != model.Hint{}:
		return "grace ends " + d.Ends.Text()
	}
	return "ends " + d.Ends.DayText()
}

// spanText writes a length of time in days, where it is whole days.
func spanText(d time.Duration) string {
	const day = 24 * time.Hour
	if d%day == 0 {
		return plural(int(d/day), "day")
	}
	return d.String()
}
