package tui

import "fmt"

// shortQuantity is a number in at most width cells, four or more: in full where
// that fits, else in thousands, millions and so on, rounded down.
func shortQuantity(n uint64, width int) string {
	text := quantity(n)
	if len(text) <= width {
		return text
	}
	units, rest := "kMGTPE", uint64(0)
	for ; n >= 1000*1000; units = units[1:] {
		n /= 1000
	}
	n, rest = n/1000, n%1000
	if text = fmt.Sprintf("%d.%d%s", n, rest/100, units[:1]); len(text) <= width {
		return text
	}
	return fmt.Sprintf("%d%s", n, units[:1])
}
