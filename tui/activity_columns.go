package tui

import (
	"fmt"
	"net"
	"strings"

	"dev.keyward/keyward/model"
)

// activityRoomy is the width from which what was called has a column of its own,
// activitySlot that from which the slot has one, in three letters, with nothing
// else left out for it, and activitySlotWhole that from which it is written out.
const (
	activityRoomy     = 120
	activitySlot      = 103
	activitySlotWhole = 172
)

// reasonWhole is the width from which a reason stands in the list as logs have
// it. Below it there are fewer letters, and the line below the list has it.
const reasonWhole = 80

// columns are those of the decisions in a terminal of that width. A refused call
// has its reason where an allowed one has its workflow.
func (l *activityList) columns(width int) []column[activityRow] {
	list := []column[activityRow]{
		{title: "Time UTC", wide: 12, narrow: 8, cell: cellOf(l.timeCell)},
		{title: "Decision", wide: 9, narrow: 9, cell: cellOf(func(a model.Activity, _ bool) (string, int) { return decisionCell(a) })},
		{title: "Key", wide: 20, narrow: 14, grow: 2, most: 40, cell: cellOf(callerCell)},
	}
	if width >= activitySlot {
		slot, whole := len("Slot"), width >= activitySlotWhole
		if whole {
			slot = len("secondary")
		}
		list = append(list, column[activityRow]{title: "Slot", wide: slot, narrow: slot,
			cell: cellOf(func(a model.Activity, _ bool) (string, int) { return callSlotCell(a, whole) })})
	}
	if width >= activityRoomy {
		list = append(list, column[activityRow]{title: "Call", wide: 26, narrow: 15, grow: 4, most: 60, cell: cellOf(callCell)})
	}
	reason := mostShort
	if width >= reasonWhole {
		reason = longestReason
	}
	return append(list,
		column[activityRow]{title: "Workflow or reason", wide: longestReason, narrow: reason, grow: 3, most: 40,
			cell: cellOf(func(a model.Activity, _ bool) (string, int) { return workflowOrReasonCell(a, width >= reasonWhole) })},
		column[activityRow]{title: "Environment", wide: 14, narrow: 12, drop: 3, grow: 1, most: 24, cell: cellOf(callEnvironmentCell)},
		column[activityRow]{title: "From", wide: 15, narrow: 15, drop: 2, grow: 1, most: 39,
			cell: cellOf(func(a model.Activity, _ bool) (string, int) { return clean(addressOf(a.Remote)), paintFaint })},
		column[activityRow]{title: "Took", wide: 8, narrow: 7, drop: 1, right: true,
			cell: cellOf(func(a model.Activity, _ bool) (string, int) { return tookText(a.Took), paintFaint })},
	)
}

// cellOf is a cell of a row that is a decision.
func cellOf(cell func(model.Activity, bool) (string, int)) func(activityRow, bool) (string, int) {
	return func(r activityRow, wide bool) (string, int) { return cell(r.Activity, wide) }
}

// callCell is what was called: the method, and the path with its query.
func callCell(a model.Activity, _ bool) (string, int) {
	return strings.TrimSpace(clean(a.Method) + " " + clean(target(a))), paintText
}

// addressOf is where a call came from, without the port: that is another one for
// each connection, and tells nobody apart.
func addressOf(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return remote
	}
	return host
}

// workflowOrReasonCell is why a call was refused, or came to nothing, or what an
// allowed one was for.
func workflowOrReasonCell(a model.Activity, whole bool) (string, int) {
	switch {
	case a.Failed():
		return failureCell(a, whole), paintWarning
	case a.Allowed():
		return orNone(a.Bound)
	case whole:
		return a.Reason.String(), paintDanger
	}
	return shortReason(a.Reason), paintDanger
}

// failureCell is what became of an allowed call that came to nothing, with the
// status that the caller got where there is room for it.
func failureCell(a model.Activity, whole bool) string {
	switch {
	case a.FailedItself():
		return fmt.Sprintf("upstream said %d", a.Status)
	case a.UpstreamFailure == model.UpstreamDidNotFail:
		return fmt.Sprintf("answered with %d", a.Status)
	}
	text := strings.ReplaceAll(a.UpstreamFailure.String(), "-", " ")
	switch {
	case whole && a.Status != 0:
		return fmt.Sprintf("%d %s", a.Status, text)
	case whole:
		return text
	}
	return shortFailures.Replace(text)
}

// shortFailures are what the longest failures become where there is no room.
var shortFailures = strings.NewReplacer("unreachable", "no route", "unreadable", "bad URL")

// shortWords are what the longest words of reasons become. Each begins as they
// do, so that a filter finds one as well.
var shortWords = strings.NewReplacer("workflow-not", "not", "environment", "env", "certificate", "cert", "credential", "cred", "-", " ")

// How many letters a reason has at most: a short one, and one as logs have it.
const (
	mostShort     = 18
	longestReason = 25
)

// shortReason is a reason in mostShort letters at most: as it is where that will
// do, else in fewer words.
func shortReason(r model.Reason) string {
	if text := r.String(); len(text) > mostShort {
		return shortWords.Replace(text)
	}
	return r.String()
}
