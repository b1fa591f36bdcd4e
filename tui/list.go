package tui

import (
	"cmp"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// keyList is the first screen: every key of the store, as far as a filter lets
// it through. It holds the rows near the cursor; the cursor is on a key, not on
// a place: it stays there when the list is sorted, filtered or loaded anew.
type keyList struct {
	filteredList[model.KeyRow]

	sort model.KeySort
	desc bool

	newest  int    // number of the newest request
	waiting int    // its kind, waitNot when it was answered
	from    int    // where the page begins that waitPage is for
	was     spot   // where the cursor was then
	again   bool   // something changed since it was asked for
	wanted  string // the key to put the cursor on then, or ""
	named   string // the one that the newest request is to find, or ""
	sought  bool   // the user filtered or sorted since the newest answer

	all       int      // keys in the store
	sample    model.ID // the sample key, where it is among the loaded rows, else 0
	workflows stock
	on        model.ID // the key under the cursor, 0 while it is not loaded
	at        time.Time

	marking
	peeking
}

// spot is where a cursor is: on which key, and its place.
type spot struct {
	on    model.ID
	place int
}

// What the newest request is to bring.
const (
	waitNot  = iota
	waitPage // more rows of the same list
	waitList // the list anew: rows may have moved
	waitNews // what came since, which goes in front
)

func newKeyList(rt *runtime) screen {
	l := &keyList{marking: marking{marks: marks{}}}
	l.begin(rt, "words in names, environments, kinds, subjects …", l.follow)
	l.table = table[model.KeyRow]{columns: l.columns()}
	return l
}

// Init loads the list.
func (l *keyList) Init() tea.Cmd { return l.reload("") }

// Title is the first part of every breadcrumb.
func (l *keyList) Title() string { return "Keys" }

// Update takes keys, pages and news.
func (l *keyList) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return tea.Batch(l.key(msg), l.fetch())
	case listedMsg:
		if msg.number != l.newest {
			return nil
		}
		l.listed(msg)
		if l.again {
			return l.reload(l.wanted)
		}
		return l.fetch()
	case changedMsg:
		return l.changed(msg)
	case shownMsg:
		return l.shown(msg)
	case lookedMsg:
		return l.looked(msg)
	case bulkedMsg:
		return l.bulked(msg)
	case usedMsg:
		return l.lookUsed()
	case usedRowsMsg:
		l.used(msg)
	case peekMsg:
		return l.rested()
	case peekedMsg:
		l.peeked(msg)
	case tea.WindowSizeMsg:
		return l.fetch()
	}
	return nil
}

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
	if anew && msg.on != 0 {
		if i := slices.IndexFunc(msg.page.Keys, func(r model.KeyRow) bool { return r.ID == msg.on }); i >= 0 {
			on = msg.page.Offset + i
			if msg.on == l.was.on {
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

// follow remembers which key is under the cursor.
func (l *keyList) follow() {
	row, _ := l.table.current()
	l.on = row.ID
}

func (l *keyList) key(msg tea.KeyMsg) tea.Cmd {
	if l.filter.typing {
		if l.filter.key(msg, l.moveKey) {
			return l.refilter()
		}
		return nil
	}
	if msg.Paste || l.moveKey(msg, moveKeys) {
		return nil
	}
	if refusal := l.rt.refuse(); refusal != nil && matches(msg, listKeys.New, listKeys.Samples, listKeys.RemoveSamples, listKeys.Mark, listKeys.MarkAll, actionKeys.Enable, actionKeys.Regenerate, actionKeys.Delete, actionKeys.Permit) {
		return refusal
	}
	k := l.keys()
	row, _ := l.table.current()
	if cmd, taken := l.markKey(msg, k, row); taken {
		return cmd
	}
	if cmd := l.rowKey(msg, k, row); cmd != nil {
		return cmd
	}
	return l.orderKey(msg, k)
}

// rowKey takes the keys that do something with the key under the cursor, or make
// others.
func (l *keyList) rowKey(msg tea.KeyMsg, k listBindings, row model.KeyRow) tea.Cmd {
	switch {
	case matches(msg, k.New):
		return push(newWizard(l.rt))
	case matches(msg, k.Open):
		return push(newDetail(l.rt, row.ID, row.Name))
	case matches(msg, k.Enable):
		return askEnabled(l.rt, row)
	case matches(msg, k.Regenerate):
		return push(newRenewal(l.rt, row.ID, row.Name, model.NoSlot))
	case matches(msg, k.Permit):
		return choosePermitted(l.rt, []model.ID{row.ID}, row.Name)
	case matches(msg, k.Delete):
		return askDelete(l.rt, row)
	case matches(msg, k.Samples) && l.sample != 0:
		return send(tourAgainMsg{l.sample})
	case matches(msg, k.Samples):
		return askTour(l.rt)
	case matches(msg, k.RemoveSamples):
		return askRemoveSamples(l.rt)
	}
	return nil
}

// orderKey takes the keys that change which rows there are and in what order.
func (l *keyList) orderKey(msg tea.KeyMsg, k listBindings) tea.Cmd {
	switch {
	case matches(msg, k.Filter):
		l.filter.open()
	case matches(msg, k.Clear) && l.filter.Value() == "":
		clear(l.marks)
	case matches(msg, k.Clear):
		l.filter.clear()
		return l.refilter()
	case matches(msg, k.Sort):
		l.sort = model.KeySorts[(int(l.sort)+1)%len(model.KeySorts)]
		l.desc = false
		return l.resort()
	case matches(msg, k.Reverse):
		l.desc = !l.desc
		return l.resort()
	case matches(msg, k.Reload):
		return l.reload("")
	}
	return nil
}

func (l *keyList) resort() tea.Cmd {
	l.sought = true
	l.table.sorted, l.table.desc = columnOf(l.sort), l.desc
	return l.reload("")
}
