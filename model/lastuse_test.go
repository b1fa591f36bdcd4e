package model_test

import (
	"math"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

func TestLastUses(t *testing.T) {
	var l model.LastUses
	at := func(n int) model.Instant { return model.Instant(n) * model.Instant(time.Minute) }
	check := func(key model.ID, primary, secondary model.Instant) {
		t.Helper()
		for slot, want := range []model.Instant{model.NoSlot: max(primary, secondary), model.Primary: primary, model.Secondary: secondary} {
			if got := l.Of(key, model.SlotName(slot)); got != want {
				t.Errorf("key %d, slot %d: %v, want %v", key, slot, got, want)
			}
		}
	}
	check(5, 0, 0)
	l.Note(5, model.Primary, at(70)+59e9)
	l.Note(9, model.Secondary, at(80))
	l.Note(9, model.Primary, at(90))
	l.Note(9, model.Primary, at(85)) // an older report
	l.Note(7, model.Secondary, at(60))
	l.Note(7, model.Primary, at(50))
	l.Note(5, model.NoSlot, at(99))
	l.Note(5, 7, at(99))
	l.Note(6, model.Primary, 0)
	l.Note(6, model.Primary, math.MinInt64)
	check(5, at(70), 0)
	check(6, 0, 0)
	check(7, at(50), at(60))
	check(9, at(90), at(80))
	l.Forget(7)
	l.Forget(9)
	l.Forget(4711)
	check(5, at(70), 0)
	check(7, 0, 0)
	check(9, 0, 0)
	l.Note(9, model.Secondary, math.MaxInt64)
	if got := l.Of(9, model.NoSlot); got <= at(90) || got.Time().Year() > 2263 {
		t.Errorf("the end of time: %v", got)
	}
}
