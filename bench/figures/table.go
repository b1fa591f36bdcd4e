//go:build unix

package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// doubledFrom is the number of keys from which on the targets are doubled.
const doubledFrom = 1_000_000

// table holds the figures for one number of keys.
type table struct {
	keys  int
	lines []line
}

// line is one figure; the floor is 0 where there is none.
type line struct {
	where, what             string
	target, measured, floor float64
	unit                    string
	gates                   bool
}

// add adds the figures of a program.
func (t *table) add(where string, r, floor results) {
	ms := func(what string, target, share float64, took, bare []time.Duration) {
		t.lines = append(t.lines, line{where, what, target, millis(took, share), millis(bare, share), "ms", false})
	}
	if !slices.Equal(r.open, r.exec) {
		ms("store open to rows, at most, median", 100, 0.5, r.open, nil)
		ms("exec to rows, with opening the store", 0, 0.5, r.exec, floor.exec)
	} else {
		ms("exec to rows, median", 100, 0.5, r.exec, floor.exec)
	}
	ms("cursor move to frame, median", 16, 0.5, r.down, floor.down)
	ms("cursor move to frame, p99", 33, 0.99, r.down, floor.down)
	ms("page down to frame, median", 16, 0.5, r.page, floor.page)
	ms("page down to frame, p99", 33, 0.99, r.page, floor.page)
	ms("filter keystroke to rows, median", 50, 0.5, r.filter, floor.filter)
	ms("filter keystroke to rows, p99", 0, 0.99, r.filter, floor.filter)
	if bare := millis(floor.down, 0.5); bare > 0 {
		t.gate(where, "cursor move, median beside the floor's", 2, millis(r.down, 0.5)/bare, 0, "×")
	}
	t.gate(where, "cursor move, most bytes", 2048, largest(r.moveBytes), largest(floor.moveBytes), "B")
	t.lines = append(t.lines, line{where, "cursor move that scrolls, most bytes", 0, largest(r.scrollBytes), largest(floor.scrollBytes), "B", false})
	t.gate(where, "memory, resident", 200, float64(r.resident), float64(floor.resident), "MB")
	t.lines = append(t.lines, line{where, "memory, at the most", 0, float64(r.peak), float64(floor.peak), "MB", false})
}

func (t *table) gate(where, what string, target, measured, floor float64, unit string) {
	t.lines = append(t.lines, line{where, what, target, measured, floor, unit, true})
}

// print prints the table and reports whether a figure that gates is over.
func (t *table) print(to io.Writer) (over bool) {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(w, "%s keys, %dx%d\ttarget\tmeasured\tfloor\t\n", thousands(t.keys), columns, rows)
	where := ""
	for _, l := range t.lines {
		if l.where != where {
			where = l.where
			_, _ = fmt.Fprintf(w, "%s\t\t\t\t\n", where)
		}
		if (l.unit == "ms" || l.unit == "MB") && t.keys >= doubledFrom {
			l.target *= 2
		}
		verdict := l.verdict()
		over = over || verdict == "OVER"
		_, _ = fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\n", l.what, l.number(l.target), l.number(l.measured), l.number(l.floor), verdict)
	}
	_, _ = fmt.Fprintln(w)
	_ = w.Flush()
	return over
}

func (l line) verdict() string {
	switch {
	case l.target == 0 || l.measured == 0:
		return ""
	case l.measured <= l.target:
		return "ok"
	case l.gates:
		return "OVER"
	}
	return "missed"
}

func (l line) number(n float64) string {
	if n == 0 {
		return "-"
	}
	switch {
	case l.unit == "ms" && n < 100:
		return strconv.FormatFloat(n, 'f', 1, 64) + " ms"
	case l.unit == "×":
		return strconv.FormatFloat(n, 'f', 2, 64)
	}
	return thousands(int(n)) + " " + l.unit
}

// millis is the duration below which that share of them is.
func millis(took []time.Duration, share float64) float64 {
	if len(took) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(took))
	return float64(sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]) / float64(time.Millisecond)
}

func largest(list []int) float64 {
	if len(list) == 0 {
		return 0
	}
	return float64(slices.Max(list))
}

// thousands writes a number as the console does.
func thousands(n int) string {
	text := strconv.Itoa(n)
	var parts []string
	for ; len(text) > 3; text = text[:len(text)-3] {
		parts = append([]string{text[len(text)-3:]}, parts...)
	}
	return strings.Join(append([]string{text}, parts...), ",")
}
