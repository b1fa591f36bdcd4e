package model_test

import (
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

func TestAt(t *testing.T) {
	t.Parallel()
	year := func(n int) time.Time { return time.Date(n, time.December, 31, 23, 59, 59, 0, time.UTC) }
	if got := model.At(year(2261)).Time(); !got.Equal(year(2261)) {
		t.Errorf("2261 became %v", got)
	}
	if model.At(time.Time{}) != 0 {
		t.Error("the zero time is an instant")
	}
	for _, n := range []int{2262, 9999} {
		if model.At(year(n)) <= model.At(year(2261)) {
			t.Errorf("the year %d is before 2261", n)
		}
	}
	if model.At(year(1)) >= model.At(year(1678)) {
		t.Error("the year 1 is after 1678")
	}
}
