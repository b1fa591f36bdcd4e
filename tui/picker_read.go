package tui

import tea "github.com/charmbracelet/bubbletea"

// open reads a directory, or the certificate in a file.
func (p *picker) open(path string) tea.Cmd {
	return p.openFrom(p.files.dir, path)
}

func (p *picker) openFrom(from, path string) tea.Cmd {
	p.files.request, p.files.loading = p.rt.next(), true
	return p.rt.readDirectory(p.files.request, from, path)
}

func (p *picker) read(path, name string) tea.Cmd {
	p.begin(name)
	var cmd tea.Cmd
	if p.documents != nil {
		cmd, p.cancel = p.rt.readDocument(p.request, path)
	} else {
		cmd, p.cancel = p.rt.readCertificate(p.request, path)
	}
	return cmd
}

func (p *picker) parse(text string) tea.Cmd {
	p.typed = false
	p.begin("What was pasted")
	if p.documents == nil {
		return p.rt.parseCertificate(p.request, text)
	}
	var cmd tea.Cmd
	cmd, p.cancel = p.rt.parseDocument(p.request, text)
	return cmd
}

func (p *picker) begin(what string) {
	p.mode, p.request = reading, p.rt.next()
	p.refusal, p.refused = "", what
}

// opened takes the answer to open. What could not be opened leaves everything
// as it was.
func (p *picker) opened(msg directoryMsg) tea.Cmd {
	if msg.request != p.files.request {
		return nil
	}
	p.pointOut(msg.entries)
	p.files.loading = false
	switch {
	case msg.request == p.following && p.mode == typingPath: // it is being typed on
		switch {
		case msg.err != nil:
			p.files.missing = clean(p.path.at) + ": " + lowerFirst(sentence(msg.err))
		case msg.file != "":
			p.files.missing = clean(p.path.at) + ": this is no directory"
		default:
			p.files.show(msg)
		}
	case msg.err != nil && p.mode == typingPath:
		p.path.problem = p.files.asked + ": " + lowerFirst(sentence(msg.err))
	case msg.err != nil:
		p.refuse(p.files.asked, sentence(msg.err))
	case msg.file != "":
		p.typed = p.mode == typingPath
		return p.read(msg.file, clean(msg.file))
	default:
		p.leavePath()
		p.files.show(msg)
		if first := p.first; first != "" {
			p.first = ""
			p.startPath(first)
			return p.openPath()
		}
	}
	return nil
}

func (p *picker) leavePath() {
	if p.mode == typingPath {
		p.mode = picking
		p.files.narrow, p.files.missing = "", ""
		p.files.refilter()
	}
}

func (p *picker) refuse(what, why string) { p.refused, p.refusal = what, why }

// took takes a certificate, or why there is none.
func (p *picker) took(msg certificateMsg) tea.Cmd {
	if msg.request != p.request || p.mode != reading && p.mode != generating {
		return nil
	}
	made := p.mode == generating
	switch {
	case msg.err != nil && made:
		p.mode = filling
		p.form.failed(msg.err)
	case msg.err != nil && p.typed: // the path can be mended
		p.mode = typingPath
		p.path.problem = p.refused + ": " + lowerFirst(refusalText(msg.err))
	case msg.err != nil:
		p.mode = picking
		p.refuse(p.refused, refusalText(msg.err))
	default:
		p.mode = accepting
		p.found.show(msg, p.rt.Now(), made)
		p.found.setSize(p.width, p.height)
	}
	if made {
		p.cancel = nil
		return p.open(p.files.dir) // the new files are in it
	}
	return nil
}
