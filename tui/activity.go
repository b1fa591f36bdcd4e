package tui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// The limits of the Activity screen.
const (
	activityKept  = 2000 // rows
	activityFirst = 1000 // rows that are asked for at first: model.MaxPage
	// activityPage is how many rows are asked for at a time: several screens. At
	// ten questions a second nobody reads more, and each costs the time to bring it.
	activityPage = 200
)

// activityRow is a decision or, in its place, a time in which none that allowed
// something was kept.
type activityRow struct {
	model.Activity
	gap *model.ActivityGap // nil: a decision
}

// activityList shows what endpoints decide, as it happens: the newest at the
// bottom, as tail -f has it. It asks as long as it is seen and, less often, for a
// while longer: whoever went on from it may be back soon.
type activityList struct {
	filteredList[activityRow]
	only activityOnly

	newest  int  // number of the newest request
	waiting bool // for its answer
	fresh   bool // it asked for everything there is
	seen    bool // the screen is the top one
	waits   int  // how often it asked since it is not

	serving   bool // an endpoint runs
	next      uint64
	missed    uint64 // calls that came and are not in rows, nor will be
	following bool
	paused    bool
	held      []activityRow        // what came while it was paused
	gaps      []*model.ActivityGap // those that are among the rows, in order
	came      uint64               // how many calls those were, and how many were missed
	lately    refusedLately
}

func newActivity(rt *runtime) screen { return newActivityOf(rt, aim{}) }

// newActivityOf shows the calls of the key that the screen before is about, of
// all where it is about none: a list always has some key under its cursor, and
// callers that nobody knows have none.
func newActivityOf(rt *runtime, on aim) screen {
	l := &activityList{following: true}
	l.begin(rt, "refused, a RequestId, or words in keys, workflows, reasons, paths …", l.follow)
	l.table = table[activityRow]{columns: l.columns(activityRoomy), sorted: -1, note: l.gapText}
	l.only = onlyOf(on)
	return l
}

// Init has nothing to do: what is seen asks.
func (l *activityList) Init() tea.Cmd { return nil }

// Title is the screen's part of the breadcrumb.
func (l *activityList) Title() string { return "Activity" + l.only.title() }

// uncovered goes on asking.
func (l *activityList) uncovered() tea.Cmd {
	l.seen = true
	return l.more()
}

// covered goes on asking, less often and not for ever: who mends what was refused
// comes back to see the next call.
func (l *activityList) covered() { l.seen, l.waits = false, 0 }

// SetSize lays the list out.
func (l *activityList) SetSize(width, height int) {
	l.width, l.height = width, height
	l.table.columns = l.columns(width)
	l.table.setSize(width, height-2-l.previewHeight()) // but for the toolbar and the heading
	l.follow()
}

// Update takes keys and answers.
func (l *activityList) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return l.key(msg)
	case activityMsg:
		switch {
		case msg.number == l.newest && l.waiting:
			return l.answered(msg)
		case l.continues(msg):
			l.take(msg, false)
			return l.more() // what is awaited tells of the same time: what was missed then counts once
		}
	case activityTickMsg:
		if msg.number == l.newest && !l.waiting {
			return l.more()
		}
	case changedMsg:
		if msg.anew { // whoever was asked may never answer
			return l.more()
		}
	}
	return nil
}

// query is what the filter asks for.
func (l *activityList) query() model.ActivityQuery {
	q := model.ActivityQuery{Key: l.only.key, Workflow: l.only.workflow}
	var words []string
	for _, word := range strings.Fields(l.filter.Value()) {
		if strings.EqualFold(word, "refused") {
			q.Refused = true
			continue
		}
		words = append(words, word)
	}
	q.Words = strings.Join(words, " ")
	return q
}

func (l *activityList) ask(q model.ActivityQuery, fresh bool) tea.Cmd {
	l.newest, l.waiting, l.fresh = l.rt.next(), true, fresh
	return l.rt.loadActivity(l.newest, q)
}

// reload asks for everything there is.
func (l *activityList) reload() tea.Cmd {
	q := l.query()
	q.Limit = activityFirst
	return l.ask(q, true)
}

// more asks for what is new.
func (l *activityList) more() tea.Cmd {
	if !l.loaded {
		return l.reload()
	}
	q := l.query()
	q.After, q.Limit = l.next, activityPage
	return l.ask(q, false)
}

