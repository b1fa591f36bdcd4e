package tui

import (
	"path/filepath"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

func (r *reveal) copySecret(slot int) tea.Cmd {
	r.request = r.rt.next()
	return r.rt.copySecret(r.request, slot, r.secrets[slot], r.use)
}

// open asks where to write a secret.
func (r *reveal) open(slot int) {
	r.writing, r.slot, r.notice = true, slot, notice{}
	r.form.SetValue(clean(r.path(slot)))
	r.form.CursorEnd()
	r.form.Focus()
}

// path is the file of a secret's header: where it was written, or where it is
// proposed to be.
func (r *reveal) path(slot int) string {
	if r.written[slot] != "" {
		return r.written[slot]
	}
	name := fileName(r.info.Name) + "-" + model.SlotNames[slot].String() + ".header"
	if home := r.rt.Env("HOME"); home != "" && !r.rt.remote() {
		return filepath.Join(home, name)
	}
	return name
}

func (r *reveal) formKey(msg tea.KeyMsg) tea.Cmd {
	switch {
	case !msg.Paste && matches(msg, revealKeys.CancelWrite):
		r.writing, r.notice = false, notice{}
	case !msg.Paste && matches(msg, revealKeys.Write):
		if r.form.Value() == "" {
			return nil
		}
		r.request = r.rt.next()
		return r.rt.writeSecret(r.request, r.slot, r.form.Value(), r.secrets[r.slot], r.use)
	default:
		r.notice = notice{}
		typeInto(&r.form, msg)
	}
	return nil
}

func (r *reveal) gotCopied(msg copiedMsg) {
	if msg.request != r.request {
		return
	}
	if msg.slot >= 0 && msg.err == nil {
		r.copied[msg.slot] = true
	}
	r.notice = copyNotice(msg)
}

func (r *reveal) gotWritten(msg writtenMsg) {
	if msg.request != r.request {
		return
	}
	if msg.err != nil {
		r.notice = notice{statusError, sentence(msg.err)}
		return
	}
	r.writing, r.written[msg.slot] = false, msg.path
	r.notice = notice{statusDone, slotTitle(msg.slot) + " written to " + clean(msg.path) + ", readable by you alone."}
}
