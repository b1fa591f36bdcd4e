package tui

import (
	"testing"

	"dev.keyward/keyward/model"
)

// What follows the cursor follows it however it is moved, and nothing else.
func TestFilteredListTellsOfMoves(t *testing.T) {
	w := newWorld(t)
	moves := 0
	var l filteredList[model.KeyRow]
	l.begin(w.rt, "words", func() { moves++ })
	l.SetSize(80, 12)
	l.table.load(make([]model.KeyRow, 30), 0, 30, -1)
	for _, step := range []struct {
		name   string
		does   func() bool
		taken  bool
		cursor int
		moves  int
	}{
		{"down", func() bool { return l.moveKey(namedKeys["down"], moveKeys) }, true, 1, 1},
		{"end", func() bool { return l.moveKey(namedKeys["end"], moveKeys) }, true, 29, 2},
		{"end, of a text", func() bool { return l.moveKey(namedKeys["end"], typingMoveKeys.withoutEnds()) }, false, 29, 2},
		{"another key", func() bool { return l.moveKey(namedKeys["enter"], moveKeys) }, false, 29, 2},
		{"a click on the first row seen", func() bool { _, ok := l.click(2); return ok }, true, 20, 3},
		{"a click on the heading", func() bool { _, ok := l.click(1); return ok }, false, 20, 3},
		{"a click above the table", func() bool { _, ok := l.click(0); return ok }, false, 20, 3},
		{"a click below it", func() bool { _, ok := l.click(12); return ok }, false, 20, 3},
	} {
		if taken := step.does(); taken != step.taken || l.table.cursor != step.cursor || moves != step.moves {
			t.Errorf("%s: taken is %v, the cursor is on %d, %d moves; want %v, %d, %d",
				step.name, taken, l.table.cursor, moves, step.taken, step.cursor, step.moves)
		}
	}
}

// The line above a list says what is most urgent, and where the cursor is.
func TestFilteredListToolLine(t *testing.T) {
	w := newWorld(t)
	var l filteredList[model.KeyRow]
	l.begin(w.rt, "words", func() {})
	l.SetSize(60, 12)
	check := func(left, right string) {
		t.Helper()
		want := "  " + padLeft(right, 56)
		want = "  " + left + want[2+len([]rune(left)):]
		if got := l.toolLine(l.where(1200), "1,200 keys by name"); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
	check("1,200 keys by name", "0")
	l.table.load(make([]model.KeyRow, 30), 0, 1200, -1)
	check("1,200 keys by name", "1 of 1,200")
	l.filter.open()
	l.filter.input.SetValue("zz")
	l.table.load(nil, 0, 0, -1)
	check("/ zz▏", "0, filtered from 1,200")
	l.filter.keep()
	check("/ zz", "0, filtered from 1,200")
	l.err = errTest
	check("✗ The store does not answer. ct…", "0, filtered from 1,200")
}
