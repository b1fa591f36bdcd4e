package cli

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dustin/go-humanize"

	"dev.keyward/keyward/tui"
)

// The bar gives way before anything that is told in words does.
const (
	barWide, barNarrow = 24, 8
	progressGap        = "  "
	// nearlyDone is the most that is claimed of what is not over, in percent: what
	// is left then may be of another kind.
	nearlyDone = 99
)

// line is the state in so many columns: what is done, a bar, the share, the
// amount, the rate and the time left; where nobody knows how much there is, a
// block that moves with each step, the amount and the time since it began. Where
// there is less room the bar gets shorter, then the rate goes, the amount, the bar
// and the time; what is done is cut last.
func (s *progressState) line(now time.Time, width, step int) string {
	elapsed := now.Sub(s.began)
	share, last := "", lasted(elapsed)
	bar := func(width int) string { return tui.Sweep(step, width) }
	if s.total > 0 {
		percent := min(s.done*100/s.total, nearlyDone)
		share = fmt.Sprintf("%2d%%", percent)
		bar = func(width int) string { return tui.Bar(float64(percent)/100, width) }
		last = s.left(elapsed, percent)
	}
	amount, rate := s.amount(), s.rate(elapsed)
	for _, parts := range [][]string{{share, amount, rate, last}, {share, amount, last}, {share, last}} {
		words := joined(append([]string{s.verb}, parts...))
		if room := width - utf8.RuneCountInString(words) - len(progressGap); room >= barNarrow {
			return joined(append([]string{s.verb, bar(min(room, barWide))}, parts...))
		}
	}
	for _, parts := range [][]string{{s.verb, share, last}, {s.verb, share}, {share}} {
		if line := joined(parts); line != "" && utf8.RuneCountInString(line) <= width {
			return line
		}
	}
	if share == "" && width > 0 {
		return cut(s.verb, width)
	}
	return ""
}

// joined are the parts that there are, with a gap between.
func joined(parts []string) string {
	var there []string
	for _, p := range parts {
		if p != "" {
			there = append(there, p)
		}
	}
	return strings.Join(there, progressGap)
}

// amount is how much is done, in what it is counted in.
func (s *progressState) amount() string {
	switch {
	case s.sized && s.total > 0:
		return partOf(sizeText(s.done), sizeText(s.total))
	case s.sized && s.done > 0:
		return sizeText(s.done)
	case s.bytes > 0:
		return sizeText(s.bytes)
	case s.total > 0:
		return fmt.Sprintf("%s of %s", humanize.Comma(s.done), humanize.Comma(s.total))
	case s.done > 0:
		return humanize.Comma(s.done)
	}
	return ""
}

// rate is how much is done in a second, on average of the step.
func (s *progressState) rate(elapsed time.Duration) string {
	each := func(n int64) int64 { return int64(float64(n) / elapsed.Seconds()) }
	switch {
	case elapsed <= 0:
		return ""
	case s.sized && s.done > 0:
		return sizeText(each(s.done)) + "/s"
	case s.bytes > 0:
		return sizeText(each(s.bytes)) + "/s"
	case s.done > 0:
		return humanize.Comma(each(s.done)) + "/s"
	}
	return ""
}

// left is how long the step will take yet, if it goes on as it did; where that
// says nothing, how long it took so far.
func (s *progressState) left(elapsed time.Duration, percent int64) string {
	if percent < 1 || percent >= nearlyDone {
		return lasted(elapsed)
	}
	left := time.Duration(float64(elapsed) * float64(s.total-s.done) / float64(s.done))
	return lasted(left+time.Second-1) + " left"
}

// lasted is a length of time in whole seconds, roughly where it is long.
func lasted(d time.Duration) string {
	seconds := int64(d / time.Second)
	switch {
	case seconds < 60:
		return fmt.Sprintf("%d s", seconds)
	case seconds < 3600:
		return fmt.Sprintf("%d min %02d s", seconds/60, seconds%60)
	}
	return fmt.Sprintf("%d h %02d min", seconds/3600, seconds/60%60)
}

// partOf is a size of another, with the unit once where it is the same.
func partOf(done, total string) string {
	if number, unit, _ := strings.Cut(done, " "); strings.HasSuffix(total, " "+unit) {
		done = number
	}
	return done + " of " + total
}

// sizeText is a number of bytes in the unit that fits.
func sizeText(n int64) string {
	const kib, mib, gib = 1 << 10, 1 << 20, 1 << 30
	switch {
	case n < mib:
		return fmt.Sprintf("%d KiB", n/kib)
	case n < gib:
		return fmt.Sprintf("%.1f MiB", float64(n)/mib)
	}
	return fmt.Sprintf("%.2f GiB", float64(n)/gib)
}
