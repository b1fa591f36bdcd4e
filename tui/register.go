package tui

import (
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// register is what the lists of workflows, of environments and of the bin share:
// they are loaded whole and filtered here. The cursor is on an object, not on a
// place: it stays there when the list is filtered or loaded anew.
type register[R any] struct {
	filteredList[R]
	sorting[R]

	noun  string                    // "workflow"
	id    func(R) model.ID          // tells rows apart
	words func(R) string            // what the filter looks into
	load  func(request int) tea.Cmd // asks for the list
	about string                    // what the filter looks into, in words
	order string                    // of the rows, in words; "": "by name"
	note  func(R) string            // what there is to say of the row under the cursor, "" for nothing; nil: never
	also  string                    // said below how to make one where there is none yet
	none  string                    // said where there is no row; "": that there is none yet, and how to make one

	marked func() int                       // how many rows are; nil: none can be
	form   func(rt *runtime, row R) screen  // makes one from an empty row, or changes it; nil: nothing is made here
	remove func(rt *runtime, row R) tea.Cmd // asks before one is deleted

	listing latest
	all     []R
	on      model.ID // the object under the cursor, 0 while there is none
	wanted  model.ID // the object to put the cursor on once it is in the list, or 0
}

func (l *register[R]) open(rt *runtime, columns []column[R], placeholder string) {
	l.begin(rt, placeholder, func() {
		l.wanted = 0
		l.follow()
	})
	l.table = table[R]{columns: columns, sorted: -1}
	if len(l.orders) > 0 {
		l.table.sorted = l.orders[0].column
	}
}

// Init loads the list.
func (l *register[R]) Init() tea.Cmd { return l.reload() }

// update takes keys, what was stored, and news; answers to load are the list's.
func (l *register[R]) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return l.key(msg)
	case storedMsg[R]:
		l.stored(msg)
	case changedMsg:
		return l.changed(msg)
	}
	return nil
}

func (l *register[R]) reload() tea.Cmd { return l.load(l.listing.ask(l.rt)) }

// changed loads the list anew, after the answer that is awaited.
func (l *register[R]) changed(msg changedMsg) tea.Cmd {
	if !l.listing.changed(msg) {
		return nil
	}
	return l.reload()
}

// listed takes an answer. After a failure what was there stays to be seen.
func (l *register[R]) listed(request int, rows []R, err error) tea.Cmd {
	mine, again := l.listing.answered(request)
	if mine {
		if l.err = err; err == nil {
			l.all, l.loaded = rows, true
			l.put()
		}
	}
	if again {
		return l.reload()
	}
	return nil
}

// stored puts the cursor on what was made or changed.
func (l *register[R]) stored(msg storedMsg[R]) {
	if msg.err == nil {
		l.wanted = l.id(msg.info)
		l.put() // it is there already where the news of it came first
	}
}

// put shows the rows that the filter lets through.
func (l *register[R]) put() {
	rows, words := l.all, strings.Fields(model.Fold(l.filter.Value()))
	if len(words) > 0 {
		rows = slices.DeleteFunc(slices.Clone(rows), func(r R) bool {
			text := model.Fold(l.words(r))
			return slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) })
		})
	}
	rows = l.inOrder(rows)
	if id, ok := l.takeBack().(model.ID); ok {
		l.on = id
	}
	on := slices.IndexFunc(rows, func(r R) bool { return l.id(r) == l.wanted })
	if on >= 0 {
		l.wanted = 0
	} else {
		on = slices.IndexFunc(rows, func(r R) bool { return l.id(r) == l.on })
	}
	if on < 0 && len(words) > 0 {
		on = 0
	}
	l.table.load(rows, 0, len(rows), on)
	l.follow()
}

// follow remembers what is under the cursor.
func (l *register[R]) follow() {
	l.on = 0
	if row, ok := l.table.current(); ok {
		l.on = l.id(row)
	}
}

