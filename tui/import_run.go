package tui

import (
	"errors"
	"fmt"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// importAtOnce is how many workflows are imported without a question.
const importAtOnce = 10

// importConfirmedMsg is the yes to what the import of a preview asked.
type importConfirmedMsg struct {
	owner  *importer
	places []int // of what was marked when it asked
}

// askImport imports what is marked. It asks first where that is much, or more
// than is seen.
func (i *importer) askImport() tea.Cmd {
	chosen := i.chosen()
	n := len(chosen)
	unseen := n
	for _, place := range i.table.rows {
		unseen -= index(i.marked[place])
	}
	switch {
	case n == 0:
		return status(statusWarning, "Nothing is marked: "+importKeys.Mark.Help().Key+" marks one, "+importKeys.MarkAll.Help().Key+" all.")
	case n <= importAtOnce && unseen == 0:
		return i.start(chosen)
	}
	lines := []string{"No key may call them yet, and they have no upstream."}
	if unseen > 0 {
		lines = append(lines, "The filter hides "+thousands(unseen)+" of them.")
	}
	return ask(prompt{Title: "Import " + count(n, "workflow") + "?", Lines: lines, Confirm: "import", Enters: true, OnYes: send(importConfirmedMsg{i, chosen})})
}

// chosen are the places of what is to be imported.
func (i *importer) chosen() []int {
	return slices.DeleteFunc(i.fitting(), func(place int) bool { return !i.marked[place] })
}

// start begins to import the rows at places, as far as they can be still.
func (i *importer) start(places []int) tea.Cmd {
	left := slices.DeleteFunc(slices.Clone(places), func(place int) bool { return !i.plan.Rows[place].State.fits() })
	if len(left) == 0 {
		return nil // it went while the question was open
	}
	clear(i.failed)
	i.work = &importing{request: i.rt.next(), left: left, all: len(left)}
	return i.next()
}

// next makes the next part.
func (i *importer) next() tea.Cmd {
	var rows []ImportRow
	for _, place := range i.work.left[:min(len(i.work.left), importBatch)] {
		rows = append(rows, i.plan.Rows[place])
	}
	return i.rt.importPart(i.work.request, rows)
}

// imported takes the end of a part. A workflow that is refused for itself is
// passed over; where nobody answers, or nothing can be changed, it all ends.
func (i *importer) imported(msg importedMsg) tea.Cmd {
	w := i.work
	if w == nil || w.request != msg.request {
		return nil
	}
	for _, place := range w.left[:msg.made] {
		delete(i.marked, place)
	}
	w.made += msg.made
	w.left = w.left[msg.made:]
	w.workflows = append(w.workflows, msg.workflows...)
	if msg.made > 0 {
		w.last = msg.receipt
	}
	ends := w.stopping
	if msg.err != nil {
		i.failed[w.left[0]] = sentence(msg.err)
		w.left, w.refused = w.left[1:], w.refused+1
		ends = ends || !isRefusal(msg.err)
	}
	if !ends && len(w.left) > 0 {
		return i.next()
	}
	return i.end(msg.err)
}

// isRefusal reports whether err is about one workflow, and says nothing of the
// next.
func isRefusal(err error) bool {
	return errors.Is(err, model.ErrConflict) || errors.Is(err, model.ErrInvalid)
}

// end tells what was done, and compares again: what is there by now is the
// truth, also where an answer got lost.
func (i *importer) end(err error) tea.Cmd {
	w := i.work
	i.work = nil
	kind, text := statusDone, count(w.made, "workflow")+" imported."
	if w.made > 0 {
		told := confirmed(text, &w.last)
		kind, text = told.kind, told.text
	}
	switch {
	case err != nil && !isRefusal(err):
		kind = statusError
		text = fmt.Sprintf("%s imported, %s not: %s", count(w.made, "workflow"), thousands(w.refused+len(w.left)), changeSentence(err))
	case w.refused > 0:
		kind = statusError
		text = fmt.Sprintf("%s imported, %s refused: the notes say why.", count(w.made, "workflow"), thousands(w.refused))
	case len(w.left) > 0:
		kind = statusWarning
		text = fmt.Sprintf("Stopped: %s of %s imported; the others stay marked.", thousands(w.made), count(w.all, "workflow"))
	}
	// The other screens load anew, and so does this one.
	return tea.Sequence(status(kind, text), send(offerMsg{i.rt.undoImport(w.workflows)}), send(changedMsg{}))
}
