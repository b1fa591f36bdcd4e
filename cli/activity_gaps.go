package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"dev.keyward/keyward/model"
)

// gapRests is how many answers have to tell the same of a gap that no call
// follows yet: the endpoints of other processes add to it when they report, each
// two seconds.
const gapRests = int(3 * time.Second / activityEvery)

// activityGaps are the times in which nobody watched, on their way to the reader
// of --follow. An owner tells of one until a call comes that is decided later.
type activityGaps struct {
	began bool                // an answer came
	held  []model.ActivityGap // told of and not printed, in order
	rests int                 // answers since one of those was new or grew
	told  uint64              // number of the newest one that was printed
}

// take takes in what an answer tells of. Gaps before the first call that is
// printed at all are nothing that is missing there.
func (g *activityGaps) take(page *model.ActivityPage) {
	g.rests++
	for _, gap := range page.Gaps {
		if gap.Number <= g.told || !g.began && len(page.Records) > 0 && gap.Number < page.Records[0].Number {
			continue
		}
		i := slices.IndexFunc(g.held, func(old model.ActivityGap) bool { return old.Number == gap.Number })
		switch {
		case i < 0:
			g.held, g.rests = append(g.held, gap), 0
		case g.held[i] != gap:
			g.held[i], g.rests = gap, 0
		}
	}
	g.began = true
}

// before returns those that stand before the record of that number, in order.
func (g *activityGaps) before(number uint64) []model.ActivityGap {
	n := 0
	for n < len(g.held) && g.held[n].Number <= number {
		n++
	}
	return g.release(n)
}

// rested returns those that do not grow any more, though no call follows.
func (g *activityGaps) rested() []model.ActivityGap {
	if g.rests < gapRests {
		return nil
	}
	return g.release(len(g.held))
}

func (g *activityGaps) release(n int) []model.ActivityGap {
	if n == 0 {
		return nil
	}
	out := g.held[:n:n]
	g.held, g.told = g.held[n:], out[n-1].Number
	return out
}

// printActivity prints what one question brought, with the gaps in their places,
// and sees to it that it is seen. What was too much to keep is said where it is
// missing.
func (a *app) printActivity(t *activityPrinter, gaps *activityGaps, page model.ActivityPage) error {
	if page.Missed > 0 {
		a.notef("keyward: %s not shown: more came than is kept", plural(int(page.Missed), "call"))
	}
	gaps.take(&page)
	list, done := page.Records, 0
	for i, r := range list {
		between := gaps.before(r.Number)
		if len(between) == 0 {
			continue
		}
		if err := errors.Join(a.printCalls(t, list[done:i]), a.printGaps(t, between)); err != nil {
			return err
		}
		done = i
	}
	return errors.Join(a.printCalls(t, list[done:]), a.printGaps(t, gaps.rested()))
}

// printCalls prints calls as a table or, with --json, a line each.
func (a *app) printCalls(t *activityPrinter, list []model.Activity) error {
	if len(list) == 0 {
		return nil
	}
	if !a.json {
		return errors.Join(t.print(list), a.flush())
	}
	for _, r := range list {
		if err := writeJSON(a.out, r, ""); err != nil {
			return err
		}
	}
	return a.flush()
}

// printGaps says when nobody watched: a line among the calls or, with --json,
// whose lines are calls, on standard error.
func (a *app) printGaps(t *activityPrinter, list []model.ActivityGap) error {
	if len(list) == 0 {
		return nil
	}
	if a.json {
		for _, g := range list {
			a.notef("keyward: %s", gapText(g, true))
		}
		return nil
	}
	if t.widths == nil { // the header stands above all
		if err := t.print(nil); err != nil {
			return err
		}
	}
	for _, g := range list {
		if _, err := io.WriteString(t.w, cut("! "+gapText(g, t.width == 0), t.width)+"\n"); err != nil {
			return err
		}
	}
	return a.flush()
}

// gapText says when nobody watched, and what that cost; with the day where that
// is another one, or day says so, for who reads it later.
func gapText(g model.ActivityGap, day bool) string {
	layout, from, to := time.TimeOnly, g.From.UTC(), g.To.UTC()
	switch {
	case day:
		layout = time.DateTime
	case from.YearDay() != to.YearDay() || to.Sub(from) > 24*time.Hour:
		layout = "2 Jan 15:04"
	}
	return fmt.Sprintf("nobody watched from %s to %s: %s not kept", from.Format(layout), to.Format(layout), plural(int(g.Calls), "allowed call"))
}
