package tui

import (
	"fmt"
	"strings"
	"time"

	"dev.keyward/keyward/model"
)

// utcTime is a time of the day where no heading says whose.
const utcTime = "15:04:05 UTC"

func (l *activityList) timeCell(a model.Activity, wide bool) (string, int) {
	layout := time.TimeOnly
	if wide {
		layout = "15:04:05.000"
	}
	return a.At.UTC().Format(layout), paintFaint
}

// decisionCell is whether the call got through, with a sign.
func decisionCell(a model.Activity) (string, int) {
	switch {
	case a.Failed():
		return "! allowed", paintWarning
	case a.Allowed():
		return "✓ allowed", paintOK
	}
	return "✗ refused", paintStrongDanger
}

func orNone(text string) (string, int) {
	if text == "" {
		return "–", paintFaint
	}
	return clean(text), paintText
}

func callerCell(a model.Activity, _ bool) (string, int) {
	if a.Key == 0 && a.KeyName == "" {
		return "? unknown", paintWarning // which no key can be called
	}
	return clean(a.KeyName), paintText
}

func callSlotCell(a model.Activity, wide bool) (string, int) {
	text, colour := orNone(a.Slot.String())
	if !wide {
		text = clip(text, 3)
		if a.Slot != model.NoSlot {
			text = a.Slot.String()[:3]
		}
	}
	return text, colour
}

// callEnvironmentCell marks production as every other screen does: a refusal
// stands out more.
func callEnvironmentCell(a model.Activity, _ bool) (string, int) {
	switch {
	case a.Environment == "":
		return "  –", paintFaint
	case a.Production:
		return "◆ " + clean(a.Environment), paintProduction
	}
	return "  " + clean(a.Environment), paintText
}

// tookText is how long a call took, in seven cells at most.
func tookText(d time.Duration) string {
	switch {
	case d <= 0:
		return "–"
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d/time.Microsecond)
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	case d < time.Second:
		return fmt.Sprintf("%d ms", d/time.Millisecond)
	case d < 100*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return "> 1 h"
}

// target is the call's path with its query.
func target(a model.Activity) string {
	if a.Query == "" {
		return a.Path
	}
	return a.Path + "?" + a.Query
}

// View renders the decisions, or what stands in their place.
func (l *activityList) View() string {
	s := l.rt.styles
	switch {
	case !l.loaded && l.err != nil:
		return failureView(s, "The decisions could not be loaded", l.err, l.width, l.height)
	case !l.loaded:
		return "\n  " + s.faint.Render("Asking the endpoints …")
	}
	top := l.topLine()
	if len(l.table.rows) == 0 {
		return top + "\n\n" + l.emptyView()
	}
	return top + "\n" + l.rows() + "\n" + strings.Join(l.previewLines(), "\n")
}

// state is how the list moves.
func (l *activityList) state() string {
	switch {
	case l.paused:
		return "paused: " + activityKeys.Pause.Help().Key + " goes on"
	case !l.serving:
		return l.endedTexts()[0]
	case l.only.some():
		return l.only.text()
	case l.following:
		return "live, newest at the bottom"
	}
	return "live, not following: " + activityKeys.Follow.Help().Key + " follows"
}

// shortState is state in a few cells.
func (l *activityList) shortState() string {
	switch {
	case l.paused:
		return "paused"
	case !l.serving:
		return l.endedTexts()[2]
	case l.only.some():
		return "only " + clean(l.only.name)
	case l.following:
		return "live"
	}
	return "not following"
}

// where is the cursor's place, and what is not shown.
func (l *activityList) where() string {
	text := "0"
	if here, all := l.counted(); all > 0 {
		text = thousands(here) + " of " + thousands(all)
	}
	if l.paused && l.filter.shown() {
		text = "paused, " + text
	}
	if l.came > 0 {
		text += ", " + thousands(int(l.came)) + " new"
	}
	if l.missed > 0 {
		text += ", " + thousands(int(l.missed)) + " more " + plural(int(l.missed), "call") + " not shown"
	}
	return text
}

// emptyView says why there is nothing to see, and what to do.
func (l *activityList) emptyView() string {
	s, width := l.rt.styles, min(l.width-4, 70)
	switch {
	case l.paused && l.came > 0:
		n := int(l.came)
		return indent(s.strong.Render("Paused before any call was shown.")+"\n\n"+
			wrap(count(n, "call")+" came since. "+activityKeys.Pause.Help().Key+" goes on, and shows what of them is kept.", width), 2)
	case l.filter.Value() != "":
		return indent(strings.Join([]string{
			s.strong.Render("No call matches."), "",
			wrap("A call is shown when every word of the filter is found in its key, workflow, environment, reason, address, "+
				"method or path, or begins its RequestId; refused shows refusals only.", width), "",
			s.strong.Render(activityKeys.Clear.Help().Key) + " clears the filter.",
		}, "\n"), 2)
	case l.only.some() && l.serving:
		return indent(s.strong.Render("No call of "+clip(clean(l.only.name), 40)+" yet.")+"\n\n"+
			wrap("The newest refusals since the endpoint started are kept; allowed calls are kept while somebody watches, as you do now.", width)+"\n\n"+
			s.strong.Render(placeKeys.Activity.Help().Key)+" shows the calls of all.", 2)
	case !l.serving:
		return indent(s.strong.Render("No endpoint runs on this data directory.")+"\n\n"+
			wrap(l.startHint()+" Its decisions are shown here as they are made.", width), 2)
	}
	return indent(s.strong.Render("No call yet.")+"\n\n"+
		wrap("The newest refusals since the endpoint started are kept; allowed calls are kept while somebody watches, as you do now. Try:", width)+"\n\n"+
		strings.Join(folded(l.sampleCall(), width), "\n"), 2)
}

// startHint says how an endpoint is started.
func (l *activityList) startHint() string {
	if l.rt.Endpoints != nil && !l.rt.remote() && !l.rt.locked() {
		return endpointKeys.Toggle.Help().Key + " starts one here, keyward serve one that stays."
	}
	return "keyward serve starts one."
}

// sampleCall is a call that is refused, for want of a secret, and seen.
func (l *activityList) sampleCall() []string {
	parts := []string{"curl"}
	if l.rt.CAFile != "" && !l.rt.remote() {
		parts = append(parts, "--cacert "+model.ShellQuote(l.rt.CAFile))
	}
	return append(parts, l.rt.callURL("/"))
}
