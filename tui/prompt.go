package tui

import (
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
)

// prompt is the one way to ask before something that cannot be taken back. It
// names the object, its default is no, and one that "y" answers ignores that key
// for a moment after it opens, so that a stray key press or a paste approves
// nothing. Saying no is safe at any time. Nobody types a whole word by accident,
// and whoever asks for an undo means the yes: another key opened the question.
type prompt struct {
	Title   string
	Lines   []string // what will happen
	After   []string // goes on where rows stand in between
	Confirm string   // what "y" does, as a verb: "disable"
	Word    string   // when set, it must be typed in full instead of "y"
	Danger  bool
	Enters  bool // enter says yes as well: it destroys nothing, and can be taken back
	OnYes   tea.Cmd
	OnNo    tea.Cmd // may be nil

	again  *prompt    // asked after a yes, in place of OnYes; what is said of use is said there as well
	undo   *undo      // what a yes takes back, whose time stands still meanwhile; nil: nothing
	rows   promptRows // what it is about, where that is several things
	leaves bool       // its yes quits the console
	input  textinput.Model
	wrong  bool // enter was pressed on another word
	armed  bool
	early  bool // yes was pressed before it was armed
	ascii  bool
}

// armingTime is how long a prompt without a word ignores a yes after it opens.
const armingTime = 300 * time.Millisecond

// armMsg arms the prompt with that number.
type armMsg struct{ number int }

func (p *prompt) open(rt *runtime) {
	p.armed, p.ascii = p.Word != "" || p.undo != nil, rt.styles.ascii
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
	moves := typingMoveKeys
	if p.Word != "" {
		moves = moves.withoutEnds()
	}
	switch {
	case !msg.Paste && p.rows.key(msg, moves):
		return answerNone
	case p.Word != "":
		return p.typed(msg)
	case msg.Paste:
		return answerNone
	case !matches(msg, promptKeys.Yes) && !(p.Enters && matches(msg, promptKeys.Enter)):
		return answerNo
	case !p.armed:
		p.early = true
		return answerNone
	}
	return answerYes
}

// isWord reports whether a text is the word that confirms: where only ASCII is
// shown, also as it is seen then.
func (p *prompt) isWord(text string) bool {
	return strings.EqualFold(text, p.Word) || p.ascii && strings.EqualFold(text, asciiOnly(clean(p.Word)))
}

func (p *prompt) typed(msg tea.KeyMsg) answer {
	switch {
	case matches(msg, promptKeys.Cancel):
		return answerNo
	case matches(msg, promptKeys.Enter) && !msg.Paste:
		if p.isWord(strings.TrimSpace(p.input.Value())) {
			return answerYes
		}
		p.wrong = true
		return answerNone
	}
	p.wrong = false
	typeInto(&p.input, msg)
	return answerNone
}

// view renders the prompt as a box that leaves a margin in that width and is no
// higher than that height, where an answer has room in it at all.
func (p *prompt) view(s *styles, width, height int) string {
	width = min(width-8, 66)
	box, style := s.promptBox, s.promptTitle
	if p.Danger {
		box, style = s.dangerBox, s.dangerTitle
	}
	if strings.HasPrefix(p.Title, productionSign) {
		style = s.productionTitle
	}
	title := cutLines(strings.Split(wrap(clean(p.Title), width), "\n"), 3)
	for i, line := range title {
		title[i] = style.Render(line)
	}
	answer := p.answerLines(s, width)
	room := height - box.GetVerticalFrameSize() - len(title) - len(answer)
	details := p.details(width, room)
	if len(p.rows.all) > 0 {
		details = p.withRows(s, width, room)
	}
	lines := append(title, s.signed(details)...)
	return box.Render(strings.Join(append(lines, answer...), "\n"))
}

// yes names the keys that say it.
func (p *prompt) yes() string {
	if p.Enters {
		return promptKeys.Yes.Help().Key + " or " + promptKeys.Enter.Help().Key
	}
	return promptKeys.Yes.Help().Key
}

// details are what stands between the title and the answer. Where there are
// fewer lines for them, blank ones go first and the last ones next.
func (p *prompt) details(width, room int) []string {
	var paragraphs, tight []string
	for _, line := range p.Lines {
		lines := strings.Split(wrap(clean(line), width), "\n")
		paragraphs = append(paragraphs, lines...)
		if line != "" {
			tight = append(tight, lines...)
		}
	}
	for _, lines := range [][]string{
		append(append([]string{""}, paragraphs...), ""), append(append([]string{""}, tight...), ""), append(slices.Clone(tight), ""),
	} {
		if len(lines) <= room {
			return lines
		}
	}
	return cutLines(tight, room)
}

// cutLines returns the first n lines, the last with the sign that there were
// more.
func cutLines(lines []string, n int) []string {
	if len(lines) <= n {
		return lines
	}
	lines = slices.Clone(lines[:max(n, 0)])
	if n > 0 {
		lines[n-1] = strings.TrimRight(lines[n-1], " .,…") + " …"
	}
	return lines
}

// answerLines say what to answer, and take it.
func (p *prompt) answerLines(s *styles, width int) []string {
	if p.Word == "" {
		lines := []string{s.strong.Render(p.yes()) + " " + p.Confirm + s.faint.Render("   any other key cancels")}
		if p.early { // above: the mouse answers on the last line
			lines = slices.Insert(lines, 0, s.warning.Render("! That came too soon to be meant: press "+p.yes()+" again."))
		}
		return lines
	}
	before, word, after := "Type ", clean(p.Word), " and press enter to "+p.Confirm+"; esc cancels."
	lines := strings.Split(wrap(before+word+after, width), "\n")
	if len(lines) == 1 {
		lines[0] = before + s.strong.Render(word) + after
	}
	p.input.Width = width - 4
	lines = append(lines, inputView(s, p.input))
	if p.wrong {
		lines = append(lines, s.warning.Render(clip("! That is not "+word, width)))
	}
	return lines
}
