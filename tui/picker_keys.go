package tui

import (
	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// Keys are those of the mode.
func (p *picker) Keys() help.KeyMap {
	var short, more []key.Binding
	k := pickerKeys
	switch p.mode {
	case picking:
		if p.rt.remote() {
			short = []key.Binding{pasteKeys.Back}
			break
		}
		for _, b := range []*key.Binding{&k.ParentLeft, &k.Home, &k.Hidden, &k.Enter, &k.Parent} {
			b.SetEnabled(p.files.filter.Value() == "") // else they are text
		}
		if !k.Home.Enabled() {
			k.Path.SetHelp("/", "path")
			k.Back = listKeys.Clear
		}
		k.Generate.SetEnabled(p.generates())
		short = []key.Binding{k.Open, k.ParentLeft, k.Path, k.Hidden, k.Generate, k.Back}
		more = append(typingMoveKeys.all(), k.Enter, k.Parent, k.Complete, k.Reload)
	case typingPath:
		short = []key.Binding{pathKeys.Open, pathKeys.Complete, pathKeys.Back}
		more = typingMoveKeys.withoutEnds().all()
	case accepting:
		accept := acceptKeys.Accept
		accept.SetEnabled(p.found.usable())
		short = []key.Binding{accept, acceptKeys.Back}
		more = []key.Binding{acceptKeys.Up, acceptKeys.Down}
	case filling:
		short = []key.Binding{formKeys.Submit, formKeys.Next, formKeys.Previous, formKeys.Left, formKeys.Right, formKeys.Back}
	case generating:
		short = []key.Binding{formKeys.Cancel}
	}
	return bindings{short: short, full: [][]key.Binding{short, more}}
}

// key takes a key press in any mode.
func (p *picker) key(msg tea.KeyMsg) tea.Cmd {
	switch p.mode {
	case picking:
		if p.rt.remote() {
			return p.pasteKey(msg)
		}
		if matches(msg, pickerKeys.Generate) && p.documents == nil && !p.generates() {
			return p.rt.refuse()
		}
		return p.browseKey(msg)
	case typingPath:
		return p.pathKey(msg)
	case reading:
		if matches(msg, pickerKeys.Back) {
			p.giveUp()
			p.mode = picking
			if p.typed {
				p.mode = typingPath
			}
		}
	case accepting:
		return p.acceptKey(msg)
	case filling:
		return p.formKey(msg)
	case generating:
		if matches(msg, formKeys.Cancel) && p.cancel != nil {
			p.cancel()
			p.form.cancelling = true
		}
	}
	return nil
}
