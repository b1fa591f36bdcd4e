package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// On a terminal at the other end of a connection there are no files: those here
// are the server's. The picker takes a certificate from a paste, and nothing
// else.

// noFiles says what there is in the place of files.
const noFiles = "Over SSH no files are read or written: they would be the server's. A certificate cannot be generated here either, " +
	"since its private key would stay on the server; keyward cert generate on your machine makes one."

// pasteKey takes a key press: a PEM text may come as one after another.
func (p *picker) pasteKey(msg tea.KeyMsg) tea.Cmd {
	f := &p.files
	switch {
	case p.pem.active():
		return p.collect(msg)
	case matches(msg, pasteKeys.Back):
		return pop()
	case p.documents != nil:
		return nil // only a paste can be a document
	case msg.Type != tea.KeyRunes && msg.Type != tea.KeySpace:
		f.filter.SetValue("")
		return nil
	}
	p.refusal = ""
	f.typed(msg)
	if p.beginTyped(); !p.pem.active() && !strings.HasPrefix(pemBegin, f.filter.Value()) {
		f.filter.SetValue("") // it is no beginning of a certificate
	}
	return nil
}

// pasteText takes a paste, which can only be meant as a certificate.
func (p *picker) pasteText(text string) tea.Cmd {
	if p.mode != picking || strings.TrimSpace(text) == "" {
		return nil
	}
	return p.parse(text) // of either kind
}

// pasteView asks for the paste.
func (p *picker) pasteView() string {
	s := p.rt.styles
	lines := []string{
		gutter + s.strong.Render(clip("Paste the certificate here, in PEM", p.width-len(gutter))), "",
		gutter + s.faint.Render(pemBegin+" CERTIFICATE-----"),
		gutter + s.faint.Render("…"),
		gutter + s.faint.Render(pemEnd+" CERTIFICATE-----"), "",
	}
	if p.refusal != "" {
		lines = append(lines, errorLines(s, p.refused+": "+lowerFirst(p.refusal), p.width), "")
	}
	return strings.Join(append(lines, faintLines(s, noFiles, p.width)...), "\n")
}
