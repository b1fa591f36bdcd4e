package cli

import (
	"testing"

	"dev.keyward/keyward/model"
)

// TestGapsAreToldOnce: calls that went by while the follower was stopped are
// told of once, and what was before it began is not.
func TestGapsAreToldOnce(t *testing.T) {
	var g gapsTold
	gaps := []model.ActivityGap{{Number: 7, Calls: 3}, {Number: 9, Calls: 4}, {Number: 12, Calls: 5}}
	for i, step := range []struct {
		after uint64
		gaps  []model.ActivityGap
		want  uint64
	}{
		{0, gaps[:1], 0}, {6, gaps[:1], 0}, {8, nil, 0}, {8, gaps[1:], 9}, {11, gaps[2:], 0},
	} {
		if got := g.more(model.ActivityQuery{After: step.after}, model.ActivityPage{Gaps: step.gaps}); got != step.want {
			t.Errorf("step %d: %d calls, want %d", i, got, step.want)
		}
	}
}
