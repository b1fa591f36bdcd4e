package tui

import (
	"path/filepath"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// The picker finds OpenAPI documents as it finds certificates: a file, or a text
// that is pasted.

const documentNote = "An OpenAPI 3 document in JSON or YAML, up to 10 MiB. It can be pasted here, too."

// newDocumentPicker makes a screen that finds an OpenAPI document. It stays below
// what done opens, so that another file can be chosen.
func newDocumentPicker(rt *runtime, title string, done func(Document, string) tea.Cmd) *picker {
	p := newPicker(rt, title, "", nil)
	p.documents, p.files.kind = done, "OpenAPI?"
	return p
}

// sought is what the picker looks for.
func (p *picker) sought() string {
	if p.documents != nil {
		return "the document"
	}
	return "the certificate"
}

// pointOut marks the files that may be documents, by their names.
func (p *picker) pointOut(entries []dirEntry) {
	if p.documents == nil {
		return
	}
	for i := range entries {
		switch strings.ToLower(filepath.Ext(entries[i].name)) {
		case ".json", ".yaml", ".yml":
			entries[i].likely = !entries[i].dir
		default:
			entries[i].likely = false
		}
	}
}

// wholeDocument reports whether a line that was pasted is a document: JSON is
// often written without line ends.
func (p *picker) wholeDocument(line string) bool {
	return p.documents != nil && strings.HasPrefix(strings.TrimSpace(line), "{")
}

// tookDocument takes a document, or why there is none.
func (p *picker) tookDocument(msg documentMsg) tea.Cmd {
	if msg.request != p.request || p.mode != reading {
		return nil
	}
	switch {
	case msg.err != nil && p.typed: // the path can be mended
		p.mode = typingPath
		p.path.problem = p.refused + ": " + lowerFirst(sentence(msg.err))
	case msg.err != nil:
		p.mode = picking
		p.refuse(p.refused, sentence(msg.err))
	default:
		p.mode = picking
		p.files.filter.SetValue("")
		p.files.refilter()
		return p.documents(msg.document, msg.source)
	}
	return nil
}

// pasteDocumentView asks for a paste where there are no files.
func (p *picker) pasteDocumentView() string {
	s := p.rt.styles
	lines := []string{gutter + s.strong.Render(clip("Paste the OpenAPI document here, in JSON or YAML", p.width-len(gutter))), ""}
	if p.refusal != "" {
		lines = append(lines, errorLines(s, p.refused+": "+lowerFirst(p.refusal), p.width), "")
	}
	lines = append(lines, faintLines(s, "Over SSH no files are read: they would be the server's. keyward workflow import does the same on the server.", p.width)...)
	return strings.Join(lines, "\n")
}
