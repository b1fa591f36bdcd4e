package tui

import (
	"fmt"
	"slices"
	"time"

	"dev.keyward/keyward/model"
)

// rowsOf are the decisions of an answer, and the gaps between them. A gap that
// is among the rows already may have grown.
func (l *activityList) rowsOf(p model.ActivityPage) []activityRow {
	rows := make([]activityRow, 0, len(p.Records)+len(p.Gaps))
	gaps := l.newGaps(p.Gaps)
	for _, a := range p.Records {
		for len(gaps) > 0 && gaps[0].Number <= a.Number {
			rows, gaps = append(rows, activityRow{gap: gaps[0]}), gaps[1:]
		}
		rows = append(rows, activityRow{Activity: a})
	}
	for _, g := range gaps {
		rows = append(rows, activityRow{gap: g})
	}
	return rows
}

func (l *activityList) newGaps(list []model.ActivityGap) []*model.ActivityGap {
	var gaps []*model.ActivityGap
	for _, g := range list {
		if i := slices.IndexFunc(l.gaps, func(old *model.ActivityGap) bool { return old.Number == g.Number }); i >= 0 {
			*l.gaps[i] = g
			continue
		}
		gaps = append(gaps, &g)
	}
	l.gaps = append(l.gaps, gaps...)
	l.gaps = l.gaps[max(0, len(l.gaps)-gapsKept):]
	return gaps
}

// gapsKept is how many gaps are looked through for one that has grown: only the
// newest does.
const gapsKept = 32

// counted is how many decisions there are up to the cursor, and in all.
func (l *activityList) counted() (here, all int) {
	t := &l.table
	for i := range t.rows {
		if t.rows[i].gap != nil {
			continue
		}
		if all++; i <= t.cursor {
			here++
		}
	}
	return here, all
}

// gapText stands in the list in place of a gap.
func (l *activityList) gapText(r activityRow, room int) string {
	if r.gap == nil {
		return ""
	}
	from, to := l.gapTimes(*r.gap)
	calls := count(int(r.gap.Calls), "allowed call")
	return fitting(room,
		fmt.Sprintf("! nobody watched from %s to %s: %s not kept", from, to, calls),
		fmt.Sprintf("! %s to %s: %s not kept", from, to, calls),
		fmt.Sprintf("! %s not kept", calls))
}

// noteText says what a gap under the cursor means, and what to press for a call.
func (l *activityList) noteText(g model.ActivityGap) string {
	from, to := l.gapTimes(g)
	text := fmt.Sprintf("This is a note, no call: nobody watched from %s to %s, so that %s %s not kept. Refusals were.",
		from, to, count(int(g.Calls), "allowed call"), wasWere(int(g.Calls)))
	t := &l.table
	switch call := func(r activityRow) bool { return r.gap == nil }; {
	case slices.ContainsFunc(t.rows[:t.cursor], call):
		return text + fmt.Sprintf(" %s goes to the call before, enter there says why.", moveKeys.Up.Help().Key)
	case slices.ContainsFunc(t.rows[t.cursor:], call):
		return text + fmt.Sprintf(" %s goes to the call after, enter there says why.", moveKeys.Down.Help().Key)
	}
	return text + " Calls that come now are shown."
}

// gapTimes are when nobody watched, with the day where that is another one.
func (l *activityList) gapTimes(g model.ActivityGap) (from, to string) {
	layout := time.TimeOnly
	begin, end := g.From.UTC(), g.To.UTC()
	if begin.YearDay() != end.YearDay() || end.Sub(begin) > 24*time.Hour {
		layout = "2 Jan 15:04"
	}
	return begin.Format(layout), end.Format(layout)
}

// gapLines say below the list what a gap is.
func (l *activityList) gapLines(g model.ActivityGap) []string {
	s, room := l.rt.styles, l.width-len(gutter)-1
	from, to := l.gapTimes(g)
	return []string{
		gutter + s.warning.Render(fitting(room, fmt.Sprintf("! %s to %s: only refusals were kept", from, to), "! only refusals were kept")),
		gutter + s.faint.Render(fitting(room,
			"Allowed calls are kept while somebody watches: with this screen open, or keyward activity --follow.",
			"Allowed calls are kept only while somebody watches, as you do now.", "Allowed calls are kept while you watch.")),
	}
}

// lastServing is the endpoint that was seen last on the Activity screen.
type lastServing struct {
	address string    // "": none was seen
	seen    time.Time // when it ran still
	ended   time.Time // when it did not; zero: it runs
}

// certainEnd is how much later than it was seen an endpoint is not there, for
// that to be when it ended: while it is watched it is less.
const certainEnd = 15 * time.Second

// noteServing notes which endpoints ran at a time.
func (rt *runtime) noteServing(list []model.EndpointReport, at time.Time) {
	switch {
	case len(list) > 0:
		rt.served = lastServing{seen: at}
		if len(list[0].Addresses) > 0 {
			rt.served.address = list[0].Addresses[0]
		}
	case !rt.served.seen.IsZero() && rt.served.ended.IsZero():
		rt.served.ended = at
	}
}

// endedTexts say why nothing new comes, with fewer words each.
func (l *activityList) endedTexts() [3]string {
	last := l.rt.served
	if last.ended.IsZero() {
		return [3]string{"no endpoint runs: no new decisions until one does", "no endpoint runs", "no endpoint"}
	}
	ended := "ended " + last.ended.UTC().Format(utcTime)
	if last.ended.Sub(last.seen) > certainEnd {
		ended = "ended after " + last.seen.UTC().Format(utcTime)
	}
	at := "the endpoint"
	if last.address != "" {
		at += " at " + clean(last.address)
	}
	return [3]string{
		at + " " + ended + ": no new decisions until one runs again",
		"the endpoint " + ended + ": nothing new until one runs again",
		"the endpoint " + ended,
	}
}

// topLine is the line above the list: that no endpoint runs any more stands out.
func (l *activityList) topLine() string {
	if l.serving || l.paused || l.err != nil || l.filter.shown() {
		return l.toolLine(l.where(), l.states()...)
	}
	s, where := l.rt.styles, l.where()
	room := l.width - cells(where) - 6
	texts := l.endedTexts()
	left := clip(fitting(room, "! "+texts[0], "! "+texts[1], "! "+texts[2]), room)
	return "  " + s.warning.Render(left) + blank(l.width-cells(left)-cells(where)-4) + s.faint.Render(where)
}
