package tui

import (
	"cmp"
	"slices"

	tea "github.com/charmbracelet/bubbletea"
)

// order is one order of a register's rows. Those that are equal in it are by name.
type order[R any] struct {
	name    string // in words: "calls"
	column  int    // that it sorts by
	compare func(a, b R) int
	most    bool // begins with the largest: that is what somebody looks for
}

// sorting is how a register is sorted: orders are those that s goes through, of
// which the first is that in which the rows are loaded. Without any it cannot be.
type sorting[R any] struct {
	orders  []order[R]
	ordered int
	reverse bool
}

// sorts takes the keys that sort.
func (l *register[R]) sorts(msg tea.KeyMsg, k registerKeyMap) bool {
	switch {
	case matches(msg, k.Sort):
		l.sortBy((l.ordered+1)%len(l.orders), false)
	case matches(msg, k.Reverse):
		l.sortBy(l.ordered, !l.reverse)
	default:
		return false
	}
	return true
}

// sortBy puts the rows in that order. The cursor stays on its object.
func (l *register[R]) sortBy(n int, reverse bool) {
	l.ordered, l.reverse = n, reverse
	l.table.sorted, l.table.desc = l.orders[n].column, l.descends()
	l.put()
}

func (l *register[R]) descends() bool { return l.orders[l.ordered].most != l.reverse }

// inOrder are the rows as they are sorted; they stay as they were.
func (l *register[R]) inOrder(rows []R) []R {
	if len(l.orders) == 0 || l.ordered == 0 && !l.reverse {
		return rows
	}
	o, desc := l.orders[l.ordered], l.descends()
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b R) int {
		if n := o.compare(a, b); desc {
			return -n
		} else {
			return n
		}
	})
	return rows
}

// sortText is the order in words.
func (l *register[R]) sortText() string {
	text := " by " + l.orders[l.ordered].name
	if l.orders[l.ordered].most && !l.reverse {
		text += ", most first"
	}
	if !l.orders[l.ordered].most && l.reverse {
		text += ", reversed"
	}
	return text
}

// clickHeading sorts by the column that was clicked on, or the other way round
// where that is the one already.
func (l *register[R]) clickHeading(x int) tea.Cmd {
	column := l.table.columnAt(x)
	n := slices.IndexFunc(l.orders, func(o order[R]) bool { return o.column == column })
	if n >= 0 && l.loaded && !l.filter.typing {
		l.sortBy(n, n == l.ordered && !l.reverse)
	}
	return nil
}

// headed is a list that a click on its heading sorts.
type headed interface{ clickHeading(x int) tea.Cmd }

// headingLine is where the heading of such a list is, below the line above it.
const headingLine = 1

// clickHeading sorts by the column that was clicked on.
func (l *keyList) clickHeading(x int) tea.Cmd {
	column := l.table.columnAt(x)
	if !l.loaded || l.table.total == 0 || l.filter.typing || column < 0 || column >= len(listSorts) {
		return nil
	}
	sort := listSorts[column]
	l.desc = sort == l.sort && !l.desc
	l.sort = sort
	return l.resort()
}

// columnAt returns the column whose title is at a place in the heading, -1 for
// none.
func (t *table[R]) columnAt(x int) int {
	widths, _ := t.layout()
	from := len(gutter)
	for i, width := range widths {
		if width == 0 {
			continue
		}
		if x >= from && x <= from+width { // the sign of the order is behind it
			return i
		}
		from += width + t.gap
	}
	return -1
}

// compared is the order of a number of a row.
func compared[R any, N cmp.Ordered](of func(R) N) func(a, b R) int {
	return func(a, b R) int { return cmp.Compare(of(a), of(b)) }
}
