package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// outcome tells the end of a change. After a failure everything is loaded anew
// as well: what is shown may be the reason.
func (a *app) outcome(msg outcomeMsg) tea.Cmd {
	a.status = confirmed(msg.done, &msg.receipt)
	if msg.deleted != 0 && msg.deleted == a.tour.key {
		a.tourEnds()
	}
	if msg.undo == nil {
		msg.undo = neverAfter(msg)
	}
	offer := a.offer(msg.undo)
	if a.undoSaid = ""; msg.err == nil && msg.undo != nil {
		a.undoSaid = a.status.text
	}
	if msg.short {
		a.status.kind = statusWarning
	}
	if msg.err != nil {
		a.status = statusMsg{statusError, strings.TrimSpace(msg.done + " " + changeSentence(msg.err))}
	} else if a.seen(msg.receipt.Seq) && msg.key == "" && msg.deleted == 0 {
		return offer
	}
	return tea.Batch(offer, a.broadcast(changedMsg{key: msg.key, deleted: msg.deleted}))
}
