package tui

import "testing"

// What the columns have no room for stands below the list, of the workflow under
// the cursor; where lines are dear they are the list's.
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
	if l := w.app.top().(*workflowList); l.table.height != l.height-2 {
		t.Errorf("the list has %d of %d lines", l.table.height, l.height)
	}
}
