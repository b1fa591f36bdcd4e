package cli

import (
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"dev.keyward/keyward/model"
)

// table prints rows in aligned columns. Rows come in batches, so that a long
// list need not be in memory at once; a later batch may widen a column. On a
// terminal, lines are cut to its width: first the widest columns give way.
type table struct {
	w      io.Writer
	width  int // 0: never cut
	header []string
	widths []int

	firm     []int // the columns that are never cut
	optional []int // those that are left out where the first batch has no room, the first of them first
	out      []int // those that were
}

const (
	columnGap = "  "
	minColumn = 8
)

// add prints a batch of rows, the header before the first.
func (t *table) add(rows [][]string) error {
	batch := rows
	first := t.widths == nil
	if first {
		t.widths = make([]int, len(t.header))
		batch = append([][]string{t.header}, rows...)
	}
	for _, row := range batch {
		for i, cell := range row {
			row[i] = model.Clean(cell)
			t.widths[i] = max(t.widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	if first {
		t.leaveOut()
	}
	widths := t.fit()
	var b strings.Builder
	for _, row := range batch {
		b.WriteString(cut(line(t.shown(row), widths), t.width))
		b.WriteByte('\n')
	}
	_, err := io.WriteString(t.w, b.String())
	return err
}

// fit narrows the widest columns as far as the terminal demands and they can
// bear.
func (t *table) fit() []int {
	widths := slices.Clone(t.widths)
	for total := t.total(); t.width > 0 && total > t.width; total-- {
		widest := -1
		for i, w := range widths {
			if !slices.Contains(t.firm, i) && !slices.Contains(t.out, i) && (widest < 0 || w > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 || widths[widest] <= minColumn {
			break
		}
		widths[widest]--
	}
	return shownOf(widths, t.out)
}

// total is how wide the columns are that are shown.
func (t *table) total() int {
	widths := shownOf(t.widths, t.out)
	total := len(columnGap) * (len(widths) - 1)
	for _, w := range widths {
		total += w
	}
	return total
}

// leaveOut leaves out what of the optional columns there is no room for.
func (t *table) leaveOut() {
	for _, i := range t.optional {
		if t.width > 0 && t.total() > t.width {
			t.out = append(t.out, i)
		}
	}
}

func (t *table) shown(row []string) []string { return shownOf(row, t.out) }

// shownOf returns what of a row is in columns that are not out.
func shownOf[T any](row []T, out []int) (shown []T) {
	for i, cell := range row {
		if !slices.Contains(out, i) {
			shown = append(shown, cell)
		}
	}
	return shown
}

func line(row []string, widths []int) string {
	var b strings.Builder
	for i, cell := range row {
		cell = cut(cell, widths[i])
		b.WriteString(cell)
		if i < len(row)-1 {
			b.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)) + columnGap)
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// cut shortens s to n characters, the last of which shows it; 0 is no limit.
func cut(s string, n int) string {
	if n <= 0 || utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// facts prints name and value lines, the values in one column. An empty name
// continues the value above.
type facts struct {
	w     io.Writer
	lines [][2]string
}

func (f *facts) add(name, value string) { f.lines = append(f.lines, [2]string{name, value}) }

// flush prints the lines, each indented.
func (f *facts) flush(indent string) {
	width := 0
	for _, l := range f.lines {
		width = max(width, len(l[0]))
	}
	for _, l := range f.lines {
		_, _ = io.WriteString(f.w, strings.TrimRight(indent+l[0]+strings.Repeat(" ", width-len(l[0]))+columnGap+model.Clean(l[1]), " ")+"\n")
	}
	f.lines = nil
}
