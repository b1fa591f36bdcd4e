package tui

import (
	"maps"
	"slices"

	"dev.keyward/keyward/model"
)

// marks are the keys that were chosen for bulk work. They go by id: another
// order, a filter, a reload and a new name leave them as they are.
type marks map[model.ID]bool

// mostMarked bounds the marks: as many as one page of the list holds, so that
// what is marked can be looked at once more before anything is asked.
const mostMarked = model.MaxPage

// toggle marks a key or takes its mark away. It reports false where there are
// as many as there can be.
func (m marks) toggle(id model.ID) bool {
	switch {
	case m[id]:
		delete(m, id)
	case len(m) >= mostMarked:
		return false
	default:
		m[id] = true
	}
	return true
}

// toggleAll marks all rows, as far as there is room, or takes their marks away
// where every one has one. It returns how many had no room.
func (m marks) toggleAll(rows []model.KeyRow) (left int) {
	if !slices.ContainsFunc(rows, func(r model.KeyRow) bool { return !m[r.ID] }) {
		for _, r := range rows {
			delete(m, r.ID)
		}
		return 0
	}
	for _, r := range rows {
		if !m[r.ID] && !m.toggle(r.ID) {
			left++
		}
	}
	return left
}

// drop takes the marks of keys away.
func (m marks) drop(ids []model.ID) {
	for _, id := range ids {
		delete(m, id)
	}
}

// ids are the marked keys, in the order in which they were made.
func (m marks) ids() []model.ID { return slices.Sorted(maps.Keys(m)) }

// sign is what stands before a name: an asterisk for a marked key. It takes no
// room while nothing is marked, and needs no colour.
func (m marks) sign(id model.ID) string {
	switch {
	case len(m) == 0:
		return ""
	case m[id]:
		return "* "
	}
	return "  "
}
