package tui

import (
	"errors"
	"slices"

	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// auditList is the audit trail, newest entry first: all of it, or what is about
// one key. Entries never change, so that those once loaded stay: older ones are
// fetched as the cursor comes near the end, newer ones put in front. The cursor
// is on an entry, not on a place.
type auditList struct {
	filteredList[model.Entry]
	about model.ID // the key, 0 for all

	newest    int  // number of the newest request
	waiting   int  // its kind, waitNot when it was answered
	sought    bool // the user filtered since the newest answer
	again     bool // something changed since it was asked for
	unseen    int  // entries that came while the cursor was further down, and are still above it
	verifying int  // number of the verification that runs, or 0

	last  uint64 // sequence of the newest entry that there was
	older uint64 // the Before that continues the list; 0: it is at its end
	on    uint64 // sequence of the entry under the cursor
}

// newAudit makes the screen for what is about a key, or for everything when the
// id is 0.
func newAudit(rt *runtime, about model.ID) screen {
	l := &auditList{about: about}
	l.begin(rt, "words in actions, names, users, changes, reasons …", l.follow)
	l.table = table[model.Entry]{columns: auditColumns(), desc: true}
	return l
}

// Init loads the newest entries.
func (l *auditList) Init() tea.Cmd { return l.reload() }

// Title is the screen's part of the breadcrumb.
func (l *auditList) Title() string { return "Audit" }

// Update takes keys, pages and news.
func (l *auditList) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return tea.Batch(l.key(msg), l.fetch())
	case auditMsg:
		if msg.number != l.newest {
			return nil
		}
		again := l.again
		cmd := l.answered(msg)
		if again && l.waiting == waitNot {
			cmd = l.news()
		}
		return tea.Batch(cmd, l.fetch())
	case verifiedMsg:
		return l.verified(msg)
	case changedMsg:
		if l.again = l.waiting != waitNot && !msg.anew; !l.again {
			return l.news()
		}
	case tea.WindowSizeMsg:
		return l.fetch()
	}
	return nil
}

// pageRows is how many entries are asked for at a time: several screens, so
// that a held key does not outrun them.
func (l *auditList) pageRows() int { return min(max(240, 4*l.table.height), model.MaxPage) }

func (l *auditList) request(kind int, q model.AuditQuery) tea.Cmd {
	l.newest, l.waiting, l.again = l.rt.next(), kind, false
	q.Filter = l.filter.Value()
	if l.about != 0 {
		q.Object = l.about.String()
	}
	return l.rt.loadAudit(l.newest, q)
}

// reload loads the list anew, as far down as the cursor is.
func (l *auditList) reload() tea.Cmd {
	to := l.table.cursor
	if l.back != nil {
		to = l.back.cursor
	}
	return l.request(waitList, model.AuditQuery{Limit: min(max(l.pageRows(), to+l.pageRows()/2), model.MaxPage)})
}

// refilter loads the list anew from the top.
func (l *auditList) refilter() tea.Cmd {
	l.sought = true
	l.unseen = 0
	if l.back != nil {
		return l.reload()
	}
	return l.request(waitList, model.AuditQuery{Limit: l.pageRows()})
}

// news asks for the entries that came since.
func (l *auditList) news() tea.Cmd {
	if !l.loaded || l.waiting == waitList {
		return l.reload()
	}
	return l.request(waitNews, model.AuditQuery{After: l.last})
}

// fetch asks for older entries when the window comes near the end of those that
// are there.
func (l *auditList) fetch() tea.Cmd {
	t := &l.table
	if !l.loaded || l.err != nil || l.waiting != waitNot || l.older == 0 || t.covers(0, len(t.rows), t.height) {
		return nil
	}
	return l.request(waitPage, model.AuditQuery{Before: l.older, Limit: l.pageRows()})
}

