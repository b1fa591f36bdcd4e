package tui

import (
	"errors"
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// marking is what the list does with several keys.
type marking struct {
	marks marks
	// asked is the number of what is being looked up about them, 0 when nothing
	// is. Meanwhile the keys that go by marks do nothing, so that none typed
	// ahead means another key than the one it was typed for.
	asked int
}

// markKey takes the keys that mark, and those that do something with what is
// marked.
func (l *keyList) markKey(msg tea.KeyMsg, k listBindings, row model.KeyRow) (cmd tea.Cmd, taken bool) {
	bulky := matches(msg, k.Enable, k.Delete, k.Permit)
	switch {
	case !bulky && !matches(msg, k.Mark, k.MarkAll):
		return nil, false
	case l.asked != 0:
		return nil, true
	case matches(msg, k.Mark):
		if !l.marks.toggle(row.ID) {
			return status(statusWarning, fullText()), true
		}
		return nil, true
	case matches(msg, k.MarkAll):
		l.asked = l.rt.next()
		return l.rt.listShown(l.asked, model.KeyQuery{Filter: l.filter.Value(), Sort: l.sort, Desc: l.desc, Limit: mostMarked}), true
	case len(l.marks) == 0:
		return nil, false
	}
	if matches(msg, k.Permit) {
		return choosePermitted(l.rt, l.marks.ids(), ""), true
	}
	l.asked = l.rt.next()
	return l.rt.lookMarked(l.asked, l.marks.ids(), matches(msg, k.Delete)), true
}

func fullText() string {
	return fmt.Sprintf("%s are marked: no more can be at a time.", count(mostMarked, "key"))
}

// shown marks what the filter shows, or takes those marks away.
func (l *keyList) shown(msg shownMsg) tea.Cmd {
	if msg.number != l.asked {
		return nil
	}
	l.asked = 0
	if msg.err != nil {
		return status(statusError, sentence(msg.err))
	}
	left := l.marks.toggleAll(msg.page.Keys)
	if left += msg.page.Total - len(msg.page.Keys); left > 0 && len(l.marks) > 0 {
		return status(statusWarning, fmt.Sprintf("%s marked, and %s not: no more than %s can be at a time.",
			count(len(l.marks), "key"), thousands(left), thousands(mostMarked)))
	}
	return nil
}

// looked asks about the marked keys as they are now.
func (l *keyList) looked(msg lookedMsg) tea.Cmd {
	if msg.number != l.asked {
		return nil
	}
	l.asked = 0
	l.marks.drop(msg.gone)
	switch {
	case errors.Is(msg.err, errStopped):
		return status(statusWarning, sentence(msg.err))
	case msg.err != nil:
		return status(statusError, sentence(msg.err))
	case len(msg.rows) == 0:
		return status(statusWarning, "None of the marked keys is there any more: somebody deleted them.")
	}
	return askBulk(l.rt, newBulk(msg))
}

// bulked takes the end of bulk work: what is done needs no mark any more, and
// what is not keeps it.
func (l *keyList) bulked(msg bulkedMsg) tea.Cmd {
	l.marks.drop(msg.done)
	return send(msg.outcome)
}

// markKeys switches off what has no meaning now, and says how many keys the
// others are about.
func (l *keyList) markKeys(k *listBindings, here bool) {
	some := l.loaded && l.table.total > 0
	k.Mark.SetEnabled(here)
	k.MarkAll.SetEnabled(some)
	if row, _ := l.table.current(); l.marks[row.ID] {
		k.Mark.SetHelp(k.Mark.Help().Key, "unmark")
	}
	n := len(l.marks)
	if n == 0 {
		return
	}
	k.Enable.SetEnabled(true)
	k.Delete.SetEnabled(true)
	k.Permit.SetEnabled(true)
	many := ""
	if l.countsFit() {
		many = " " + thousands(n)
	}
	k.Permit.SetHelp(k.Permit.Help().Key, actionKeys.Permit.Help().Desc+many)
	k.Enable.SetHelp(k.Enable.Help().Key, actionKeys.Enable.Help().Desc+many)
	k.Delete.SetHelp(k.Delete.Help().Key, actionKeys.Delete.Help().Desc+many)
	if l.filter.Value() == "" {
		k.Clear.SetEnabled(true)
		k.Clear.SetHelp(k.Clear.Help().Key, "no marks")
	}
}

// countsFit reports whether the help line has room to say of how many keys each
// of its actions is, without leaving one out. How many are marked stands above
// the list all the same.
func (l *keyList) countsFit() bool {
	return l.width >= 80 && (l.width >= 90 || len(l.marks) < 100)
}
