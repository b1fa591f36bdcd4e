package tui

import (
	"cmp"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// pageRows is how many rows are asked for at a time: several screens, so that a
// held key does not outrun them.
func (l *keyList) pageRows() int { return min(max(240, 4*l.table.height), model.MaxPage) }

func (l *keyList) request(kind int, q model.KeyQuery, name string) tea.Cmd {
	l.newest, l.waiting, l.from = l.rt.next(), kind, q.Offset
	l.again, l.wanted, l.named, l.was = false, "", name, spot{l.on, l.table.cursor}
	q.Filter, q.Sort, q.Desc, q.Limit = l.filter.Value(), l.sort, l.desc, l.pageRows()
	return l.rt.listKeys(l.newest, q, name)
}

// reload loads the list anew around the cursor's key, or the one called name.
func (l *keyList) reload(name string) tea.Cmd {
	return l.request(waitList, model.KeyQuery{Around: l.on, Offset: max(l.table.cursor-l.pageRows()/2, 0)}, name)
}

// changed loads the list anew. While it is being loaded that comes after: what
// the answer is for (a filter, a new key) is not lost, and a store that changes
// faster than it answers is seen all the same.
func (l *keyList) changed(msg changedMsg) tea.Cmd {
	if l.waiting != waitList {
		return l.reload(msg.key)
	}
	if msg.anew {
		return l.reload(cmp.Or(msg.key, l.wanted, l.named))
	}
	l.again = true
	if msg.key != "" {
		l.wanted = msg.key
	}
	return nil
}

// refilter loads the list anew; the cursor goes to the top when its key is not
// in it.
func (l *keyList) refilter() tea.Cmd {
	l.sought = true
	if l.back != nil {
		l.on, _ = l.back.on.(model.ID)
	}
	return l.request(waitList, model.KeyQuery{Around: l.on}, "")
}

// fetch asks for the rows around the window, unless they are there or coming.
func (l *keyList) fetch() tea.Cmd {
	t := &l.table
	switch {
	case !l.loaded, l.err != nil, l.waiting == waitList, t.covers(t.first, len(t.rows), t.height):
		return nil
	case l.waiting == waitPage && t.covers(l.from, l.pageRows(), 0):
		return nil
	}
	middle := t.top + t.height/2
	from := max(min(middle-l.pageRows()/2, t.total-l.pageRows()), 0)
	return l.request(waitPage, model.KeyQuery{Offset: from}, "")
}

// listed takes an answer. After a failure what was there stays to be seen.
func (l *keyList) listed(msg listedMsg) {
	anew := l.waiting == waitList
	l.waiting, l.err, l.at, l.sought = waitNot, msg.err, msg.at, false
	if msg.err != nil {
		return
	}
	l.loaded, l.all, l.workflows = true, msg.page.All, msg.workflows
	l.sample = sampleAmong(msg.page.Keys)
	on := -1
	back := anew && l.takeBack() != nil
	if anew && msg.on != 0 {
		if i := slices.IndexFunc(msg.page.Keys, func(r model.KeyRow) bool { return r.ID == msg.on }); i >= 0 {
			on = msg.page.Offset + i
			if msg.on == l.was.on && !back {
				on = max(on+l.table.cursor-l.was.place, 0) // the user went on meanwhile
			}
		} else if msg.page.Offset == 0 && l.filter.Value() != "" {
			on = 0
		}
	}
	l.table.load(msg.page.Keys, msg.page.Offset, msg.page.Total, on)
	l.follow()
	if anew {
		l.outdate()
	}
}
