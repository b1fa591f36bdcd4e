package tui

import (
	"testing"

	"dev.keyward/keyward/model"
)

// What the columns have no room for stands below the list, of the workflow under
// the cursor; where lines are dear they are the list's, but for one about the calls,
// which have no column then.
func TestWorkflowPreview(t *testing.T) {
	w := newWorld(t)
	w.resize(80, 24)
	w.listsWorkflows()
	w.sees("a-workflow-whose-name-is-as-long-as-a-name-may-be-in-this-store0", "OPTIONS /a/path/that/is/longer/than/{any}/column/{of}/a/narrow/terminal")
	w.finds("invoice")
	w.sees("◆ invoice · 2 upstreams: ", "POST /invoices?dry={dry}")
	w.press("esc")
	w.finds("nightly-report")
	w.sees("nightly-report · no upstream", "no REST path is bound to it")
	w.resize(minWidth, minHeight)
	w.seesNot("no REST path is bound to it")
	w.sees("nightly-report · no call on record")
	l := w.app.top().(*workflowList)
	if l.table.height != l.height-3 {
		t.Errorf("the list has %d of %d lines", l.table.height, l.height)
	}
	l.table.rows[l.table.cursor-l.table.first].Calls, l.table.rows[l.table.cursor-l.table.first].LastCall = 1_204_112, model.At(testNow)
	w.sees("nightly-report · 1,204,112 calls, the last 2 d ago")
	w.resize(minWidth, 24)
	w.sees("no REST path is bound to it: no call c… · 1,204,112 calls\n")
	w.resize(80, minHeight)
	w.sees("Calls")
	if l.table.height != l.height-2 {
		t.Errorf("the list has %d of %d lines", l.table.height, l.height)
	}
}
