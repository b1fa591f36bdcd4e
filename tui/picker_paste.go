package tui

import (
	"bytes"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// Some terminals, and programs between them and the console, send a paste as
// key presses. A PEM text is known by its first line all the same.

const (
	pemBegin = "-----BEGIN"
	pemEnd   = "-----END"
	maxTyped = 1 << 20
	// typedPause ends such a paste. The line break after its last line must not
	// accept what was just read.
	typedPause = 300 * time.Millisecond
)

// typedPause passed, with no key since that number of keys.
type typedPauseMsg struct{ request, keys int }

// typedPaste collects a PEM text that comes as key presses.
type typedPaste struct {
	text    []byte
	keys    int
	request int
}

func (t *typedPaste) active() bool { return t.text != nil }

// drop overwrites what was collected: it may be a private key.
func (t *typedPaste) drop() {
	clear(t.text[:cap(t.text)])
	t.text = nil
}

// whole reports whether the last line of a block has come.
func (t *typedPaste) whole() bool {
	i := bytes.LastIndex(t.text, []byte(pemEnd))
	return len(t.text) >= maxTyped || i >= 0 && bytes.Contains(t.text[i+len(pemEnd):], []byte("-----"))
}

// beginTyped takes the filter for the beginning of a PEM text, where it is one.
func (p *picker) beginTyped() {
	f := &p.files
	if !strings.HasPrefix(f.filter.Value(), pemBegin) {
		return
	}
	p.pem = typedPaste{text: append(make([]byte, 0, maxTyped), f.filter.Value()...), request: p.rt.next()}
	f.filter.SetValue("")
	f.refilter()
}

// collect takes a key press of such a text. Enter ends its lines.
func (p *picker) collect(msg tea.KeyMsg) tea.Cmd {
	t := &p.pem
	t.keys++
	switch {
	case matches(msg, pickerKeys.Back):
		t.drop()
		return nil
	case msg.Type == tea.KeyRunes || msg.Type == tea.KeySpace:
		t.text = append(t.text, string(msg.Runes)...)
	default:
		t.text = append(t.text, '\n')
	}
	if !t.whole() {
		return nil
	}
	return p.rt.after(typedPause, typedPauseMsg{t.request, t.keys})
}

// collected reads the text once no more of it comes.
func (p *picker) collected(msg typedPauseMsg) tea.Cmd {
	t := &p.pem
	if !t.active() || msg.request != t.request || msg.keys != t.keys {
		return nil
	}
	text := string(t.text)
	t.drop()
	return p.parse(text)
}

// paste takes a pasted text: one line goes where typing goes, anything longer
// can only be meant as a certificate. None of it is shown.
func (p *picker) paste(text string) tea.Cmd {
	if p.rt.remote() {
		return p.pasteText(text)
	}
	line := strings.Trim(text, "\r\n")
	if !strings.ContainsAny(line, "\r\n") && (p.mode == picking || p.mode == typingPath) {
		line = plainPath(line)
	}
	switch {
	case p.mode == reading || p.mode == generating:
		return nil
	case p.wholeDocument(line):
		return p.parse(text)
	case p.documents == nil && strings.Contains(text, "-----BEGIN") || strings.ContainsAny(line, "\r\n") || len(line) > 255 && !strings.HasPrefix(line, "/"):
		return p.parse(text)
	case p.mode == filling:
		p.form.typed(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(line), Paste: true})
	case p.mode == accepting:
		return nil
	case p.mode == picking && (strings.Contains(line, "/") || strings.HasPrefix(line, "~")):
		return p.typePath(line)
	case p.mode == picking:
		p.files.typed(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(line), Paste: true})
	case p.mode == typingPath && strings.HasPrefix(line, "/") && strings.Trim(p.path.input.Value(), "~/") == "":
		p.startPath(line) // it is whole without what was typed
		return p.follow()
	case p.mode == typingPath:
		p.path.typed(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(line), Paste: true})
		return p.follow()
	}
	return nil
}
