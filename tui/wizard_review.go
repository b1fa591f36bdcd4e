package tui

import (
	"sort"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// reviewPart shows the whole key in words. Enter on a line goes back to its
// step; the cursor begins on the line that creates the key.
type reviewPart struct {
	rt     *runtime
	w      *wizard
	window window
	seen   []int // the line of each row that is seen, -1: none
}

// reviewLine is one thing about the key. Its warning stands below it.
type reviewLine struct {
	step        wizardStep
	label, text string
	warning     string
	names       []string // to be listed over the lines that are left
}

func (p *reviewPart) title() string    { return "Review" }
func (p *reviewPart) question() string { return "Is this the key?" }
func (p *reviewPart) advice() string {
	if p.w.kind.value() == model.TokenKey {
		return "Its two secrets are shown next, once. Have a place ready to store them."
	}
	return ""
}
func (p *reviewPart) enter() tea.Cmd {
	n := len(p.lines())
	p.window = window{cursor: n, count: n + 1, height: n + 1}
	return nil
}
func (p *reviewPart) finish() (tea.Cmd, bool) { return nil, true }
func (p *reviewPart) typing() bool            { return false }

func (p *reviewPart) keys() []key.Binding {
	if _, ok := p.row(); ok {
		return []key.Binding{wizardKeys.Change, wizardKeys.Up, wizardKeys.Down}
	}
	if p.rt.locked() {
		return []key.Binding{wizardKeys.Up, wizardKeys.Down}
	}
	return []key.Binding{wizardKeys.Create, wizardKeys.Up, wizardKeys.Down}
}

// row is the step of the line under the cursor; ok is false on the line that
// creates the key.
func (p *reviewPart) row() (step wizardStep, ok bool) {
	lines := p.lines()
	if p.window.cursor < len(lines) {
		return lines[p.window.cursor].step, true
	}
	return stepReview, false
}

func (p *reviewPart) key(msg tea.KeyMsg) (tea.Cmd, bool) {
	if matches(msg, wizardKeys.NextField) {
		p.window.move(1)
		return nil, true
	}
	return nil, p.window.key(msg, moveKeys)
}

func (p *reviewPart) lines() []reviewLine {
	w := p.w
	lines := []reviewLine{
		{step: stepName, label: "Name", text: clean(w.name.value())},
		{step: stepKind, label: "Kind", text: w.kind.value().Title()},
		p.environment(), p.workflows(),
	}
	if w.kind.value() == model.CertificateKey {
		lines = append(lines, p.certificates()...)
	}
	lines = append(lines, reviewLine{step: stepLimits, label: "Expires", text: w.limits.words()})
	if w.kind.value() == model.TokenKey {
		in := reviewLine{step: stepLimits, label: "In the URL", text: "refused: callers send the secret in a header"}
		if w.limits.query {
			in.text, in.warning = "accepted, as ?auth-key=SECRET", "URLs are logged on the way; a header is safer."
		}
		lines = append(lines, in)
	}
	return lines
}

func (p *reviewPart) environment() reviewLine {
	line := reviewLine{step: stepEnvironment, label: "Environment"}
	switch e, ok := p.w.environment.chosen(); {
	case !ok:
		line.text, line.warning = "any", "It opens every environment, production too."
	case e.Production:
		line.text = productionName(e.Name)
	default:
		line.text = clean(e.Name) + "; calls must send " + model.ProfilePair(e.Name)
	}
	return line
}

func (p *reviewPart) workflows() reviewLine {
	names := p.w.workflows.names()
	line := reviewLine{step: stepWorkflows, label: "Workflows"}
	if len(names) == 0 {
		line.text, line.warning = "none", "The key can call nothing until it is given some."
		return line
	}
	line.names = names
	return line
}

func (p *reviewPart) certificates() []reviewLine {
	lines := []reviewLine{}
	for slot, c := range p.w.certificate.slots {
		if !p.w.certificate.filled(slot) {
			continue
		}
		line := reviewLine{step: stepCertificate, label: slotTitle(slot), text: subjectUntil(c.certificate, p.rt.Now(), p.w.width-16)}
		if c.certificate.SelfSigned {
			line.warning = "Self-signed: for testing only."
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		lines = append(lines, reviewLine{step: stepCertificate, label: "Primary", text: "none", warning: "A certificate is needed."})
	}
	return lines
}

func (p *reviewPart) view(width, height int) string {
	s, lines := p.rt.styles, p.lines()
	free := height - 2 - len(lines)
	for _, l := range lines {
		free -= index(l.warning != "")
	}
	var out []string
	var of []int
	at := 0
	for i, l := range lines {
		if i == p.window.cursor {
			at = len(out)
		}
		label := pad(l.label, 13)
		text := []string{l.text}
		if l.names != nil {
			text = listed(l.names, width-16, max(1, free+1))
		}
		for _, part := range text {
			out = append(out, rowLine(s, label+part, i == p.window.cursor, false, width))
			label = blank(13)
			of = append(of, i)
		}
		if l.warning != "" {
			out = append(out, s.warning.Render(clip(strings.Repeat(" ", 15)+"! "+l.warning, width)))
			of = append(of, i)
		}
	}
	if p.window.cursor >= len(lines) {
		at = len(out) + 1
	}
	p.window.resize(len(lines)+1, height)
	out = append(out, "", rowLine(s, "Create the key", p.window.cursor >= len(lines), true, width))
	p.seen = around(append(of, -1, len(lines)), at, height)
	return strings.Join(around(out, at, height), "\n")
}

// around returns the height lines that hold the line at, as near the top as
// they can be.
func around[L any](lines []L, at, height int) []L {
	if len(lines) <= height {
		return lines
	}
	from := max(0, min(at-height+1, len(lines)-height))
	return lines[from:min(from+height, len(lines))]
}

// listed writes how many names there are and as many of them as fit into that
// many lines of that width; of the others, how many. Lines end between names.
func listed(names []string, width, lines int) []string {
	write := func(n int) []string {
		shown := make([]string, n)
		for i, name := range names[:n] {
			shown[i] = strings.ReplaceAll(clean(name), " ", "\u00a0") // which wrap leaves alone
		}
		text := strings.Join(shown, ", ")
		if rest := len(names) - n; rest > 0 {
			text += " and\u00a0" + thousands(rest) + "\u00a0more"
		}
		wrapped := wrapWords(thousands(len(names))+": "+text, width)
		return strings.Split(strings.ReplaceAll(wrapped, "\u00a0", " "), "\n")
	}
	most := min(len(names), lines*width/3+1) // a name and its comma are three cells or more
	if all := write(most); most == len(names) && len(all) <= lines {
		return all
	}
	n := sort.Search(most, func(n int) bool { return len(write(n+1)) > lines })
	return write(max(n, 1))
}
