package sharing

import (
	"context"
	"slices"

	"dev.keyward/keyward/model"
)

// untold is what was counted and is not known to be the owner's. It belongs to
// the work of the place, which ends before the next place begins.
type untold struct {
	run      model.ID // tells the batches of this process from those of others
	sequence uint64   // of the newest batch
	batches  []model.UsageBatch
}

// add makes batches of what was counted.
func (u *untold) add(list []model.Usage) {
	for batch := range slices.Chunk(list, model.MaxBatch) {
		u.sequence++
		u.batches = append(u.batches, model.UsageBatch{Run: u.run, Sequence: u.sequence, Usage: batch})
	}
}

// tell hands over what was counted: first what the owner did not say that it
// took.
func (p *place) tell(ctx context.Context) {
	if p.tellAgain(ctx) {
		p.m.untold.add(p.m.meter.Drain())
		p.tellAgain(ctx)
	}
}

// tellAgain hands over the batches that there are, and reports whether the owner
// took them all. One that it took before counts for nothing where its answer was
// lost. The next owner does not know of that: a figure is rather a little too
// high then than that a slot looks unused which somebody calls, since that is what
// a rotation is ended by.
func (p *place) tellAgain(ctx context.Context) bool {
	u := &p.m.untold
	for len(u.batches) > 0 {
		if err := p.client.AddUsage(ctx, u.batches[0]); err != nil {
			return false
		}
		u.batches = u.batches[1:]
	}
	return true
}

// takeUsage takes in what was counted in this process, which owns the store.
func (p *place) takeUsage() {
	u := &p.m.untold
	for _, batch := range u.batches {
		p.service.AddUsageOnce(batch)
	}
	u.batches = nil
	p.service.AddUsage(p.m.meter.Drain())
}
