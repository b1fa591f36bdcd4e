package tui

import (
	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

func (l *certificateList) key(msg tea.KeyMsg) tea.Cmd {
	if l.filter.typing {
		if l.filterKey(msg, l.moveKey) {
			return l.refilter()
		}
		return nil
	}
	if msg.Paste || l.moveKey(msg, moveKeys) {
		return nil
	}
	if refusal := l.rt.refuse(); refusal != nil && matches(msg, certificateKeys.New, certificateKeys.Remove, certificateKeys.Generate) {
		return refusal
	}
	k := l.keys()
	row, _ := l.table.current()
	switch {
	case matches(msg, k.Open):
		return push(newCertificateDetail(l.rt, row))
	case matches(msg, k.New):
		l.generating = 0
		return l.rt.newForKey(l, row.Key)
	case matches(msg, k.Generate):
		return l.generate(row)
	case matches(msg, k.Inspect):
		return push(newInspector(l.rt))
	case matches(msg, k.Write):
		return push(newExport(l.rt, row.Key, row.Name, row.Slot))
	case matches(msg, k.Copy):
		return l.rt.copyCertificate(row.Key, row.Slot)
	case matches(msg, k.Remove):
		return l.rt.takeOut(row.Key, row.Slot, row.SHA256)
	case matches(msg, k.Filter):
		l.openFilter(l.on)
	case matches(msg, k.Clear):
		l.clearFilter()
		return l.refilter()
	case matches(msg, k.Reload):
		return l.reload()
	case matches(msg, globalKeys.Back):
		return pop()
	}
	return l.rt.tellNoCertificate(msg)
}

// keys switches off what has no meaning now.
func (l *certificateList) keys() certificateKeyMap {
	k := certificateKeys
	if _, here := l.table.current(); !here || !l.loaded {
		disable(&k.Open, &k.New, &k.Write, &k.Copy, &k.Remove)
	}
	k.Filter.SetEnabled(l.loaded && l.all > 0)
	k.Clear.SetEnabled(l.filter.Value() != "")
	k.limit(l.rt)
	return k
}

// limit switches off what cannot be done here: changes where nothing can be
// changed, and files over a connection.
func (k *certificateKeyMap) limit(rt *runtime) {
	if rt.locked() {
		disable(&k.New, &k.Remove, &k.Generate)
	}
	if rt.remote() {
		disable(&k.Write, &k.Generate)
		k.Copy.SetEnabled(k.Copy.Enabled() && rt.copies())
		inspectPasted(&k.Inspect)
	}
}

// inspectPasted says of the key that looks at a certificate what it does over a
// connection, where there are no files.
func inspectPasted(b *key.Binding) { b.SetHelp(b.Help().Key, "inspect a pasted one") }

// Keys are the bindings for the help line and the help screen.
func (l *certificateList) Keys() help.KeyMap {
	if l.filter.typing {
		return l.filter.bindings()
	}
	k := l.keys()
	short := []key.Binding{k.Clear, k.Open, k.New, k.Generate, k.Remove, k.Write, k.Inspect, k.Filter, k.Copy}
	if !k.Clear.Enabled() {
		short = append(short, globalKeys.Back)
	}
	return bindings{short: short, full: [][]key.Binding{
		{k.Open, k.New, k.Generate, k.Remove, k.Write, k.Copy, k.Inspect, k.Filter, k.Clear, k.Reload}, moveKeys.all(),
	}}
}

// newInspector is the picker for a certificate that is only looked at.
func newInspector(rt *runtime) screen {
	p := newPicker(rt, "Inspect a certificate", "certificate", func(picked) tea.Cmd { return nil })
	p.found.inspect = true
	return p
}
