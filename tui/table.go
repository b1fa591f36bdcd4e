package tui

import "strings"

// column is one column of a table of rows R.
type column[R any] struct {
	title  string
	wide   int // cells where there is room
	narrow int // cells where there is not
	grow   int // its share of what is left over
	most   int // cells that it grows to
	drop   int // columns go in this order where it is narrow; 0: never
	right  bool
	// cell returns a row's text and the number of the paint it gets; wide says
	// which of the widths it has.
	cell func(r R, wide bool) (string, int)
}

// table shows a list of which only the rows near the cursor are loaded; of the
// others it knows the number. Its cost does not depend on that number.
type table[R any] struct {
	columns []column[R]
	sorted  int // the column that the list is sorted by; it is never dropped
	desc    bool

	// note returns what stands in place of all cells of a row, "" for one that has
	// cells; nil: each has.
	note func(r R, room int) string

	rows  []R // the loaded ones
	first int // place of the first of them in the list
	total int

	gap           int // cells between columns, set by layout
	cursor, top   int // places in the list: of the cursor, of the first visible row
	chosen        int // the top as the cursor's moves left it, whatever the height allows just now
	width, height int // height counts rows, without the heading
}

// scrollMargin is how many rows stay visible beyond the cursor.
const scrollMargin = 2

// setSize gives the room. A height that comes back finds the same rows in it.
func (t *table[R]) setSize(width, height int) {
	t.width, t.height, t.top = width, max(height, 1), t.chosen
	t.scroll()
}

// load puts rows into the table; first is the place of the first one. on is the
// place to which the cursor's row has moved, or -1: that row stays where it is
// on the screen.
func (t *table[R]) load(rows []R, first, total, on int) {
	t.rows, t.first, t.total = rows, first, total
	if on >= 0 {
		t.chosen += on - t.cursor
		t.cursor = on
	}
	t.cursor, t.top = t.nearest(t.cursor), t.chosen
	t.scroll()
}

// scrollTo makes a place the first visible one, as far as the cursor allows it.
func (t *table[R]) scrollTo(top int) {
	t.top = top
	t.scroll()
	t.chosen = t.top
}

// nearest is that place, or the nearest there is.
func (t *table[R]) nearest(place int) int { return min(max(place, 0), max(t.total-1, 0)) }

// moveTo puts the cursor on that place, or the nearest there is.
func (t *table[R]) moveTo(place int) {
	t.cursor = t.nearest(place)
	t.scrollTo(t.top)
}

// scroll moves the window so that the cursor is in it, with a margin.
func (t *table[R]) scroll() {
	margin := min(scrollMargin, (t.height-1)/2)
	t.top = min(t.top, t.cursor-margin)
	t.top = max(t.top, t.cursor-t.height+1+margin)
	t.top = min(t.top, t.total-t.height)
	t.top = max(t.top, 0)
}

// end is the place behind the last visible row.
func (t *table[R]) end() int { return min(t.top+t.height, t.total) }

// at returns the row at a place, if it is loaded.
func (t *table[R]) at(place int) (row R, ok bool) {
	if i := place - t.first; i >= 0 && i < len(t.rows) {
		return t.rows[i], true
	}
	return row, false
}

// current returns the row under the cursor, if it is loaded.
func (t *table[R]) current() (R, bool) { return t.at(t.cursor) }

// covers reports whether n rows from first on include what is visible, and as
// much again on both sides, as far as the list goes.
func (t *table[R]) covers(first, n, beyond int) bool {
	return first <= max(t.top-beyond, 0) && first+n >= min(t.end()+beyond, t.total)
}

// layout returns each column's width, 0 for a dropped one, and whether the wide
// forms fit.
func (t *table[R]) layout() (widths []int, wide bool) {
	room := t.width - len(gutter) - len(scrollRoom)
	widths = make([]int, len(t.columns))
	for _, wide = range []bool{true, false} {
		left := room
		for i, c := range t.columns {
			widths[i] = c.narrow
			if wide {
				widths[i] = c.wide
			}
			left -= widths[i] + len(columnGap)
		}
		if left += len(columnGap); left >= 0 {
			t.growColumns(widths, left)
			return widths, wide
		}
	}
	t.growColumns(widths, t.dropColumns(widths, room))
	return widths, false
}

