package tui

import tea "github.com/charmbracelet/bubbletea"

// spotKept is where a cursor was: what it was on, its place, and the first place
// that was seen.
type spotKept struct {
	on          any // as the list tells its rows apart
	cursor, top int
}

// kept is where the cursor is; on is what it is on.
func (l *filteredList[R]) kept(on any) *spotKept {
	return &spotKept{on, l.table.cursor, l.table.chosen}
}

// openFilter begins to type the filter. Whoever gives it up is back where the
// cursor was, unless they moved it.
func (l *filteredList[R]) openFilter(on any) {
	l.filter.open()
	l.before = l.kept(on)
}

// filterKey takes a key press while the filter is typed; move moves the cursor.
// The answer is whether the list has to be filtered anew.
func (l *filteredList[R]) filterKey(msg tea.KeyMsg, move func(tea.KeyMsg, moveKeyMap) bool) (changed bool) {
	changed = l.filter.key(msg, move)
	l.back = nil
	if l.filter.shown() {
		return changed
	}
	if b := l.before; b != nil && (changed || b.cursor != l.table.cursor) {
		l.back, changed = b, true
	}
	l.before = nil
	return changed
}

// clearFilter takes the filter away. Where nothing matched it the cursor goes
// back to where it was before.
func (l *filteredList[R]) clearFilter() {
	l.filter.clear()
	if l.back = nil; l.table.total == 0 {
		l.back = l.before
	}
	l.before = nil
}

// takeBack returns what the cursor goes back to with the rows that are about to
// be loaded, once, and puts it at that place; nil where it goes back to nothing.
func (l *filteredList[R]) takeBack() any {
	b := l.back
	if b == nil {
		return nil
	}
	l.back = nil
	l.table.cursor, l.table.chosen = b.cursor, b.top
	return b.on
}

// remains are what a place that was left begins with when it is opened again. They
// hold no row, and nothing of what was shown.
type remains struct {
	about  any // what it was about; see subject
	filter string
	spot   *spotKept
}

// remain is what a list leaves; on is what its cursor is on.
func (l *filteredList[R]) remain(on any) remains {
	spot := l.kept(on)
	if l.back != nil { // it never got there
		spot = l.back
	}
	return remains{filter: l.filter.Value(), spot: spot}
}

// resume begins a list as it was left.
func (l *filteredList[R]) resume(r remains) {
	l.filter.input.SetValue(r.filter)
	l.back = r.spot
}
