package tui

import (
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
)

// prompt is the one way to ask before something that cannot be taken back. It
// names the object, its default is no, and it ignores keys for a moment after
// it opens, so that a stray key press or a paste approves nothing.
type prompt struct {
	Title   string
	Lines   []string // what will happen
	Confirm string   // what "y" does, as a verb: "disable"
	Word    string   // when set, it must be typed in full instead of "y"
	Danger  bool
	OnYes   tea.Cmd
	OnNo    tea.Cmd // may be nil

	input textinput.Model
	armed bool
}

// armingTime is how long a prompt ignores keys after it opens.
const armingTime = 300 * time.Millisecond

// armMsg arms the prompt with that number.
type armMsg struct{ number int }

func (p *prompt) open(rt *runtime) {
	p.armed = false
	if p.Word != "" {
		p.input = newInput(rt.styles, "")
		p.input.CharLimit = 80
		p.input.Focus()
	}
}

// answer is what a key press said to a prompt.
type answer int

const (
	answerNone answer = iota
	answerYes
	answerNo
)

// key takes a key press.
func (p *prompt) key(msg tea.KeyMsg) answer {
	switch {
	case !p.armed:
		return answerNone
	case p.Word != "":
		return p.typed(msg)
	case msg.Paste:
		return answerNone
	case matches(msg, promptKeys.Yes):
		return answerYes
	}
	return answerNo
}

func (p *prompt) typed(msg tea.KeyMsg) answer {
	switch {
	case matches(msg, promptKeys.Cancel):
		return answerNo
	case matches(msg, promptKeys.Enter) && !msg.Paste:
		if strings.EqualFold(strings.TrimSpace(p.input.Value()), p.Word) {
			return answerYes
		}
		return answerNone
	}
	typeInto(&p.input, msg)
	return answerNone
}

// view renders the prompt as a box that leaves a margin in that width.
func (p *prompt) view(s *styles, width int) string {
	width = min(width-8, 66)
	box, title := s.promptBox, s.promptTitle
	if p.Danger {
		box, title = s.dangerBox, s.dangerTitle
	}
	lines := []string{title.Render(wrap(clean(p.Title), width)), ""}
	for _, line := range p.Lines {
		lines = append(lines, wrap(clean(line), width))
	}
	lines = append(lines, "")
	if p.Word != "" {
		p.input.Width = width - 4
		lines = append(lines,
			wrap("Type "+s.strong.Render(clean(p.Word))+" and press enter to "+p.Confirm+"; esc cancels.", width),
			inputView(s, p.input))
	} else {
		lines = append(lines, s.strong.Render(promptKeys.Yes.Help().Key)+" "+p.Confirm+s.faint.Render("   any other key cancels"))
	}
	return box.Render(strings.Join(lines, "\n"))
}
