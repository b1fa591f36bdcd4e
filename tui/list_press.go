package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

func (l *keyList) key(msg tea.KeyMsg) tea.Cmd {
	if l.filter.typing {
		if l.filterKey(msg, l.moveKey) {
			return l.refilter()
		}
		return nil
	}
	if msg.Paste || l.moveKey(msg, moveKeys) {
		return nil
	}
	if refusal := l.rt.refuse(); refusal != nil && matches(msg, listKeys.New, listKeys.Samples, listKeys.RemoveSamples, listKeys.Mark, listKeys.MarkAll, actionKeys.Enable, actionKeys.Regenerate, actionKeys.Delete, actionKeys.Permit) {
		return refusal
	}
	k := l.keys()
	row, _ := l.table.current()
	if cmd, taken := l.markKey(msg, k, row); taken {
		return cmd
	}
	if cmd := l.rowKey(msg, k, row); cmd != nil {
		return cmd
	}
	return l.orderKey(msg, k)
}

// rowKey takes the keys that do something with the key under the cursor, or make
// others.
func (l *keyList) rowKey(msg tea.KeyMsg, k listBindings, row model.KeyRow) tea.Cmd {
	switch {
	case matches(msg, k.New):
		return push(newWizard(l.rt))
	case matches(msg, k.Open):
		return push(newDetail(l.rt, row.ID, row.Name))
	case matches(msg, k.Enable):
		return askEnabled(l.rt, row)
	case matches(msg, k.Regenerate):
		return push(newRenewal(l.rt, row.ID, row.Name, model.NoSlot))
	case matches(msg, k.Permit):
		return choosePermitted(l.rt, []model.ID{row.ID}, row.Name)
	case matches(msg, k.Delete):
		return askDelete(l.rt, row)
	case matches(msg, k.Samples) && l.sample != 0:
		return send(tourAgainMsg{l.sample})
	case matches(msg, k.Samples):
		return askTour(l.rt)
	case matches(msg, k.RemoveSamples):
		return askRemoveSamples(l.rt)
	}
	return nil
}

// orderKey takes the keys that change which rows there are and in what order.
func (l *keyList) orderKey(msg tea.KeyMsg, k listBindings) tea.Cmd {
	switch {
	case matches(msg, k.Filter):
		l.openFilter(l.on)
	case matches(msg, k.Clear) && l.filter.Value() == "":
		clear(l.marks)
	case matches(msg, k.Clear):
		l.clearFilter()
		return l.refilter()
	case matches(msg, k.Sort):
		l.sort = model.KeySorts[(int(l.sort)+1)%len(model.KeySorts)]
		l.desc = false
		return l.resort()
	case matches(msg, k.Reverse):
		l.desc = !l.desc
		return l.resort()
	case matches(msg, k.Reload):
		return l.reload("")
	}
	return nil
}

func (l *keyList) resort() tea.Cmd {
	l.sought = true
	l.table.sorted, l.table.desc = columnOf(l.sort), l.desc
	return l.reload("")
}