// answered takes an answer. After a failure what was there stays to be seen.
func (l *auditList) answered(msg auditMsg) tea.Cmd {
	kind, page := l.waiting, msg.page
	l.waiting, l.err, l.sought = waitNot, msg.err, false
	if msg.err != nil {
		return nil
	}
	if kind == waitNews && (page.Next != 0 || page.Newest < l.last) {
		return l.reload() // more came than one page holds, or it is another store
	}
	rows := l.table.rows
	switch kind {
	case waitPage:
		rows, l.older = append(rows, page.Entries...), page.Next
	case waitNews:
		rows, l.last = append(page.Entries, rows...), page.Newest
		if l.table.cursor == 0 && len(rows) > 0 {
			l.on = rows[0].Seq // whoever looks at the newest entry goes on doing so
		}
		l.unseen += len(page.Entries)
	default:
		rows, l.older, l.last = page.Entries, page.Next, page.Newest
		if seq, ok := l.takeBack().(uint64); ok {
			l.on = seq
		}
	}
	l.loaded = true
	l.put(rows)
	return nil
}

// put shows rows; one more stands for those that are yet to be fetched. A list
// seen from its top stays so when entries come in front; elsewhere the rows
// stay where they are on the screen.
func (l *auditList) put(rows []model.Entry) {
	t := &l.table
	total := len(rows)
	if l.older != 0 {
		total++
	}
	on := -1
	if l.on != 0 {
		on = slices.IndexFunc(rows, func(e model.Entry) bool { return e.Seq == l.on })
		if on < 0 && l.filter.Value() != "" {
			on = 0
		}
	}
	fromTop := t.top == 0
	t.load(rows, 0, total, on)
	if fromTop {
		t.scrollTo(0)
	}
	l.follow()
}

// follow remembers which entry is under the cursor.
func (l *auditList) follow() {
	e, _ := l.table.current()
	l.on, l.unseen = e.Seq, min(l.unseen, l.table.cursor)
}

func (l *auditList) key(msg tea.KeyMsg) tea.Cmd {
	if l.filter.typing {
		if l.filterKey(msg, l.moveKey) {
			return l.refilter()
		}
		return nil
	}
	if msg.Paste || l.moveKey(msg, moveKeys) {
		return nil
	}
	k := l.keys()
	switch {
	case matches(msg, k.Open):
		e, _ := l.table.current()
		return push(newAuditEntry(l.rt, e))
	case matches(msg, k.Filter):
		l.openFilter(l.on)
	case matches(msg, k.Clear):
		l.clearFilter()
		return l.refilter()
	case matches(msg, k.Verify):
		l.verifying = l.rt.next()
		return l.rt.verifyAudit(l.verifying)
	case matches(msg, k.Reload):
		return l.reload()
	case matches(msg, globalKeys.Back):
		return pop()
	}
	return nil
}

// verified tells in the status line whether the chain holds.
func (l *auditList) verified(msg verifiedMsg) tea.Cmd {
	if msg.number != l.verifying {
		return nil
	}
	l.verifying = 0
	if errors.Is(msg.err, errStopped) {
		return status(statusWarning, "Stopped: the chain was not checked to its end, and nothing is known of it.")
	}
	if msg.err != nil {
		return status(statusError, sentence(msg.err))
	}
	if msg.entries == 1 {
		return status(statusDone, "The audit trail is whole: 1 entry.")
	}
	return status(statusDone, "The audit trail is whole: "+thousands(int(msg.entries))+" entries, none altered, lost or put in.")
}

// keys switches off what has no meaning now.
func (l *auditList) keys() auditKeyMap {
	k := auditKeys
	_, here := l.table.current()
	k.Open.SetEnabled(l.loaded && here)
	k.Filter.SetEnabled(l.loaded && !l.empty())
	k.Verify.SetEnabled(l.verifying == 0)
	k.Clear.SetEnabled(l.filter.Value() != "")
	return k
}

// Keys are the bindings for the help line and the help screen.
func (l *auditList) Keys() help.KeyMap {
	if l.filter.typing {
		return l.filter.bindings()
	}
	k := l.keys()
	short := []key.Binding{k.Clear, k.Open, k.Filter, k.Verify}
	if !k.Clear.Enabled() {
		short = append(short, globalKeys.Back)
	}
	return bindings{short: short, full: [][]key.Binding{{k.Open, k.Filter, k.Clear, k.Verify, k.Reload}, moveKeys.all()}}
}
