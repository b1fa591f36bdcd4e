package tui

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// markedKeys are the keys of the list of workflows that are about several.
type markedKeys struct{ Mark, MarkAll, Delete, Clear key.Binding }

func (l *workflowList) markedKeys() markedKeys {
	k := markedKeys{listKeys.Mark, listKeys.MarkAll, registerKeys.Delete, registerKeys.Clear}
	row, here := l.table.current()
	k.Mark.SetEnabled(l.loaded && here)
	k.MarkAll.SetEnabled(l.loaded && here)
	k.Delete.SetEnabled(len(l.marks) > 0)
	k.Clear.SetEnabled(len(l.marks) > 0 && l.filter.Value() == "")
	k.Clear.SetHelp(k.Clear.Help().Key, "no marks")
	k.Delete.SetHelp(k.Delete.Help().Key, fmt.Sprintf("%s %s", k.Delete.Help().Desc, thousands(len(l.marks))))
	if l.marks[row.ID] {
		k.Mark.SetHelp(k.Mark.Help().Key, "unmark")
	}
	if l.rt.locked() {
		disable(&k.Mark, &k.MarkAll, &k.Delete)
	}
	return k
}

// markKey takes the keys that mark, and what is done to all that is marked.
func (l *workflowList) markKey(msg tea.KeyMsg) (cmd tea.Cmd, taken bool) {
	if l.filter.typing || msg.Paste || !l.loaded {
		return nil, false
	}
	if refusal := l.rt.refuse(); refusal != nil && matches(msg, listKeys.Mark, listKeys.MarkAll) {
		return refusal, true
	}
	k := l.markedKeys()
	row, _ := l.table.current()
	switch {
	case l.asked != 0 && matches(msg, k.Mark, k.MarkAll, k.Delete):
		return nil, true // what is asked is about the marks as they were
	case matches(msg, k.Mark):
		if !l.marks.toggle(row.ID) {
			return status(statusWarning, fmt.Sprintf("%s are marked: no more can be at a time.", count(mostMarked, "workflow"))), true
		}
		return nil, true
	case matches(msg, k.MarkAll):
		return l.markAll(), true
	case matches(msg, k.Delete):
		l.asked = l.rt.next()
		return l.rt.lookMarkedWorkflows(l.asked, l.marks.ids()), true
	case matches(msg, k.Clear):
		clear(l.marks)
		return nil, true
	}
	return nil, false
}

// markAll marks all that is shown, as far as there is room, or takes those marks
// away where all of it is marked.
func (l *workflowList) markAll() tea.Cmd {
	rows := l.table.rows
	every := !slices.ContainsFunc(rows, func(w model.WorkflowInfo) bool { return !l.marks[w.ID] })
	left := 0
	for _, w := range rows {
		switch {
		case every:
			delete(l.marks, w.ID)
		case !l.marks[w.ID] && !l.marks.toggle(w.ID):
			left++
		}
	}
	if left > 0 {
		return status(statusWarning, fmt.Sprintf("%s marked, and %s not: no more than %s can be at a time.",
			count(len(l.marks), "workflow"), thousands(left), thousands(mostMarked)))
	}
	return nil
}

// dropGone takes the marks of workflows away that are no more.
func (l *workflowList) dropGone() {
	here := make(map[model.ID]bool, len(l.all))
	for _, w := range l.all {
		here[w.ID] = true
	}
	for id := range l.marks {
		if !here[id] {
			delete(l.marks, id)
		}
	}
}

// looked asks about the marked workflows as they are now.
func (l *workflowList) looked(msg lookedWorkflowsMsg) tea.Cmd {
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
		return status(statusWarning, "None of the marked workflows is there any more: somebody deleted them.")
	}
	return ask(deleteWorkflowsPrompt(l.rt, msg.rows, len(msg.gone)))
}

// deleteWorkflowsPrompt is the question about several workflows, with the keys
// that lose each. Their number has to be typed where a key loses one.
func deleteWorkflowsPrompt(rt *runtime, rows []model.WorkflowInfo, gone int) prompt {
	n := count(len(rows), "workflow")
	slices.SortFunc(rows, func(a, b model.WorkflowInfo) int {
		return cmp.Or(index(b.ProductionKeys > 0)-index(a.ProductionKeys > 0), strings.Compare(model.Fold(a.Name), model.Fold(b.Name)))
	})
	lost, live := 0, 0
	var names []string
	for _, w := range rows {
		lost, live = lost+index(w.KeyCount > 0), live+index(w.ProductionKeys > 0)
		names = append(names, losingName(w))
	}
	p := prompt{
		Title: "Delete " + n + "?", rows: promptRows{all: names}, Confirm: "delete " + n, Danger: true,
		Lines: []string{"No key may call any of them: nobody loses anything."}, OnYes: rt.deleteWorkflows(rows),
	}
	if gone > 0 {
		p.After = append(p.After, fmt.Sprintf("%s of the marked ones %s gone: somebody deleted what was marked.", thousands(gone), isAre(gone)))
	}
	if lost == 0 {
		return p
	}
	p.Lines = []string{fmt.Sprintf("Keys lose %s of them: their next calls are refused.", thousands(lost))}
	if lost == len(rows) {
		p.Lines = []string{"Keys lose each of them: their next calls are refused."}
	}
	if live > 0 {
		p.Lines = append(p.Lines, fmt.Sprintf("◆ Keys that may invoke production lose %s of them.", thousands(live)))
	}
	p.After = append(p.After, "There is no way back for what keys lose: one that is made again has to be permitted to each key again.")
	p.Word, p.Confirm = fmt.Sprintf("delete %d", len(rows)), "do it"
	return p
}

// losingName is a workflow and the keys that lose it, as far as they are named.
func losingName(w model.WorkflowInfo) string {
	text := "    " + clean(w.Name)
	if w.ProductionKeys > 0 {
		text = "  ◆ " + clean(w.Name)
	}
	if w.KeyCount == 0 {
		return text
	}
	var keys []string
	for _, k := range w.Keys[:min(len(w.Keys), 3)] {
		keys = append(keys, clean(k))
	}
	text += " · " + strings.Join(keys, ", ")
	if more := w.KeyCount - len(keys); more > 0 {
		text += fmt.Sprintf(" and %s more", thousands(more))
	}
	return text
}

// Keys are the bindings for the help line and the help screen.
func (l *workflowList) Keys() help.KeyMap {
	b, ok := l.register.Keys().(bindings)
	if !ok || l.filter.typing {
		return l.register.Keys()
	}
	m := l.markedKeys()
	full := []key.Binding{m.Mark, m.MarkAll}
	if len(l.marks) > 0 {
		b.short = append([]key.Binding{m.Delete, m.Mark, m.Clear}, slices.DeleteFunc(b.short, func(k key.Binding) bool {
			return matchesHelp(k, m.Delete) || matchesHelp(k, globalKeys.Back) && m.Clear.Enabled()
		})...)
		for i := range b.full[0] {
			if matchesHelp(b.full[0][i], m.Delete) {
				b.full[0][i] = m.Delete
			}
		}
		full = append(full, m.Clear)
	} else {
		b.short = append(b.short, m.Mark)
	}
	b.full[0] = append(b.full[0], full...)
	return b
}
