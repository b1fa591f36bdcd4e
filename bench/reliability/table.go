//go:build linux

package main

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// table prints a line for each figure and remembers which gates failed. It is
// for one goroutine.
type table struct {
	out    io.Writer
	gates  int
	failed []string
}

func newTable(out io.Writer) *table {
	t := &table{out: out}
	t.line("what", "count", "result", "target", "floor of this run")
	return t
}

func (t *table) line(what, count, result, target, floor string) {
	fmt.Fprintf(t.out, "%-62s %7s  %-34s %-12s %s\n", what, count, result, target, floor)
}

// gate prints a count that must be zero. The details say where it is not.
func (t *table) gate(what string, count, bad int, details []string) {
	t.gates++
	result := fmt.Sprintf("%d  ok", bad)
	if bad > 0 {
		result = fmt.Sprintf("%d  FAILED", bad)
		t.failed = append(t.failed, fmt.Sprintf("%s: %d of %d", what, bad, count))
		for _, d := range details[:min(len(details), 10)] {
			t.failed = append(t.failed, "    "+d)
		}
	}
	t.line(what, fmt.Sprint(count), result, "gate: 0", "")
}

// must prints a condition that has to hold.
func (t *table) must(what string, count int, holds bool, result string) {
	t.gates++
	if !holds {
		t.failed = append(t.failed, what+": "+result)
		result = shortened(result) + "  FAILED"
	}
	t.line(what, fmt.Sprint(count), result, "gate", "")
}

// figure prints a time, which never gates.
func (t *table) figure(what string, count int, result, target, floor string) {
	t.line(what, fmt.Sprint(count), result, target, floor)
}

// skip prints why a figure was not taken.
func (t *table) skip(what, why string) { t.line(what, "-", "SKIPPED: "+firstLine(why), "", "") }

func (t *table) fail(what, why string) {
	t.gates++
	t.failed = append(t.failed, what+": "+why)
	t.line(what, "-", "FAILED: "+shortened(firstLine(why)), "", "")
}

// times are durations of one kind.
type times []time.Duration

// at returns the time below which that share of the times lies, 0 for none.
func (t times) at(share float64) time.Duration {
	if len(t) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(t))
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}

// String says the median, the 99th percentile and the largest.
func (t times) String() string {
	if len(t) == 0 {
		return "none"
	}
	return fmt.Sprintf("p50 %s, p99 %s, max %s", text(t.at(0.5)), text(t.at(0.99)), text(t.at(1)))
}

// text says a time with as many digits as matter.
func text(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%.2f ms", d.Seconds()*1e3)
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", d.Seconds()*1e3)
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}
