package tui

import (
	"net"
	"strings"

	"dev.keyward/keyward/model"
)

// activityRoomy is the width from which the reason of a refusal has a column of
// its own, and is whole together with the workflow. Below it a refused call has
// its reason where an allowed one has its workflow.
const activityRoomy = 120

// columns are those of the decisions in a terminal of that width.
func (l *activityList) columns(width int) []column[model.Activity] {
	type row = model.Activity
	leading := []column[row]{
		{title: "Time", wide: 12, narrow: 8, cell: l.timeCell},
		{title: "Decision", wide: 9, narrow: 9, cell: func(a row, _ bool) (string, int) { return decisionCell(a) }},
		{title: "Key", wide: 20, narrow: 14, grow: 2, most: 40, cell: callerCell},
	}
	environment := column[row]{title: "Environment", wide: 14, narrow: 12, drop: 3, grow: 1, most: 24, cell: callEnvironmentCell}
	from := column[row]{title: "From", wide: 15, narrow: 15, drop: 2, grow: 1, most: 39,
		cell: func(a row, _ bool) (string, int) { return clean(addressOf(a.Remote)), paintFaint }}
	took := column[row]{title: "Took", wide: 8, narrow: 7, drop: 1, right: true,
		cell: func(a row, _ bool) (string, int) { return tookText(a.Took), paintFaint }}
	if width < activityRoomy {
		return append(leading,
			column[row]{title: "Workflow or reason", wide: 25, narrow: mostShort, grow: 3, most: 40, cell: workflowOrReasonCell}, environment, from, took)
	}
	return append(leading,
		column[row]{title: "Slot", wide: 9, narrow: 4, drop: 4, cell: callSlotCell},
		column[row]{title: "Workflow", wide: 18, narrow: 13, grow: 2, most: 40, cell: func(a row, _ bool) (string, int) { return orNone(a.Bound) }},
		environment, from, took,
		column[row]{title: "Reason", wide: 25, narrow: mostShort, cell: reasonCell})
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

// workflowOrReasonCell is why a call was refused, or what an allowed one was
// for.
func workflowOrReasonCell(a model.Activity, wide bool) (string, int) {
	if a.Allowed() {
		return orNone(a.Bound)
	}
	return reasonCell(a, wide)
}

// reasonCell is why a call was refused: where there is no room for the reason as
// logs have it, in fewer letters.
func reasonCell(a model.Activity, wide bool) (string, int) {
	switch {
	case a.Allowed():
		return "", paintFaint
	case wide:
		return a.Reason.String(), paintDanger
	}
	return shortReason(a.Reason), paintDanger
}

// shortWords are what the longest words of reasons become. Each begins as they
// do, so that a filter finds one as well.
var shortWords = strings.NewReplacer("workflow-not", "not", "environment", "env", "certificate", "cert", "credential", "cred", "-", " ")

// mostShort is how many letters a short reason has at most.
const mostShort = 18

// shortReason is a reason in mostShort letters at most: as it is where that will
// do, else in fewer words.
func shortReason(r model.Reason) string {
	if text := r.String(); len(text) > mostShort {
		return shortWords.Replace(text)
	}
	return r.String()
}
