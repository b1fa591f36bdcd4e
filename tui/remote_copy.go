package tui

import (
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// copies reports whether a copy key can get anything to the user's clipboard.
func (rt *runtime) copies() bool { return !rt.remote() || rt.Remote.Clipboard }

// ofClipboard reports whether a binding copies.
func ofClipboard(b key.Binding) bool {
	return slices.ContainsFunc([]key.Binding{
		revealKeys.CopyPrimary, revealKeys.CopySecondary, revealKeys.CopyCall, whyKeys.CopyCall, detailKeys.CopyCall, tryKeys.CopyCall, certificateKeys.Copy,
	}, func(c key.Binding) bool { return c.Help() == b.Help() })
}

// cannot reports whether a binding can never work where the console is.
func (rt *runtime) cannot(b key.Binding) bool {
	return rt.remote() && ofFiles(b) || !rt.copies() && ofClipboard(b)
}

// notWritten is why a key writes no file over a connection.
const notWritten = "over SSH no file is written: select the text with the mouse (a double click takes a secret whole)"

// cannotText says why one of these bindings, that a key press matches, never works
// here; "" where none of them is pressed, or it does.
func (rt *runtime) cannotText(msg tea.KeyMsg, all ...key.Binding) string {
	for _, b := range all {
		switch {
		case msg.Paste || !matches(msg, b) || !rt.cannot(b):
		case ofFiles(b):
			return "Not written: " + notWritten + "."
		default:
			return "Not copied: " + lowerFirst(sentence(errNoClipboard))
		}
	}
	return ""
}

// tellCannot is cannotText in the status line; nil where there is nothing to say.
func (rt *runtime) tellCannot(msg tea.KeyMsg, all ...key.Binding) tea.Cmd {
	if text := rt.cannotText(msg, all...); text != "" {
		return status(statusWarning, text)
	}
	return nil
}

// tellNoCertificate says why a key neither copies a certificate nor writes it,
// where it never can; nil where there is nothing to say.
func (rt *runtime) tellNoCertificate(msg tea.KeyMsg) tea.Cmd {
	if rt.cannotText(msg, certificateKeys.Copy, certificateKeys.Write) == "" {
		return nil
	}
	if rt.copies() {
		return status(statusWarning, "Not written: over SSH no file is written. "+certificateKeys.Copy.Help().Key+" copies the certificate.")
	}
	return status(statusWarning, "Not here: over SSH nothing is sent to your clipboard, and no file is written. "+
		"On the endpoint's machine keyward cert export writes it.")
}

// callBinding is a binding that copies the curl line: where nothing can be copied
// it brings the line to be seen instead, from where the mouse takes it.
func (rt *runtime) callBinding(b key.Binding) key.Binding {
	if !rt.copies() {
		b.SetHelp(b.Help().Key, "show the curl line")
	}
	return b
}

// pieces are the parts of a command line, all of it, in lines of that width.
func pieces(parts []string, width int) (lines []string) {
	for _, line := range folded(cleaned(parts), width) {
		lines = append(lines, strings.Split(ansi.Hardwrap(line, max(width, 1), true), "\n")...)
	}
	return lines
}

// curlLines are the call again, where no key can copy it.
func (w *why) curlLines(l *whyLines) {
	if w.rt.copies() {
		return
	}
	l.add("", gutter+w.rt.styles.columns.Render("The call again"))
	if !w.byCertificate() {
		l.add(gutter + w.rt.styles.faint.Render(clip("secret.header holds  Authorization: Key=SECRET", w.width-len(gutter)-1)))
	}
	for _, line := range pieces(w.curlParts(), w.width-len(gutter)-1) {
		l.add(gutter + line)
	}
}

// copyCall copies the call again, or brings it to be seen.
func (w *why) copyCall() tea.Cmd {
	if !w.rt.copies() {
		w.scroll(len(w.lines().text))
		return status(statusInfo, "The curl line is at the end: select it with the mouse.")
	}
	w.copied = w.rt.next()
	return w.rt.copyText(w.copied, w.curl())
}

// copyCall copies the call, or brings it to be seen.
func (d *detail) copyCall() tea.Cmd {
	if !d.rt.copies() {
		d.cursor = len(d.stops()) - 1
		return status(statusInfo, "The curl line is under the cursor: select it with the mouse.")
	}
	d.copied = d.rt.next()
	return d.rt.copyText(d.copied, strings.Join(d.call(), " "))
}
