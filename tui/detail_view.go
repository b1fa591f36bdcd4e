package tui

import (
	"fmt"
	"strings"
	"time"

	"dev.keyward/keyward/model"
)

// labelWidth holds the longest label and a gap; a SHA-256 beside it fits into
// 80 columns.
const labelWidth = 13

// certificateLabel holds the longest label within a certificate, and a gap.
const certificateLabel = 10

// twoPanes is the width from which workflows and the call stand at the right.
const twoPanes = 144

// leftPane is the width of the left one of two panes: a SHA-256 fits into it.
const leftPane = len(gutter) + labelWidth + certificateLabel + 64 + 2

// block is some lines of the screen: those of one stop, or of none (-1).
type block struct {
	stop  int
	lines []string
}

// View renders the key, or what stands in its place.
func (d *detail) View() string {
	s := d.rt.styles
	switch {
	case d.gone:
		return "\n" + indent(s.warning.Render("! There is no such key any more.")+"\n\nSomebody deleted it. "+
			s.strong.Render(globalKeys.Back.Help().Key)+" goes back to the list.", 2)
	case d.err != nil && !d.loaded:
		return failureView(s, "The key could not be loaded", d.err, d.width, d.height)
	case !d.loaded:
		return "\n  " + s.faint.Render("Loading the key …")
	}
	height, head := d.height, ""
	if d.err != nil {
		head = s.warning.Render(clip("  ! This is not new: "+sentence(d.err)+" ctrl+r tries again.", d.width)) + "\n"
		height--
	}
	if d.width < twoPanes {
		return head + d.pane(0, append(d.facts(d.width), d.calls(d.width)...), d.width, height)
	}
	left := leftPane
	return head + beside(d.pane(0, d.facts(left), left, height), d.pane(1, d.calls(d.width-left-2), d.width-left-2, height), left+2)
}

// beside joins two blocks of lines; the right one begins at the column.
func beside(left, right string, column int) string {
	l, r := strings.Split(left, "\n"), strings.Split(right, "\n")
	for i := range max(len(l), len(r)) {
		if i >= len(l) {
			l = append(l, "")
		}
		if i < len(r) {
			l[i] = pad(l[i], column) + r[i]
		}
	}
	return strings.Join(l, "\n")
}

// pane renders blocks scrolled so that the one under the cursor is seen, with
// the sign of the cursor at its lines.
func (d *detail) pane(n int, blocks []block, width, height int) string {
	s := d.rt.styles
	var lines []string
	var stops []int
	from, to := -1, -1
	for _, b := range blocks {
		here := b.stop == d.cursor
		if here {
			from, to = len(lines), len(lines)+len(b.lines)
		}
		for _, line := range b.lines {
			lead := gutter
			if here {
				lead = s.marked.Render(pointer)
			}
			lines, stops = append(lines, clip(lead+line, width)), append(stops, b.stop)
		}
	}
	d.top[n] = scrolled(d.top[n], from, to, len(lines), height)
	end := min(d.top[n]+height, len(lines))
	d.seen[n] = stops[d.top[n]:end]
	out := lines[d.top[n]:end]
	if end < len(lines) && len(out) > 0 {
		out[len(out)-1] = s.faint.Render(fmt.Sprintf("  ↓ %s more", count(len(lines)-end+1, "line")))
	}
	return strings.Join(out, "\n")
}

// scrolled returns the first visible line of a pane of that height in which the
// lines from..to are to be seen, with one around them.
func scrolled(top, from, to, lines, height int) int {
	if from >= 0 {
		top = max(top, min(to+2, lines)-height)
		if from <= 3 {
			from = 0 // the heading above the first stop
		}
		top = min(top, max(from-1, 0))
	}
	return max(min(top, lines-height), 0)
}

// find returns the number of a stop.
func (d *detail) find(want stop) int {
	for i, s := range d.stops() {
		if s == want {
			return i
		}
	}
	return -1
}

// field is a label and its text, the rest of which stands under it.
func (d *detail) field(at int, label string, text ...string) block {
	s := d.rt.styles
	style := s.label
	if at == d.cursor {
		style = s.strong
	}
	b := block{stop: at}
	for _, t := range text {
		b.lines = append(b.lines, style.Render(pad(label, labelWidth))+t)
		label = ""
	}
	return b
}

func (d *detail) gap() block { return block{-1, []string{""}} }