// key takes the keys that every list has.
func (l *register[R]) key(msg tea.KeyMsg) tea.Cmd {
	if l.filter.typing {
		if l.filterKey(msg, l.moveKey) {
			l.put()
		}
		return nil
	}
	if msg.Paste || l.moveKey(msg, moveKeys) {
		return nil
	}
	if refusal := l.rt.refuse(); refusal != nil && l.form != nil && matches(msg, registerKeys.New, registerKeys.Delete) {
		return refusal
	}
	k := l.keys()
	row, _ := l.table.current()
	if l.sorts(msg, k) {
		return nil
	}
	switch {
	case matches(msg, k.New):
		var empty R
		return push(l.form(l.rt, empty))
	case matches(msg, k.Open):
		return push(l.form(l.rt, row))
	case matches(msg, k.Delete):
		return l.remove(l.rt, row)
	case matches(msg, k.Filter):
		l.openFilter(l.on)
	case matches(msg, k.Clear):
		l.clearFilter()
		l.put()
	case matches(msg, k.Reload):
		return l.reload()
	case matches(msg, globalKeys.Back):
		return pop()
	}
	return nil
}

// keys switches off what has no meaning now.
func (l *register[R]) keys() registerKeyMap {
	k := registerKeys
	_, here := l.table.current()
	k.New.SetEnabled(l.loaded && l.form != nil)
	k.Open.SetEnabled(l.loaded && l.form != nil && here)
	k.Delete.SetEnabled(l.loaded && l.form != nil && here)
	k.Filter.SetEnabled(len(l.all) > 0)
	k.Clear.SetEnabled(l.filter.Value() != "")
	k.Sort.SetEnabled(len(l.all) > 0 && len(l.orders) > 0)
	k.Reverse.SetEnabled(k.Sort.Enabled())
	if l.rt.locked() {
		k.Open.SetHelp(k.Open.Help().Key, listKeys.Open.Help().Desc)
		disable(&k.New, &k.Delete)
	}
	return k
}

// Keys are the bindings for the help line and the help screen.
func (l *register[R]) Keys() help.KeyMap {
	if l.filter.typing {
		return l.filter.bindings()
	}
	k := l.keys()
	short := []key.Binding{k.Clear, k.New, k.Open, k.Delete, k.Filter, k.Sort}
	if !k.Clear.Enabled() {
		short = append(short, globalKeys.Back)
	}
	return bindings{short: short, full: [][]key.Binding{{k.New, k.Open, k.Delete, k.Filter, k.Clear, k.Sort, k.Reverse, k.Reload}, moveKeys.all()}}
}

// View renders the list, or what stands in its place.
func (l *register[R]) View() string {
	if !l.loaded {
		return l.absent(l.noun + "s")
	}
	top := l.toolLine(l.whereMarked(), append(l.noteText(), count(len(l.all), l.noun)+l.orderText())...)
	if l.table.total == 0 {
		return top + "\n\n" + indent(l.nothing(), 2)
	}
	return top + "\n" + l.rows()
}

// whereMarked is where the cursor is, and how many are marked.
func (l *register[R]) whereMarked() string {
	if l.marked == nil {
		return l.where(len(l.all))
	}
	if n := l.marked(); n > 0 {
		return thousands(n) + " marked · " + l.where(len(l.all))
	}
	return l.where(len(l.all))
}

func (l *register[R]) orderText() string {
	if len(l.orders) > 0 {
		return l.sortText()
	}
	if l.order == "" {
		return " by name"
	}
	return ", " + l.order
}

// nothing stands in place of the rows where there are none.
func (l *register[R]) nothing() string {
	s := l.rt.styles
	if len(l.all) == 0 && l.none != "" {
		return wrap(l.none, min(l.width-4, 70))
	}
	if len(l.all) == 0 && l.rt.locked() {
		return s.strong.Render("There is no " + l.noun + " yet.")
	}
	if len(l.all) == 0 {
		return s.strong.Render("There is no "+l.noun+" yet.") + "\n\n" + s.strong.Render(registerKeys.New.Help().Key) + " makes one." + l.also
	}
	return strings.Join([]string{
		s.strong.Render("No " + l.noun + " matches."),
		"",
		wrap("One is shown when every word of the filter is found in "+l.about+".", min(l.width-4, 70)),
		"",
		s.strong.Render(registerKeys.Clear.Help().Key) + " clears the filter.",
	}, "\n")
}

// noteText is what there is to say of the row under the cursor, which takes the
// place of the order.
func (l *register[R]) noteText() []string {
	row, here := l.table.current()
	if l.note == nil || !here {
		return nil
	}
	if text := l.note(row); text != "" {
		return []string{clip(text, max(l.width-cells(l.where(len(l.all)))-8, 20))}
	}
	return nil
}
