package tui

import "testing"

// What the columns have no room for stands below the list, of the entry under
// the cursor; where lines are dear they are the list's.
func TestAuditPreview(t *testing.T) {
	w := newWorld(t)
	w.resize(80, 24)
	trail(w)
	w.audits()
	w.sees("~ key edited  orders · ada · 12:30:00", "name orders and returns → orders; reason: no longer needed")
	w.press("down", "down", "down")
	w.sees("✗ refused: key delete · mallory · 12:25:00", "for want of rights; nothing was changed")
	w.press("end")
	w.sees("+ store created", "nothing else is on record of it")
	w.resize(minWidth, minHeight)
	w.seesNot("nothing else is on record of it")
	w.press("home")
	w.seesNot("· ada · 12:30:00")
	if l := w.app.top().(*auditList); l.table.height != l.height-2 {
		t.Errorf("the list has %d of %d lines", l.table.height, l.height)
	}
}

// Entries of one minute are told apart, and where columns are dear the object has
// the room: what changed stands below the list.
func TestAuditColumns(t *testing.T) {
	w := newWorld(t)
	w.resize(80, 24)
	trail(w)
	w.audits()
	w.sees("2026-11-21 12:30:00  ada", "orders and returns")
	w.seesNot("What changed")
	w.resize(minWidth, minHeight)
	w.sees("2026-11-21 12:30:00  ~ key edited")
	w.resize(120, 40)
	w.sees("What changed")
}