// dropColumns drops columns until the others fit, and returns what is left.
func (t *table[R]) dropColumns(widths []int, room int) int {
	left := room + len(columnGap)
	for _, w := range widths {
		left -= w + len(columnGap)
	}
	for order := 1; order <= len(t.columns) && left < 0; order++ {
		for i, c := range t.columns {
			if c.drop == order && i != t.sorted {
				left += widths[i] + len(columnGap)
				widths[i] = 0
			}
		}
	}
	return max(left, 0)
}

// growColumns gives out what is left over: to the columns that want it, then to
// the gaps between them.
func (t *table[R]) growColumns(widths []int, left int) {
	shares := 0
	for i, c := range t.columns {
		if widths[i] > 0 {
			shares += c.grow
		}
	}
	shown := 0
	for i, c := range t.columns {
		if widths[i] == 0 {
			continue
		}
		shown++
		if c.grow > 0 {
			add := min(left*c.grow/shares, max(c.most-widths[i], 0))
			widths[i], left, shares = widths[i]+add, left-add, shares-c.grow
		}
	}
	t.gap = len(columnGap) + min(left/max(shown, 1), widestGap-len(columnGap))
}

const (
	gutter     = "  "
	columnGap  = "  "
	widestGap  = 6
	scrollRoom = "  "
	pointer    = "› " // of the row under the cursor, besides its style
)

// view renders the heading and the visible rows; paints are those that cells
// name, for rows that are not selected and for the one that is.
func (t *table[R]) view(s *styles, paints [2][]paint) string {
	widths, wide := t.layout()
	var b strings.Builder
	b.WriteString(s.columns.Render(clip(t.heading(widths), t.width)))
	bar := t.scrollbar()
	for i := range t.height {
		b.WriteByte('\n')
		if place := t.top + i; place < t.total {
			t.line(&b, place, widths, wide, paints)
			b.WriteString(s.faint.Render(" " + bar(i)))
		}
	}
	return b.String()
}

// heading renders the titles, and the sorted one with its direction in the gap
// behind it.
func (t *table[R]) heading(widths []int) string {
	var b strings.Builder
	b.WriteString(gutter)
	for i, c := range t.columns {
		if widths[i] == 0 {
			continue
		}
		title, room := c.title, widths[i]+1
		if c.right {
			title = padLeft(title, widths[i])
		}
		if i == t.sorted {
			title = clip(title, widths[i]) + t.direction()
		}
		b.WriteString(pad(title, room) + blank(t.gap-1))
	}
	return b.String()
}

func (t *table[R]) direction() string {
	if t.desc {
		return "▼"
	}
	return "▲"
}

// line renders one row, as wide as the table without its scroll bar.
func (t *table[R]) line(b *strings.Builder, place int, widths []int, wide bool, paints [2][]paint) {
	palette, lead := paints[0], gutter
	if place == t.cursor {
		palette, lead = paints[1], pointer
	}
	b.WriteString(palette[paintPointer].on(lead))
	row, loaded := t.at(place)
	room, gap := t.width-len(gutter)-len(scrollRoom), 0
	if loaded && t.note != nil {
		if text := t.note(row, room); text != "" {
			b.WriteString(palette[paintWarning].on(pad(text, room)))
			return
		}
	}
	for i, c := range t.columns {
		if widths[i] == 0 {
			continue
		}
		text, colour := "…", paintFaint
		if loaded {
			text, colour = c.cell(row, wide)
		}
		if c.right {
			text = padLeft(text, widths[i])
		} else {
			text = pad(text, widths[i])
		}
		b.WriteString(palette[colour].on(blank(gap) + text))
		room -= gap + widths[i]
		gap = t.gap
	}
	b.WriteString(palette[paintText].on(blank(room)))
}

// scrollbar returns what stands at the right of a line: nothing where the whole
// list is seen.
func (t *table[R]) scrollbar() func(line int) string {
	if t.total <= t.height {
		return func(int) string { return " " }
	}
	size := max(t.height*t.height/t.total, 1)
	from := 0
	if last := t.total - t.height; last > 0 {
		from = (t.height - size) * t.top / last
	}
	return func(line int) string {
		if line >= from && line < from+size {
			return "┃"
		}
		return "│"
	}
}
