package tui

import (
	"math"
	"testing"
)

func TestShortQuantity(t *testing.T) {
	for _, c := range []struct {
		n     uint64
		width int
		want  string
	}{
		{0, 5, "0"}, {1_000, 4, "1.0k"}, {9_999, 5, "9,999"}, {99_999, 5, "99.9k"}, {100_000, 5, "100k"}, {123_456, 5, "123k"}, {999_999, 5, "999k"},
		{1_000_000, 5, "1.0M"}, {12_345_678, 5, "12.3M"}, {147_450, 7, "147,450"}, {999_999, 7, "999,999"}, {1_234_567, 7, "1.2M"},
		{12_345_678, 7, "12.3M"}, {math.MaxUint64, 5, "18.4E"}, {math.MaxUint64, 4, "18E"}, {18_446_744, 4, "18M"},
	} {
		if got := shortQuantity(c.n, c.width); got != c.want {
			t.Errorf("%d in %d cells is %q, want %q", c.n, c.width, got, c.want)
		}
	}
}
