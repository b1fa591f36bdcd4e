package tui

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// export asks where a registered certificate is to be written. The name's ending
// says in which form.
type export struct {
	rt            *runtime
	id            model.ID
	slot          model.SlotName
	path          textinput.Model
	width, height int
	request       int
	busy          bool
	err           error
}

func newExport(rt *runtime, id model.ID, name string, slot model.SlotName) screen {
	e := &export{rt: rt, id: id, slot: slot, path: newInput(rt.styles, "")}
	e.path.SetValue(fileName(name) + "-" + slot.String() + ".crt")
	e.path.CursorEnd()
	e.path.Focus()
	return e
}

// binaryName reports whether a file of that name holds DER: what Windows and
// Java call .cer and .der. Everything else is PEM, the text.
func binaryName(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".cer", ".der":
		return true
	}
	return false
}

// Init does nothing.
func (e *export) Init() tea.Cmd { return nil }

// Title says what is asked.
func (e *export) Title() string { return "Write" }

// Typing is always: a path is typed.
func (e *export) Typing() bool { return true }

// Unsaved is never.
func (e *export) Unsaved() *prompt { return nil }

// SetSize gives the room.
func (e *export) SetSize(width, height int) {
	e.width, e.height = width, height
	e.path.Width = max(10, width-6)
}

// Update takes keys and what was written.
func (e *export) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return e.press(msg)
	case exportedMsg:
		if msg.request != e.request || !e.busy {
			return nil
		}
		e.busy, e.err = false, msg.err
		if msg.err == nil {
			return tea.Sequence(send(closeMsg{e}), status(statusDone, "The certificate is written to "+clean(msg.path)+"."))
		}
	case changedMsg:
		if msg.deleted == e.id {
			return send(closeMsg{e})
		}
	}
	return nil
}

func (e *export) press(msg tea.KeyMsg) tea.Cmd {
	switch {
	case e.busy:
		return nil
	case !msg.Paste && matches(msg, exportKeys.Back):
		return pop()
	case !msg.Paste && matches(msg, exportKeys.Write):
		if strings.TrimSpace(e.path.Value()) == "" {
			return nil
		}
		e.request, e.busy, e.err = e.rt.next(), true, nil
		return e.rt.exportCertificate(e.request, e.id, e.slot, e.path.Value())
	}
	e.err = nil
	typeInto(&e.path, msg)
	return nil
}

// Keys are the bindings for the help line and the help screen.
func (e *export) Keys() help.KeyMap {
	all := []key.Binding{exportKeys.Write, exportKeys.Back}
	return bindings{short: all, full: [][]key.Binding{all}}
}

// View renders the question.
func (e *export) View() string {
	s := e.rt.styles
	form := "PEM, the text; a name that ends in .cer or .der makes it DER."
	if binaryName(e.path.Value()) {
		form = "DER, for Windows and Java; any other ending makes it PEM, the text."
	}
	lines := []string{
		gutter + s.strong.Render(clip(fmt.Sprintf("Where is the %s certificate to be written?", e.slot), e.width-2)), "",
		gutter + inputView(s, e.path), "",
	}
	lines = append(lines, faintLines(s, form+" It is the public part alone, which everybody may read. Nothing is overwritten.", e.width)...)
	switch {
	case e.busy:
		lines = append(lines, "", gutter+s.accent.Render("Writing …"))
	case e.err != nil:
		lines = append(lines, "", errorLines(s, sentence(e.err), e.width))
	}
	return strings.Join(lines, "\n")
}
