package tui

import (
	"fmt"
	"time"

	"dev.keyward/keyward/model"
)

// quietAfter is how long a slot has no allowed call before it counts as quiet: a
// day, since many callers run once a night.
const quietAfter = 24 * time.Hour

// callersNow returns who used what works in the slot within quietAfter. Calls
// from before it was made were with what it replaced, and count while that is in
// its grace period. Those in the minute of its making count: usage is known to
// the minute.
func callersNow(slot model.SlotInfo, now time.Time) []model.CallerUse {
	since := now.Add(-quietAfter)
	if made := slot.Created; made != 0 && len(slot.Retiring) == 0 && made.Time().After(since) {
		since = made.Time().Truncate(time.Minute)
	}
	return slot.Usage.CallersSince(model.At(since))
}

// stillUsed says who a change of the slot would cut off: "3 callers still use
// primary, the last 4 min ago from 10.0.0.7." It is "" for a slot that is quiet.
func stillUsed(slot model.SlotInfo, now time.Time) string {
	callers := callersNow(slot, now)
	if len(callers) == 0 {
		return ""
	}
	verb := "use"
	if len(callers) == 1 {
		verb = "uses"
	}
	text := fmt.Sprintf("%s still %s %s, the last %s", callerCount(callers), verb, slot.Slot, slot.Usage.LastUsed.Ago(now))
	if slot.Usage.Remote != "" {
		text += " from " + clean(slot.Usage.Remote)
	}
	return text + "."
}

// callerCount is how many callers there are, as far as that is known.
func callerCount(callers []model.CallerUse) string {
	if len(callers) >= model.MaxCallers {
		return fmt.Sprintf("%d or more callers", model.MaxCallers)
	}
	return count(len(callers), "caller")
}

// The signs of a sparkline, from little to much; before them that of nothing,
// which little must not look like.
const (
	sparkBlocks = "·▁▂▃▄▅▆▇█"
	sparkASCII  = ".:-=+*%#@"
)

// sparkline draws numbers as a sign each, in relation to the largest.
func sparkline(values []uint64, ascii bool) string {
	signs := []rune(sparkBlocks)
	if ascii {
		signs = []rune(sparkASCII)
	}
	var most uint64
	for _, v := range values {
		most = max(most, v)
	}
	line, steps := make([]rune, len(values)), len(signs)-1
	for i, v := range values {
		line[i] = signs[0]
		if v > 0 {
			line[i] = signs[1+int(float64(v)/float64(most)*float64(steps-1)+0.5)]
		}
	}
	return string(line)
}

// spark is sparkline as the terminal can show it.
func (rt *runtime) spark(values []uint64) string { return sparkline(values, false) }
