package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// usageEvery is how often the screen that is seen loads anew how keys are used.
// That is no change of the store, so that nobody tells of it.
const usageEvery = 5 * time.Second

// usageTickMsg comes every usageEvery.
type usageTickMsg struct{}

// usedMsg has the screen that is seen, where it shows how keys are used, load
// anew, unless it is being loaded already.
type usedMsg struct{}

// nextUsage begins the wait for the next usageTickMsg.
func (a *app) nextUsage() tea.Cmd { return a.rt.after(usageEvery, usageTickMsg{}) }

// usageTick has usage loaded anew on the screen that is seen, but for a console that is about to be
// suspended, an owner who does not answer, a store that knows nothing of it, and
// screens that were loaded just now.
func (a *app) usageTick() tea.Cmd {
	s := &a.shared
	if s.letting || s.resuming || s.resting || a.stale() != "" || s.standing.Degraded != "" {
		return a.nextUsage()
	}
	return tea.Batch(a.top().Update(usedMsg{}), a.nextUsage())
}

// usageSeen has a list that is seen again load anew how keys are used, which it
// did not while it was covered. A screen about one key goes on with the key as
// it was seen: what the user chose above it was chosen for that one.
func (a *app) usageSeen() tea.Cmd {
	if a.stale() != "" || a.shared.standing.Degraded != "" {
		return nil
	}
	switch s := a.top().(type) {
	case *keyList, *certificateList, *workflowList:
		return s.Update(usedMsg{})
	}
	return nil
}

// visible are the rows that are seen, as far as they are loaded.
func (t *table[R]) visible() []R {
	from := min(max(t.top-t.first, 0), len(t.rows))
	return t.rows[from:min(max(t.top+t.height-t.first, from), len(t.rows))]
}

// lookUsed looks at the keys that are seen, unless the list is being loaded.
func (l *keyList) lookUsed() tea.Cmd {
	rows := l.table.visible()
	switch {
	case !l.loaded || l.waiting != waitNot || len(rows) == 0:
		return nil
	case l.err != nil: // perhaps it answers now
		return l.reload("")
	}
	ids := make([]model.ID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	return l.rt.lookUsed(l.newest, ids)
}

// used puts keys as they are now into their rows, unless the list was asked for
// anew since.
func (l *keyList) used(msg usedRowsMsg) {
	if msg.number != l.newest || l.waiting != waitNot {
		return
	}
	l.at = msg.at
	l.know(msg.keys)
	for i, r := range l.table.rows {
		if k, ok := msg.keys[r.ID]; ok {
			l.table.rows[i] = k.KeyRow
		}
	}
}

// lookUsed looks at the keys whose certificates are seen, unless the list is
// being loaded.
func (l *certificateList) lookUsed() tea.Cmd {
	rows := l.table.visible()
	switch {
	case !l.loaded || l.waiting != waitNot || len(rows) == 0:
		return nil
	case l.err != nil: // perhaps it answers now
		return l.reload()
	}
	ids := make([]model.ID, len(rows))
	for i, r := range rows {
		ids[i] = r.Key
	}
	return l.rt.lookUsed(l.newest, ids)
}

// used puts when certificates were last used into their rows, unless the list was
// asked for anew since.
func (l *certificateList) used(msg usedRowsMsg) {
	if msg.number != l.newest || l.waiting != waitNot {
		return
	}
	l.at = msg.at
	for i, r := range l.table.rows {
		k, ok := msg.keys[r.Key]
		if slot := k.Slot(r.Slot); ok && slot.Certificate != nil && slot.Certificate.SHA256 == r.SHA256 && slot.Usage != nil {
			l.table.rows[i].LastUsed = slot.Usage.LastUsed
		}
	}
}
