package tui

import (
	"strings"
	"time"

	"dev.keyward/keyward/model"
)

// activityPreviewFrom is how high the screen is at least where what the call under
// the cursor was made with has a line of its own below the list: what fits a
// terminal of 24 lines, and a banner.
const activityPreviewFrom = 18

// previewHeight is how many lines below the list tell of the call under the
// cursor.
func (l *activityList) previewHeight() int {
	if l.height >= activityPreviewFrom {
		return 3
	}
	return 2
}

// previewLines say in full what the row under the cursor has no room for: whose
// call it was and of which workflow, what was decided, when and from where.
func (l *activityList) previewLines() []string {
	row, ok := l.table.current()
	var lines []string
	switch {
	case ok && row.gap != nil:
		lines = l.gapLines(*row.gap)
	case ok && l.previewHeight() > 2:
		lines = append([]string{l.whoLine(row.Activity)}, l.callLines(row.Activity, "")...)
	case ok:
		lines = l.callLines(row.Activity, who(row.Activity)+"  ")
	}
	for len(lines) < l.previewHeight() {
		lines = append(lines, "")
	}
	return lines
}

// who is the key of a call in full.
func who(a model.Activity) string {
	name, _ := callerCell(a, true)
	return name
}

// whoLine names the key of a call, and its workflow.
func (l *activityList) whoLine(a model.Activity) string {
	s, room := l.rt.styles, l.width-len(gutter)-1
	name, colour := callerCell(a, true)
	paint := s.palettes()[0][colour]
	if colour == paintText {
		paint = s.paint(s.strong, false)
	}
	name = clip(name, room)
	line := gutter + paint.on(name)
	if a.Bound != "" {
		line += s.faint.Render(clip(" · workflow "+clean(a.Bound), room-cells(name)))
	}
	return line
}

// calledIn is the environment of a call, with the sign of production.
func calledIn(a model.Activity) string {
	text, _ := callEnvironmentCell(a, true)
	return strings.TrimSpace(text)
}

// faintBut renders a text faint, but for what is of production in it.
func (s *styles) faintBut(text, live string, production bool) string {
	before, after, found := strings.Cut(text, live)
	if !production || !found || live == "" {
		return s.faint.Render(text)
	}
	return s.faint.Render(before) + s.production.Render(live) + s.faint.Render(after)
}

// callLines are what was decided about a call, after the name of its key where
// there is room for that, and when and from where it came.
func (l *activityList) callLines(a model.Activity, before string) []string {
	s, room := l.rt.styles, l.width-len(gutter)-1
	sign, style := "✓ allowed", s.ok
	switch {
	case a.Failed():
		sign, style = "! allowed, "+failureCell(a, true), s.warning
	case !a.Allowed():
		sign, style = "✗ "+a.Reason.String(), s.danger
	}
	const call = 8 // cells of it that say something
	if cells(before)+cells(sign)+2+call > room {
		before = ""
	}
	target := clip(clean(a.Method)+" "+clean(target(a)), max(room-cells(before)-cells(sign)-2, call))
	return []string{
		gutter + clip(before+style.Render(sign)+"  "+target, room),
		gutter + s.faintBut(fitting(room, l.rowText(a, 0), l.rowText(a, 1), l.rowText(a, 2)), calledIn(a), a.Production),
	}
}

// rowText is when and from where the call under the cursor came, and what it
// met. At level 1 it has fewer words, at level 2 fewer figures as well: how long
// it took is in the row where there is room for that at all.
func (l *activityList) rowText(a model.Activity, level int) string {
	at := a.At.UTC()
	parts := []string{at.Format("15:04:05.000"), "from " + clean(a.Remote), tookText(a.Took)}
	slot := a.Slot.String()
	switch level {
	case 0:
		slot += " slot"
	case 1:
		parts[1] = clean(a.Remote)
	default:
		parts = []string{at.Format(time.TimeOnly), clean(a.Remote)}
	}
	if a.Slot != model.NoSlot {
		parts = append(parts, slot)
	}
	if a.Environment != "" {
		parts = append(parts, calledIn(a))
	}
	if a.Upstream != "" {
		parts = append(parts[:1], append([]string{clean(a.Upstream)}, parts[1:]...)...)
	}
	return strings.Join(parts, " · ")
}
