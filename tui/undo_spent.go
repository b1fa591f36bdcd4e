package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// Why what was done last cannot be taken back. Each takes the place of what could
// be before: u never takes back an earlier change than the last.
const (
	neverLast   = "The last change cannot be taken back, and no earlier one is."
	neverLeft   = "The last change cannot be taken back: its form was left before it was done. Open it again and change it there."
	neverDoubt  = "It is not known yet whether the last change was made: nothing is taken back before that."
	neverAgain  = "That was taken back already: make the change again where you made it."
	neverSecret = "A regenerated secret cannot be taken back: the old one is not kept."
	neverPurge  = "A purge cannot be taken back: what it took is gone for good."
	neverFile   = "A file that was written is not taken back: delete it yourself."
	neverImport = "An import is taken back once it has ended; what one made that was left is deleted on the list of workflows."
)

// The same, where there is a key that does it.
var (
	neverKey     = "Making a key is not taken back, since its secrets were shown: " + actionKeys.Delete.Help().Key + " deletes it."
	neverSamples = "Adding samples is not taken back: " + tourKeys.Remove.Help().Key + " on the list of keys takes them out."
	neverWithout = "Taking the samples out is not taken back: " + tourKeys.Begin.Help().Key + " on the empty list makes new ones, and the bin (" + placeKeys.Bin.Help().Key + ") has the key."
)

// neverUndo says in place of an undo why there is none.
func neverUndo(why string) *undo { return &undo{never: why} }

// wroteMsg is the end of writing a file of which the status line tells.
type wroteMsg struct{ statusMsg }

// neverBy is what a message that tells of a change says of taking it back, as
// long as nothing better is offered: the screen that waits for it may be gone. It
// is nil for a message that tells of none.
func neverBy(msg tea.Msg) *undo {
	why := ""
	switch msg := msg.(type) {
	case savedMsg:
		why = told(msg.err == nil && msg.receipt.Seq != 0, neverLeft)
	case storedMsg[model.WorkflowInfo]:
		why = told(msg.err == nil, neverLeft)
	case storedMsg[model.EnvironmentInfo]:
		why = told(msg.err == nil, neverLeft)
	case restoreAsMsg:
		why = told(msg.end.err == nil, neverLeft)
	case remadeMsg:
		why = told(msg.err == nil, neverSecret)
	case doubtMsg:
		why = neverDoubt
	case importedMsg:
		why = told(msg.made > 0 || unanswered(msg.err), neverImport)
	case certificateMsg:
		why = told(msg.err == nil && msg.picked.source == generatedSource, neverFile)
	case exportedMsg:
		why = told(msg.err == nil, neverFile)
	case writtenMsg:
		why = told(msg.err == nil, neverFile)
	case wroteMsg:
		why = told(msg.kind == statusDone, neverFile)
	}
	if why == "" {
		return nil
	}
	return neverUndo(why)
}

func told(changed bool, why string) string {
	if !changed {
		return ""
	}
	return why
}

// neverAfter is what the end of a change without an undo says of taking it back;
// nil where nothing was changed.
func neverAfter(msg outcomeMsg) *undo {
	switch {
	case unanswered(msg.err):
		return neverUndo(neverDoubt)
	case msg.receipt.Seq != 0:
		return neverUndo(neverLast)
	}
	return nil
}

// undoStandsMsg is what became of what an undo would take back.
type undoStandsMsg struct {
	number int
	lost   string // why it cannot be taken back any more, "": it can
	rows   []model.KeyRow
	err    error
}

// looksAtUndo has the undo looked at after others changed something.
func (a *app) looksAtUndo(msg changedMsg) tea.Cmd {
	if a.undo == nil || a.undo.never != "" || !a.undoLook.changed(msg) {
		return nil
	}
	return a.rt.undoStands(a.undoLook.ask(a.rt), a.undo)
}

// undoLooked ends the offer where somebody changed what it is about, and learns
// which of the keys may invoke production by now.
func (a *app) undoLooked(msg undoStandsMsg) tea.Cmd {
	mine, again := a.undoLook.answered(msg.number)
	switch {
	case !mine || a.undo == nil || a.undo.never != "":
		return nil
	case msg.err == nil && msg.lost != "":
		return a.offer(neverUndo(msg.lost))
	case msg.err == nil:
		a.undoRows = msg.rows
	}
	if again {
		return a.looksAtUndo(changedMsg{})
	}
	return nil
}
