package tui

import (
	"bytes"
	"regexp"
	"strconv"

	"github.com/charmbracelet/x/ansi"
)

// scroller makes the frames of a list that scrolls small. Bubble Tea 1 compares
// a frame with the one before line by line, so that each line that moved by one
// is sent whole: 7 KB for a cursor move at 120x40. scroller has the terminal move
// these lines itself (a scroll region, then DL or IL, which the VT102 has and
// every terminal since), and lets pass what did not move.
//
// A frame of Bubble Tea v1.3.10 is ESC [ H, a CR where nothing on the screen may
// be relied on, the lines with CR LF between them, an unchanged one as nothing
// before its LF, and at the end perhaps ESC [ J and a cursor position. What does
// not look so passes as it is, and nothing is assumed of the screen after it.
type scroller struct {
	shown []string // what each line of the screen was sent as; nil: unknown
}

// frameEnd ends a frame: erase what is below, where lines are fewer than before,
// and put the cursor on the last line.
var frameEnd = regexp.MustCompile(`(\x1b\[J)?\x1b\[[0-9;]*H$`)

const frameStart = ansi.CursorHomePosition

// shorten returns what to write in the place of b, which Bubble Tea writes: b
// itself, or less with the same effect.
func (k *scroller) shorten(b []byte) []byte {
	if !bytes.HasPrefix(b, []byte(frameStart)) || len(b) == len(frameStart) {
		return b // modes and copies: nothing on the screen; what clears it has a CR follow
	}
	end := frameEnd.FindIndex(b[len(frameStart):])
	if end == nil {
		k.forget()
		return b
	}
	body, tail := b[len(frameStart):][:end[0]], b[len(frameStart)+end[0]:]
	lines, drawn, sound := k.read(body)
	old := k.shown
	k.shown = lines
	if !sound || drawn == 0 || bytes.HasPrefix(body, []byte("\r")) {
		return b
	}
	s := findScroll(old, lines)
	if s.by == 0 {
		return b
	}
	out := s.appendTo(nil)
	out = append(out, frameStart...)
	for i, line := range lines {
		if s.moved(old, i) != line {
			out = append(out, line...)
			if i < len(lines)-1 {
				out = append(out, '\r')
			}
		}
		if i < len(lines)-1 {
			out = append(out, '\n')
		}
	}
	if out = append(out, tail...); len(out) >= len(b) {
		return b
	}
	return out
}

// forget gives up what is known of the screen.
func (k *scroller) forget() { k.shown = nil }

// read returns the lines of the screen once the frame with that body is drawn,
// and how many of them it draws. It is not sound where a line was left as it is
// that nobody knows.
func (k *scroller) read(body []byte) (lines []string, drawn int, sound bool) {
	known := k.shown
	if rest, whole := bytes.CutPrefix(body, []byte("\r")); whole {
		body, known = rest, nil
	}
	parts := bytes.Split(body, []byte("\n"))
	lines = make([]string, len(parts))
	for i, part := range parts {
		if len(part) > 0 {
			lines[i] = string(bytes.TrimSuffix(part, []byte("\r")))
			drawn++
			continue
		}
		if i >= len(known) {
			return nil, drawn, false
		}
		lines[i] = known[i]
	}
	return lines, drawn, true
}

// scroll moves the lines from top to bottom, counted from 0, up by so many, or
// down where by is negative. 0: nothing is moved.
type scroll struct{ top, bottom, by int }

// leastSaved is how many bytes a scroll saves at least: fewer are not worth the
// chance of a flicker.
const leastSaved = 256

// findScroll returns the scroll that saves the most of what would be drawn to
// make lines out of old.
func findScroll(old, lines []string) scroll {
	first, last := 0, min(len(old), len(lines))-1
	for first <= last && old[first] == lines[first] {
		first++
	}
	for last > first && old[last] == lines[last] {
		last--
	}
	var best scroll
	most := leastSaved
	for by := 1; by <= (last-first)/2; by++ {
		for _, by := range [2]int{by, -by} {
			if s, saved := tryScroll(old, lines, first, last, by); saved > most {
				best, most = s, saved
			}
		}
	}
	return best
}

// tryScroll returns the smallest scroll by so many that brings every line into
// place that it can, among those from first to last, and how many bytes of lines
// it saves.
func tryScroll(old, lines []string, first, last, by int) (s scroll, saved int) {
	s = scroll{top: -1, by: by}
	for i := max(first, first-by); i <= min(last, last-by); i++ {
		if lines[i] != old[i+by] || lines[i] == old[i] {
			continue
		}
		if s.top < 0 {
			s.top = min(i, i+by)
		}
		s.bottom = max(i, i+by)
	}
	if s.top < 0 {
		return scroll{}, 0
	}
	for i := s.top; i <= s.bottom; i++ {
		saved += drawing(old[i], lines[i]) - drawing(s.moved(old, i), lines[i])
	}
	return s, saved
}

// drawing is how many bytes it takes to make one line out of another.
func drawing(from, to string) int {
	if from == to {
		return 0
	}
	return len(to)
}

// moved returns what line i shows after the scroll; nothing where the scroll
// has cleared it.
func (s scroll) moved(old []string, i int) string {
	switch {
	case i >= len(old):
		return ""
	case s.by == 0 || i < s.top || i > s.bottom:
		return old[i]
	case i+s.by < s.top || i+s.by > s.bottom:
		return ""
	}
	return old[i+s.by]
}

// appendTo appends the scroll as a terminal does it: DECSTBM, the cursor on the
// region's first line, DL or IL, and the whole screen as the region again.
func (s scroll) appendTo(out []byte) []byte {
	out = append(out, ansi.SetTopBottomMargins(s.top+1, s.bottom+1)...)
	out = append(out, "\x1b["+strconv.Itoa(s.top+1)+";1H"...)
	if s.by > 0 {
		out = append(out, ansi.DeleteLine(s.by)...)
	} else {
		out = append(out, ansi.InsertLine(-s.by)...)
	}
	return append(out, "\x1b[r"...)
}
