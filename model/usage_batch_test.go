package model_test

import (
	"testing"

	"dev.keyward/keyward/model"
)

// TestUsageBatchCountsOnce: a batch that comes again counts for nothing, also
// after the next one; those of another process, and those without a number, are
// batches of their own.
func TestUsageBatchCountsOnce(t *testing.T) {
	w, _, _ := fixture(t)
	id := must(t)(w.Key(t.Context(), "app")).ID
	for i, c := range []struct {
		run      model.ID
		sequence uint64
		want     uint64
	}{{7, 1, 1}, {7, 1, 1}, {7, 2, 2}, {7, 1, 2}, {8, 1, 3}, {7, 2, 3}, {8, 1, 3}, {0, 0, 4}, {0, 0, 5}} {
		w.service.AddUsageOnce(model.UsageBatch{Run: c.run, Sequence: c.sequence, Usage: []model.Usage{{Key: id, Slot: model.Primary, Allowed: 1}}})
		info := must(t)(w.Key(t.Context(), "app"))
		if got := info.Slot(model.Primary).Usage.Allowed; got != c.want {
			t.Errorf("%d: counted are %d, want %d", i, got, c.want)
		}
	}
}
