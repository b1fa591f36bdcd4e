package tui

import (
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// certificateList is every certificate of every key in the order in which they
// end, those that have expired first, as far as a filter lets them through. Like
// the list of keys it holds the rows near the cursor, which is on a certificate,
// not on a place.
type certificateList struct {
	filteredList[model.CertificateRow]

	newest  int  // number of the newest request
	waiting int  // its kind, waitNot when it was answered
	from    int  // where the page begins that waitPage is for
	again   bool // something changed since it was asked for
	was     int  // the cursor's place then
	sought  bool // the user filtered since the newest answer

	generating model.ID // the key that one is to be generated for, 0: a file is chosen

	all int          // certificates in the store
	on  model.Digest // the certificate under the cursor, none while it is not loaded
	at  time.Time
}

func newCertificateList(rt *runtime) screen {
	l := &certificateList{}
	l.begin(rt, "words in subjects, issuers, keys, serials, SHA-256 …", l.follow)
	l.table = table[model.CertificateRow]{columns: l.columns(), sorted: endColumn}
	return l
}

// Init loads the list.
func (l *certificateList) Init() tea.Cmd { return l.reload() }

// Title is the screen's part of the breadcrumb.
func (l *certificateList) Title() string { return "Certificates" }

// aim is the key that has the certificate under the cursor.
func (l *certificateList) aim() aim {
	row, _ := l.table.current()
	return aim{key: row.Key, name: row.Name, among: true}
}

// Update takes keys, pages and news.
func (l *certificateList) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return tea.Batch(l.key(msg), l.fetch())
	case certificatesMsg:
		if msg.number != l.newest {
			return nil
		}
		l.listed(msg)
		if l.again {
			return l.reload()
		}
		return l.fetch()
	case changedMsg:
		if l.again = l.waiting == waitList && !msg.anew; !l.again {
			return l.reload()
		}
	case usedMsg:
		return l.lookUsed()
	case usedRowsMsg:
		l.used(msg)
	case newForKeyMsg:
		if msg.owner == l && l.generating == msg.key.ID {
			return generateForKey(l.rt, l, msg)
		}
		if msg.owner == l {
			return pickForKey(l.rt, l, msg)
		}
	case certificateChosenMsg:
		if msg.owner == l {
			return askPutCertificate(l.rt, msg.key, msg.slot, msg.certificate)
		}
	case tea.WindowSizeMsg:
		return l.fetch()
	}
	return nil
}

// pageRows is how many rows are asked for at a time: several screens, so that a
// held key does not outrun them.
func (l *certificateList) pageRows() int { return min(max(240, 4*l.table.height), model.MaxPage) }

func (l *certificateList) request(kind int, q model.CertificateQuery) tea.Cmd {
	l.newest, l.waiting, l.from, l.again, l.was = l.rt.next(), kind, q.Offset, false, l.table.cursor
	q.Filter, q.Limit = l.filter.Value(), l.pageRows()
	return l.rt.listCertificates(l.newest, q)
}

// reload loads the list anew around the cursor's certificate.
func (l *certificateList) reload() tea.Cmd {
	return l.request(waitList, model.CertificateQuery{Around: l.on, Offset: max(l.table.cursor-l.pageRows()/2, 0)})
}

// refilter loads the list anew; the cursor goes to the top when its certificate
// is not in it.
func (l *certificateList) refilter() tea.Cmd {
	l.sought = true
	l.onBack()
	return l.request(waitList, model.CertificateQuery{Around: l.on})
}

// fetch asks for the rows around the window, unless they are there or coming.
func (l *certificateList) fetch() tea.Cmd {
	t := &l.table
	switch {
	case !l.loaded, l.err != nil, l.waiting == waitList, t.covers(t.first, len(t.rows), t.height):
		return nil
	case l.waiting == waitPage && t.covers(l.from, l.pageRows(), 0):
		return nil
	}
	from := max(min(t.top+t.height/2-l.pageRows()/2, t.total-l.pageRows()), 0)
	return l.request(waitPage, model.CertificateQuery{Offset: from})
}

// listed takes an answer. After a failure what was there stays to be seen.
func (l *certificateList) listed(msg certificatesMsg) {
	anew := l.waiting == waitList
	l.waiting, l.err, l.at, l.sought = waitNot, msg.err, msg.at, false
	if msg.err != nil {
		return
	}
	l.loaded, l.all = true, msg.page.All
	on, page := -1, msg.page
	if anew && l.takeBack() != nil {
		l.was = l.table.cursor
	}
	if anew && !msg.on.IsZero() {
		i := slices.IndexFunc(page.Certificates, func(r model.CertificateRow) bool { return r.SHA256 == msg.on })
		switch {
		case i >= 0:
			on = max(page.Offset+i+l.table.cursor-l.was, 0) // the user went on meanwhile
		case page.Offset == 0 && l.filter.Value() != "":
			on = 0
		}
	}
	l.table.load(page.Certificates, page.Offset, page.Total, on)
	l.follow()
}

// onBack asks for the rows around the certificate that the cursor goes back to,
// where it does.
func (l *certificateList) onBack() {
	if l.back != nil {
		l.on, _ = l.back.on.(model.Digest)
	}
}

// follow remembers which certificate is under the cursor.
func (l *certificateList) follow() {
	row, _ := l.table.current()
	l.on = row.SHA256
}