func (d *detail) title(text, note string, width int) block {
	s := d.rt.styles
	if len(gutter)+cells(text)+2+cells(note) > width {
		return block{-1, append([]string{"", s.columns.Render(text)}, styledLines(s.faint, note, width-len(gutter))...)}
	}
	return block{-1, []string{"", s.columns.Render(text) + s.faint.Render("  "+note)}}
}

// noted is a value with a note beside it, or below it where the room is short.
func (d *detail) noted(value []string, note string, width int) []string {
	s, room, last := d.rt.styles, width-len(gutter)-labelWidth, len(value)-1
	switch {
	case note == "":
	case cells(value[last])+3+cells(note) <= room:
		value[last] += s.faint.Render("   " + note)
	default:
		value = append(value, styledLines(s.faint, note, room)...)
	}
	return value
}

// slot renders one slot.
func (d *detail) slot(slot model.SlotInfo, width int) block {
	s := d.rt.styles
	at, label := d.find(stop{part: partSlot, slot: slot.Slot}), "Primary"
	if slot.Slot == model.Secondary {
		label = "Secondary"
	}
	switch {
	case slot.Certificate != nil:
		return d.field(at, label, d.certificate(slot, width)...)
	case slot.Empty:
		return d.field(at, label, s.faint.Render("empty: no caller matches it"))
	}
	text := d.noted([]string{slot.Hint.String()}, "since "+slot.Created.Text()+d.rt.neverUsed(slot.Usage), width)
	if slot.Usage != nil {
		text = append(text, styledLines(s.faint, d.rt.usageText(slot.Usage, d.at), width-len(gutter)-labelWidth)...)
	}
	if callers := callersTold(slot, d.at, width-len(gutter)-labelWidth); callers != "" {
		text = append(text, styledLines(s.faint, callers, width-len(gutter)-labelWidth)...)
	}
	for _, r := range slot.Retiring {
		text = append(text, d.noted([]string{s.warning.Render("! " + r.Hint.String())},
			"replaced; works until "+r.Until.Text()+", "+timeLeft(r.Until, d.at), width)...)
	}
	return d.field(at, label, text...)
}

// certificate renders all that is known of a certificate.
func (d *detail) certificate(slot model.SlotInfo, width int) []string {
	c, s := slot.Certificate, d.rt.styles
	room := width - len(gutter) - labelWidth
	left, style := c.LeftText(d.at), s.ok
	switch {
	case c.Expired(d.at):
		left, style = "✗ "+left, s.danger
	case c.NotYetValid(d.at), c.EndsSoon(d.at):
		left, style = "! "+left, s.warning
	}
	issuer := clean(c.IssuerText())
	if c.SelfSigned {
		issuer = "itself: self-signed"
	}
	lines := styledLines(s.strong, clean(c.SubjectText()), room)
	line := func(label string, text ...string) {
		for _, t := range text {
			lines = append(lines, s.faint.Render(pad(label, certificateLabel))+t)
			label = ""
		}
	}
	wrapped := func(label, text string) { line(label, strings.Split(wrap(text, room-certificateLabel), "\n")...) }
	wrapped("issuer", issuer)
	wrapped("serial", clean(c.Serial))
	valid := c.NotBefore.UTC().Format(time.DateOnly) + " to " + c.NotAfter.UTC().Format(time.DateOnly)
	if certificateLabel+cells(valid)+3+cells(left) <= room {
		line("valid", valid+"   "+style.Render(left))
	} else {
		line("valid", append([]string{valid}, styledLines(style, left, room-certificateLabel)...)...)
	}
	wrapped("key", clean(c.Algorithm)+", signed with "+clean(c.SignatureAlgorithm))
	lines = append(lines, d.fingerprint("SHA-1", c.Thumbprint(), room)...)
	lines = append(lines, d.fingerprint("SHA-256", c.Fingerprint(), room)...)
	wrapped("used", strings.TrimPrefix(d.rt.usageText(slot.Usage, d.at), "last used "))
	if callers := callersTold(slot, d.at, room-certificateLabel); callers != "" {
		wrapped("", callers)
	}
	for _, w := range c.Warnings(d.at) {
		lines = append(lines, strings.Split(warningLines(s, w, room), "\n")...)
	}
	return lines
}

// fingerprint sets a digest on one line where it fits beside its label, else on
// two.
func (d *detail) fingerprint(label, hex string, room int) []string {
	label = d.rt.styles.faint.Render(pad(label, certificateLabel))
	if room >= certificateLabel+len(hex) {
		return []string{label + hex}
	}
	half := len(hex) / 2
	return []string{label + hex[:half], blank(certificateLabel) + hex[half:]}
}
