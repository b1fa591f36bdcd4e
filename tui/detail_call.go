package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"dev.keyward/keyward/model"
)

// calls are what the key may call, and how.
func (d *detail) calls(width int) []block {
	k, s := &d.key, d.rt.styles
	title := d.title("Workflows", "", width)
	if d.width >= twoPanes {
		title.lines = title.lines[1:] // it begins its pane
	}
	blocks := []block{title}
	head := d.find(stop{part: partWorkflows})
	if len(k.Workflows) == 0 {
		blocks = append(blocks, d.field(head, "Permitted", s.warning.Render("! none: every call is refused")))
	} else {
		blocks = append(blocks, d.field(head, "Permitted", count(len(k.Workflows), "workflow")))
	}
	blocks = append(blocks, d.workflows(head+1, width)...)
	return append(blocks, d.title("How to call", callNote(k), width), block{d.find(stop{part: partCall}), d.example(width)})
}

// workflows renders a line each, or two of one that is too long; their number is
// not bounded, so that they are painted and not styled.
func (d *detail) workflows(first, width int) []block {
	name := 4
	for _, w := range d.key.Workflows {
		name = max(name, cells(clean(w.Name)))
	}
	name = min(name, max((width-12)/2, 12))
	faint, warning := d.rt.styles.palettes()[0][paintFaint], d.rt.styles.palettes()[0][paintWarning]
	blocks := make([]block, len(d.key.Workflows))
	for i, w := range d.key.Workflows {
		blocks[i] = block{stop: first + i}
		title, target := clean(w.Name), faint.on(pad(clean(w.Method), 7))+" "+clean(w.Path)
		if w.Path == "" {
			target = warning.on("! unbound: cannot be called")
		}
		if cells(title) <= name && name+2+cells(target)+len(gutter) <= width {
			blocks[i].lines = []string{pad(title, name) + "  " + target}
			continue
		}
		blocks[i].lines = append(strings.Split(wrap(title, width-len(gutter)), "\n"),
			strings.Split(indent(wrap(target, width-4), 2), "\n")...)
	}
	return blocks
}

func callNote(k *model.KeyInfo) string {
	if k.Kind == model.CertificateKey {
		return "with the caller's certificate and its private key"
	}
	return "secret.header holds  Authorization: Key=SECRET"
}

// call is a curl line for one of the key's workflows, argument by argument, or
// nil where none can be called. It never holds a secret.
func (d *detail) call() []string {
	k := &d.key
	method, target := model.ExampleCall(k.Workflows, k.Environment, k.Production)
	if method == "" {
		return nil
	}
	parts := []string{"curl"}
	if d.rt.CAFile != "" {
		parts = append(parts, "--cacert "+model.ShellQuote(d.rt.CAFile))
	}
	if k.Kind == model.CertificateKey {
		parts = append(parts, "--cert client.crt", "--key client.key")
	} else {
		parts = append(parts, "-H @secret.header")
	}
	if flag := model.CurlMethod(method); flag != "" {
		parts = append(parts, flag)
	}
	return append(parts, d.rt.callURL(target))
}

// example shows the call whole: what is too long for a line goes on in the next.
func (d *detail) example(width int) []string {
	call := d.call()
	if call == nil {
		if d.rt.locked() {
			return []string{d.rt.styles.faint.Render("No workflow is permitted that could be called.")}
		}
		return []string{d.rt.styles.faint.Render("Permit a workflow first: " + detailKeys.Edit.Help().Key + ".")}
	}
	var lines []string
	for _, line := range folded(cleaned(call), width-len(gutter)) {
		lines = append(lines, strings.Split(ansi.Hardwrap(line, max(width-len(gutter), 1), true), "\n")...)
	}
	if text := d.callWarning(); text != "" {
		lines = append(lines, d.rt.styles.warning.Render(clip("! "+text, width-len(gutter))))
	}
	return lines
}

// callWarning is what has to be known before the call is made, "" for nothing.
func (d *detail) callWarning() string {
	method, _ := model.ExampleCall(d.key.Workflows, d.key.Environment, d.key.Production)
	return callWarning(method)
}

// callWarning says what a call by that method does when it is made, "" where it
// changes nothing.
func callWarning(method string) string {
	switch {
	case method == "DELETE":
		return "This call changes data: it really deletes."
	case model.ChangesData(method):
		return "This call changes data."
	}
	return ""
}

// callCopied says what became of the copy of the call, in a line that fits the
// smallest terminal.
func (d *detail) callCopied(msg copiedMsg) tea.Cmd {
	if text := d.callWarning(); text != "" && msg.err == nil {
		where := "sent"
		if msg.tmux {
			where = "in tmux's paste buffer"
		}
		return status(statusWarning, "The curl line is "+where+". "+text)
	}
	return callCopied(msg)
}

func callCopied(msg copiedMsg) tea.Cmd {
	switch {
	case msg.err != nil:
		return status(statusError, "Not copied: "+lowerFirst(sentence(msg.err)))
	case msg.tmux:
		return status(statusInfo, "The curl line is in tmux's paste buffer.")
	case msg.through:
		return status(statusInfo, "The curl line was sent; tmux needs set-clipboard on.")
	}
	return status(statusInfo, "The curl line was sent: a paste tells if it got there.")
}

// cleaned are the parts of a command line as they can be shown.
func cleaned(parts []string) []string {
	shown := make([]string, len(parts))
	for i, p := range parts {
		shown[i] = clean(p)
	}
	return shown
}

// folded sets the parts of a command line on as few lines as the width allows.
func folded(parts []string, width int) []string {
	lines := []string{parts[0]}
	for _, p := range parts[1:] {
		last := &lines[len(lines)-1]
		if cells(*last)+cells(p)+3 <= width {
			*last += " " + p
			continue
		}
		*last += " \\"
		lines = append(lines, "  "+p)
	}
	return lines
}
