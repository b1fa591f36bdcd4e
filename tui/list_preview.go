package tui

import (
	"math"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// keyPreviewFrom is how high the screen is at least where the key under the cursor
// is told of below the list: what fits a terminal of 45 lines. In a lower one the
// lines are the list's, and a cursor move sends little: at 120x40 under 2 KB.
const keyPreviewFrom = 41

// keyPreview is how many lines that takes, the blank one above it among them.
const keyPreview = 6

// restTime is how long the cursor rests on a key before more is looked up of it
// than its row tells: somebody who scrolls asks for nothing.
const restTime = 150 * time.Millisecond

// peekMsg comes restTime after the cursor went to another key.
type peekMsg struct{}

// peeker is a screen that looks up more of what is under the cursor, once that
// rests.
type peeker interface{ peek() tea.Cmd }

// peeking is what the list knows of keys beyond their rows.
type peeking struct {
	known    map[model.ID]model.KeyInfo
	waits    bool     // for the cursor to rest; there is one such timer at most
	since    model.ID // the key that the cursor was on when that began
	peekedAt model.ID // the key that was looked up last; 0: what is known may be old
}

// SetSize lays the list out.
func (l *keyList) SetSize(width, height int) {
	l.filteredList.SetSize(width, height)
	if l.previews() {
		l.table.setSize(width, height-2-keyPreview)
	}
}

// previews reports whether there is room for the key under the cursor.
func (l *keyList) previews() bool { return l.height >= keyPreviewFrom }

// peek has the key under the cursor looked up once the cursor rests, unless that
// was done or is about to be. It is asked for after each message.
func (l *keyList) peek() tea.Cmd {
	if !l.previews() || !l.loaded || l.err != nil || l.on == 0 || l.waits || l.on == l.peekedAt {
		return nil
	}
	l.waits, l.since = true, l.on
	return l.rt.after(restTime, peekMsg{})
}

// rested looks the key up on which the cursor rests. Where it was moved since, it
// has to rest once more.
func (l *keyList) rested() tea.Cmd {
	waited := l.waits
	if l.waits = false; !waited || l.on == 0 || l.on != l.since {
		return nil // peek begins anew where there is something to look up
	}
	l.peekedAt = l.on
	return l.rt.peekAt(l.on)
}

// peeked takes what was looked up.
func (l *keyList) peeked(msg peekedMsg) {
	switch {
	case msg.err != nil:
		delete(l.known, msg.id) // better nothing than what was
	case l.known == nil:
		l.known = map[model.ID]model.KeyInfo{msg.id: msg.key}
	default:
		l.known[msg.id] = msg.key
	}
}

// know takes keys of the rows that are seen, but for those at both ends, where a
// cursor move scrolls the list: that frame is large enough without a preview.
func (l *keyList) know(keys map[model.ID]model.KeyInfo) {
	rows := l.table.visible()
	l.known = make(map[model.ID]model.KeyInfo, len(rows))
	for i, r := range rows {
		if k, ok := keys[r.ID]; ok && (r.ID == l.on || i >= scrollMargin && i < len(rows)-scrollMargin) {
			l.known[r.ID] = k
		}
	}
}

// outdate has the key under the cursor looked up anew: the list was, since
// something changed. Of the others nothing is known any more.
func (l *keyList) outdate() {
	l.peekedAt = 0
	for id := range l.known {
		if id != l.on {
			delete(l.known, id)
		}
	}
}

// withPreview puts the key under the cursor below the list.
func (l *keyList) withPreview(list string) string {
	row, ok := l.table.current()
	if !l.previews() || !ok {
		return list
	}
	return list + "\n\n" + strings.Join(l.previewLines(row), "\n")
}

// previewLabel holds the longest label of the preview, and a gap.
const previewLabel = 11

// previewLines say what the row of a key has no room for: its name, what its slots
// hold and how they are used, and what it may call.
func (l *keyList) previewLines(row model.KeyRow) []string {
	s, room := l.rt.styles, l.width-len(gutter)-1
	name := clip(clean(row.Name), room)
	sign, colour := keySign(row.Status)
	facts := s.palettes()[0][colour].on(sign+" "+row.Status.String()) + s.faint.Render(" · ")
	left := room - cells(name) - len(gutter) - cells(sign+" "+row.Status.String()+" · ")
	lines := []string{gutter + s.strong.Render(name) + gutter + facts + s.faint.Render(fitting(max(left, 0), l.factTexts(row)...))}
	k, known := l.known[row.ID]
	if !known {
		return append(lines, l.previewLine("Primary", ""), l.previewLine("Secondary", ""),
			l.previewLine("May call", l.countedText(row)), l.previewLine("Refused", ""))
	}
	slots := l.slotTexts(k, room-previewLabel)
	return append(lines, l.previewLine("Primary", slots[0]), l.previewLine("Secondary", slots[1]),
		l.previewLine("May call", l.permittedText(k, room-previewLabel)), l.previewLine("Refused", l.deniedAndGrace(k, room-previewLabel)))
}

func (l *keyList) previewLine(label, text string) string {
	return gutter + l.rt.styles.label.Render(pad(label, previewLabel)) + text
}

// factTexts say what kind of key it is, where it may call and for how long,
// shorter each.
func (l *keyList) factTexts(row model.KeyRow) []string {
	where, _ := environmentCell(row, true)
	where = strings.TrimSpace(where)
	if row.Environment == "" {
		where = "! any environment"
	}
	ends, short := "never expires", "never expires"
	switch {
	case row.Expires != 0:
		short = "expires " + row.Expires.DayText()
		ends = short + ", " + timeLeft(row.Expires, l.at)
	case row.Ends != 0:
		short = "ends " + row.Ends.DayText()
		ends = "its last certificate " + short
	}
	kind := row.Kind.String() + " key"
	return []string{
		strings.Join([]string{kind, where, ends, "made " + row.Created.DayText()}, " · "),
		strings.Join([]string{kind, where, ends}, " · "),
		strings.Join([]string{kind, where, short}, " · "),
		strings.Join([]string{kind, where}, " · "), where, "",
	}
}

// countedText is how many workflows the key may call.
func (l *keyList) countedText(row model.KeyRow) string {
	if row.WorkflowCount == 0 {
		return l.rt.styles.warning.Render("nothing: no workflow is permitted")
	}
	return l.rt.styles.faint.Render(count(row.WorkflowCount, "workflow"))
}

// permittedText names what the key may call, as many as fit, and counts the rest.
func (l *keyList) permittedText(k model.KeyInfo, room int) string {
	if len(k.Workflows) == 0 {
		return l.countedText(k.KeyRow)
	}
	var names []string
	for _, w := range k.Workflows {
		names = append(names, clean(w.Name))
	}
	for n := len(names); ; n-- {
		text := strings.Join(names[:n], ", ")
		if more := len(names) - n; more > 0 {
			text += " and " + thousands(more) + " more"
		}
		if n == 1 || cells(text) <= room {
			return clip(text, room)
		}
	}
}

// deniedAndGrace is what was refused, and which replaced secret still works.
func (l *keyList) deniedAndGrace(k model.KeyInfo, room int) string {
	denied := deniedText(k, l.at)
	for _, slot := range k.Slots {
		if len(slot.Retiring) > 0 {
			return l.rt.styles.faint.Render(denied+" · ") + l.rt.styles.warning.Render(clip(worksToo(slot, l.at), max(room-cells(denied)-3, 0)))
		}
	}
	return l.rt.styles.faint.Render(denied)
}

// deniedText is how many of the calls that proved the key were refused, as far as
// that is on record.
func deniedText(k model.KeyInfo, now time.Time) string {
	var allowed, denied, today uint64
	for _, slot := range k.Slots {
		if slot.Usage == nil {
			continue
		}
		allowed, denied = allowed+slot.Usage.Allowed, denied+slot.Usage.Denied
		if days := slot.Usage.Fortnight(now); len(days) > 0 {
			today += days[len(days)-1].Denied
		}
	}
	switch {
	case allowed+denied == 0:
		return "no call is on record"
	case denied == 0:
		return "none of " + count(int(min(allowed, math.MaxInt32)), "call")
	}
	return quantity(denied) + " of " + quantity(allowed+denied) + " calls, " + quantity(today) + " of them today"
}

// The parts of what is said of a slot, in the order in which they are shown.
const (
	slotHeld = iota
	slotAge
	slotUsed
	slotDays
	slotSums
	slotParts
)

// slotTexts say what both slots hold and how they are used, in columns. Where the
// room is short the sums go first, then the age, then the calls a day.
func (l *keyList) slotTexts(k model.KeyInfo, room int) [2]string {
	r := &rotation{rt: l.rt, at: l.at, key: k}
	var parts [2][slotParts]string
	for i, n := range model.SlotNames {
		parts[i] = slotPartsOf(r, k.Slot(n), room)
	}
	var widths [slotParts]int
	for _, p := range parts {
		for c, text := range p {
			widths[c] = max(widths[c], cells(text))
		}
	}
	for _, c := range []int{slotSums, slotAge, slotDays} {
		if sumOf(widths[:]) > room {
			widths[c] = 0
		}
	}
	widths[slotUsed] = min(widths[slotUsed], max(room-sumOf(widths[:])+widths[slotUsed], 0))
	var texts [2]string
	for i, n := range model.SlotNames {
		_, style := r.held(k.Slot(n), room)
		var shown []string
		for c, text := range parts[i] {
			switch {
			case widths[c] == 0:
			case c == slotHeld:
				shown = append(shown, style(pad(text, widths[c])))
			case c == slotDays:
				shown = append(shown, pad(text, widths[c]))
			default:
				shown = append(shown, l.rt.styles.faint.Render(pad(text, widths[c])))
			}
		}
		texts[i] = strings.Join(shown, columnGap)
	}
	return texts
}

// slotPartsOf is what there is to say of one slot.
func slotPartsOf(r *rotation, slot model.SlotInfo, room int) (p [slotParts]string) {
	if slot.Empty {
		p[slotHeld] = "empty"
		return p
	}
	most := max(room*2/5, 20)
	p[slotHeld], _ = r.held(slot, most)
	p[slotHeld] = clip(p[slotHeld], most)
	if slot.Certificate == nil && slot.Created != 0 {
		if p[slotAge] = ageText(slot.Created, r.at) + " old"; r.at.Sub(slot.Created.Time()) < 24*time.Hour {
			p[slotAge] = "new"
		}
	}
	p[slotUsed] = r.usedText(slot)
	if slot.Usage != nil {
		days, sums := r.perDay(slot.Usage)
		p[slotDays], p[slotSums] = days, sums[0]
	}
	return p
}

// sumOf is how many cells columns take, with the gaps between them.
func sumOf(widths []int) (sum int) {
	for _, w := range widths {
		if w > 0 {
			sum += w + len(columnGap)
		}
	}
	return sum - len(columnGap)
}
