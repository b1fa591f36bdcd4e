package tui

import (
	"slices"
	"strings"

	"dev.keyward/keyward/model"
)

// put shows the rows that the filter lets through. The marks of the others stay.
func (i *importer) put() {
	words := strings.Fields(model.Fold(i.filter.Value()))
	rows := make([]int, 0, len(i.plan.Rows))
	for place := range i.plan.Rows {
		text := model.Fold(i.words(place))
		if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) }) {
			rows = append(rows, place)
		}
	}
	slices.SortStableFunc(rows, func(a, b int) int { return index(i.plan.Rows[a].State.fine()) - index(i.plan.Rows[b].State.fine()) })
	if place, ok := i.takeBack().(int); ok {
		i.on = place
	}
	on := slices.Index(rows, i.on)
	if on < 0 && len(words) > 0 {
		on = 0
	}
	i.table.load(rows, 0, len(rows), on)
	i.follow()
}

// words are what the filter looks into.
func (i *importer) words(place int) string {
	row := i.plan.Rows[place]
	state, _ := i.state(place)
	return clean(row.Name) + " " + clean(row.Method) + " " + clean(row.Path) + " " + state
}

// follow remembers which row is under the cursor.
func (i *importer) follow() {
	if place, ok := i.table.current(); ok {
		i.on = place
	}
}

func (i *importer) mark() {
	place, ok := i.table.current()
	if !ok || !i.plan.Rows[place].State.fits() {
		return
	}
	if i.marked[place] {
		delete(i.marked, place)
	} else {
		i.marked[place] = true
	}
	i.table.moveTo(i.table.cursor + 1)
	i.follow()
}

// remark has the marks follow a new plan. What cannot be imported loses its mark,
// and has it again once another path prefix lets it in.
func (i *importer) remark(first, moved bool) {
	for place, row := range i.plan.Rows {
		switch {
		case row.State == ImportThere:
			delete(i.marked, place)
			delete(i.held, place)
			delete(i.failed, place)
		case !row.State.fits():
			if first || i.marked[place] {
				i.held[place] = true
			}
			delete(i.marked, place)
		case first || moved && i.held[place]:
			i.marked[place] = true
			delete(i.held, place)
		}
	}
}

// markAll marks everything shown that can be imported, or takes those marks away
// where all of it is marked.
func (i *importer) markAll() {
	shown := i.shown()
	every := !slices.ContainsFunc(shown, func(place int) bool { return !i.marked[place] })
	for _, place := range i.table.rows {
		if every {
			delete(i.held, place)
		} else if !i.plan.Rows[place].State.fits() {
			i.held[place] = true
		}
	}
	for _, place := range shown {
		if every {
			delete(i.marked, place)
		} else {
			i.marked[place] = true
		}
	}
}

// fitting are the places of what can be imported.
func (i *importer) fitting() []int {
	var all []int
	for place, row := range i.plan.Rows {
		if row.State.fits() {
			all = append(all, place)
		}
	}
	return all
}

// shown are those of them that the filter lets through.
func (i *importer) shown() []int {
	return slices.DeleteFunc(slices.Clone(i.table.rows), func(place int) bool { return !i.plan.Rows[place].State.fits() })
}
