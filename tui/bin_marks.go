package tui

import (
	"fmt"
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// markKeys switches the keys that mark on where they mean something, and says of
// how many keys the one that restores is.
func (l *binList) markKeys(k *binKeyMap, here bool) {
	k.Mark.SetEnabled(l.loaded && here && !l.rt.locked())
	k.MarkAll.SetEnabled(k.Mark.Enabled())
	if row, _ := l.table.current(); l.marks[row.ID] {
		k.Mark.SetHelp(k.Mark.Help().Key, "unmark")
	}
	if n := len(l.marks); n > 0 {
		k.Restore.SetHelp(k.Restore.Help().Key, fmt.Sprintf("restore %s", thousands(n)))
		k.Restore.SetEnabled(!l.rt.locked())
	}
}

// mark takes the keys that mark, and the restoring of what is marked.
func (l *binList) mark(msg tea.KeyMsg, k binKeyMap) (cmd tea.Cmd, taken bool) {
	row, _ := l.table.current()
	switch {
	case msg.Paste:
		return nil, false
	case matches(msg, k.Mark):
		if !l.marks.toggle(row.ID) {
			return status(statusWarning, fullText()), true
		}
	case matches(msg, k.MarkAll):
		rows := make([]model.KeyRow, len(l.table.rows))
		for i, r := range l.table.rows {
			rows[i] = rowOf(r)
		}
		if left := l.marks.toggleAll(rows); left > 0 {
			return status(statusWarning, fullText()), true
		}
	case matches(msg, k.Restore) && len(l.marks) > 0:
		return l.askRestoreMarked(), true
	case len(l.marks) > 0 && l.filter.Value() == "" && matches(msg, l.noMarks()):
		clear(l.marks)
	default:
		return nil, false
	}
	return nil, true
}

// noMarks is the key that takes all marks away.
func (l *binList) noMarks() key.Binding {
	b := registerKeys.Clear
	b.SetHelp(b.Help().Key, "no marks")
	b.SetEnabled(len(l.marks) > 0 && l.filter.Value() == "")
	return b
}

// unmarkGone takes the marks of keys away that are not in the bin any more.
func (l *binList) unmarkGone() {
	in := marks{}
	for _, k := range l.all {
		if l.marks[k.ID] {
			in[k.ID] = true
		}
	}
	clear(l.marks)
	for id := range in {
		l.marks[id] = true
	}
}

// restoredName is the name under which a key is proposed to come back: one that a
// key may have, since nobody is asked about it where several come back at once.
func restoredName(k model.DeletedKey) string {
	const restored = "-restored"
	if !k.NameTaken {
		return k.Name
	}
	return k.Name[:min(len(k.Name), model.MaxName-len(restored))] + restored
}

// stays is the verb for so many.
func stays(n int) string {
	if n == 1 {
		return "stays"
	}
	return "stay"
}

// askRestoreMarked asks once before the marked keys are restored, and names them
// all.
func (l *binList) askRestoreMarked() tea.Cmd {
	var keys []model.DeletedKey
	var names, others []string
	var rows []model.KeyRow
	gone := 0
	for _, k := range l.all {
		name := clean(k.Name)
		if k.NameTaken {
			name += " as " + clean(restoredName(k))
		}
		switch {
		case !l.marks[k.ID]:
			continue
		case k.EnvironmentGone:
			gone++
			continue
		case k.Production:
			names = append(names, "  ◆ "+name)
		default:
			others = append(others, "    "+name)
		}
		keys, rows = append(keys, k), append(rows, rowOf(k))
	}
	if len(keys) == 0 {
		return status(statusWarning, "The environments that they were for are deleted: make new keys in their place.")
	}
	after := []string{"They are disabled: no call works until you enable them."}
	if gone > 0 {
		after = append(after, fmt.Sprintf("%s of the marked ones %s: the environment of each is deleted.", thousands(gone), stays(gone)))
	}
	return ask(prompt{
		Title: fmt.Sprintf("Restore %s?", count(len(keys), "deleted key")), rows: promptRows{all: append(names, others...)}, After: after,
		Confirm: "restore", OnYes: live("restore them", l.rt.restoreMarked(slices.Clone(keys)), rows...),
	})
}
