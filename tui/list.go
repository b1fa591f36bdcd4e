package tui

import (
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

// follow remembers which key is under the cursor.
func (l *keyList) follow() {
	row, _ := l.table.current()
	l.on = row.ID
}
