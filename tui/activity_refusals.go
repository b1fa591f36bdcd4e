package tui

import (
	"slices"
	"strings"
	"time"

	"dev.keyward/keyward/model"
)

// refusalsOver is how far back refusals are counted above the list.
const refusalsOver = time.Minute

// mostReasons is how many reasons are told above the list, with those that the
// most calls were refused for.
const mostReasons = 3

// refusedLately are the calls among those that are shown that were refused in the last
// minute, by reason, and those that were allowed and failed at the upstream.
type refusedLately struct {
	all     int
	failed  int
	reasons []refusalCount // those of the most calls first
	partial bool           // there were calls that are not shown
}

type refusalCount struct {
	reason model.Reason
	calls  int
}

// refusalsOf counts the refusals among rows since refusalsOver before now.
func refusalsOf(rows []activityRow, now time.Time, partial bool) refusedLately {
	r, since := refusedLately{partial: partial}, now.Add(-refusalsOver)
	var counts [256]int // by reason, which is a byte: this is done ten times a second
	for i := range rows {
		switch a := &rows[i]; {
		case a.gap != nil || a.At.Before(since):
		case !a.Allowed():
			counts[a.Reason]++
			r.all++
		case a.Failed():
			r.failed++
		}
	}
	for reason, n := range counts {
		if n > 0 {
			r.reasons = append(r.reasons, refusalCount{model.Reason(reason), n})
		}
	}
	slices.SortStableFunc(r.reasons, func(a, b refusalCount) int { return b.calls - a.calls })
	return r
}

// texts say how many there were, with fewer words each; none where all went well.
func (r refusedLately) texts() []string {
	number, failed := thousands(r.all), thousands(r.failed)+" failed upstream"
	if r.partial {
		number = "at least " + number
	}
	switch {
	case r.all == 0 && r.failed == 0:
		return nil
	case r.all == 0:
		if r.partial {
			failed = "at least " + failed
		}
		return []string{failed + " in the last minute", failed + " in 1 min", failed}
	}
	also := "" // after the reasons
	if r.failed > 0 {
		also = "; " + failed
	}
	minute := number + " refused in the last minute"
	var texts []string
	for n := min(len(r.reasons), mostReasons); n > 0; n-- {
		var parts []string
		left := r.all
		for _, c := range r.reasons[:n] {
			parts = append(parts, thousands(c.calls)+" "+c.reason.String())
			left -= c.calls
		}
		if left > 0 {
			parts = append(parts, thousands(left)+" for other reasons")
		}
		by := ": " + strings.Join(parts, ", ")
		texts = append(texts, minute+by+also, number+" refused in 1 min"+by+also)
	}
	if r.failed == 0 {
		return append(texts, minute, number+" refused")
	}
	return append(texts, number+" refused, "+failed+" in the last minute", number+" refused, "+failed, number+" refused, "+thousands(r.failed)+" failed")
}

// states say how the list moves and how many calls were refused lately, with
// fewer words each.
func (l *activityList) states() []string {
	long, short := l.state(), l.shortState()
	if l.paused {
		return []string{long, short}
	}
	if !l.serving {
		texts := l.endedTexts()
		return texts[:]
	}
	var all []string
	lately := l.lately.texts()
	for _, text := range lately {
		if !l.following || l.only.some() { // how to follow, or to see all, is more than the reasons
			all = append(all, long+"; "+text)
			continue
		}
		all = append(all, short+"; "+text)
	}
	if len(lately) > 0 && (!l.following || l.only.some()) {
		all = append(all, long, short+"; "+lately[len(lately)-1])
	}
	return append(all, long, short)
}