// answered takes an answer, and has the next question asked. After a failure
// what was there stays to be seen.
func (l *activityList) answered(msg activityMsg) tea.Cmd {
	l.waiting, l.err = false, msg.err
	if msg.err == nil {
		l.take(msg, l.fresh)
	}
	if !l.seen {
		if l.waits++; l.waits >= activityWaits {
			return nil // until it is seen again
		}
	}
	return l.rt.nextActivity(l.newest, msg.page.Missed, l.seen)
}

// continues reports whether an answer that is not waited for any more, for
// another owner of the store was asked since, goes on where the list is: what
// the one before said last.
func (l *activityList) continues(msg activityMsg) bool {
	q := l.query()
	q.After, q.Limit = l.next, msg.asked.Limit
	return msg.err == nil && l.loaded && !l.fresh && msg.asked == q && q.After != 0
}

func (l *activityList) take(msg activityMsg, fresh bool) {
	p := msg.page
	if !fresh && p.Next >= l.next { // of two answers that overlap, each decision once
		for len(p.Records) > 0 && p.Records[0].Number <= l.next {
			p.Records = p.Records[1:]
		}
	}
	l.loaded, l.next, l.serving = true, p.Next, len(p.Serving) > 0
	l.rt.noteServing(p.Serving, msg.at)
	on := l.under()
	if fresh {
		l.missed, l.held, l.came, l.gaps = 0, nil, 0, nil
		l.table.rows = nil
		if was, ok := l.takeBack().(uint64); ok {
			on = was
		}
	}
	rows := l.rowsOf(p)
	switch {
	case fresh:
		l.missed = p.Missed
		l.anew(ring(nil, rows), on)
	case l.paused:
		l.came += uint64(len(p.Records)) + p.Missed
		l.held = ring(l.held, rows)
	default:
		l.missed += p.Missed
		l.put(rows)
	}
	l.lately = refusalsOf(l.table.rows, msg.at, l.missed > 0)
}

// ring puts records behind those that are there, as many as are kept.
func ring(rows, records []activityRow) []activityRow {
	over := max(len(rows)+len(records)-activityKept, 0)
	if over < len(rows) {
		return append(rows[over:], records...)
	}
	return append([]activityRow(nil), records[over-len(rows):]...)
}

// under is the number of the call under the cursor, 0 where none is.
func (l *activityList) under() uint64 {
	row, _ := l.table.current()
	return row.Number
}

// anew shows these rows and no others. The cursor stays on the call with that
// number where it is among them, unless the newest one is followed.
func (l *activityList) anew(rows []activityRow, on uint64) {
	place := -1
	if on != 0 {
		place = slices.IndexFunc(rows, func(r activityRow) bool { return r.Number == on })
	}
	l.table.load(rows, 0, len(rows), place)
	l.follow()
}

// put shows records below the others. A row stays under the cursor, and where it
// is on the screen, unless the newest one is followed.
func (l *activityList) put(records []activityRow) {
	t := &l.table
	before := len(t.rows)
	rows := ring(t.rows, records)
	gone := before + len(records) - len(rows)
	t.chosen -= gone
	t.cursor -= gone
	t.load(rows, 0, len(rows), -1)
	l.follow()
}

// follow shows the newest row, where it is followed, and puts the cursor on the
// newest call: a note below it is seen, and nothing can be done with that.
func (l *activityList) follow() {
	if !l.following {
		return
	}
	t := &l.table
	t.moveTo(t.total - 1)
	for i := len(t.rows) - 1; i >= 0; i-- {
		if t.rows[i].gap == nil {
			if t.cursor = i; i < t.top {
				t.moveTo(i)
			}
			return
		}
	}
}

// decisions is how many of the rows are no gaps.
func decisions(rows []activityRow) (n uint64) {
	for i := range rows {
		if rows[i].gap == nil {
			n++
		}
	}
	return n
}

// pause freezes what is seen, or shows what came meanwhile.
func (l *activityList) pause() {
	l.paused = !l.paused
	if l.paused {
		return
	}
	l.missed += l.came - decisions(l.held)
	l.put(l.held)
	l.held, l.came = nil, 0
}
