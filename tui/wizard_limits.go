package tui

import (
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// limitsPart asks until when the key works, and whether its secrets are
// accepted in the URL.
type limitsPart struct {
	rt      *runtime
	kind    func() model.Kind
	cursor  int // into rows
	expiry  int // into expiries
	day     textinput.Model
	problem string
	query   bool
}

// The rows of the step. The day is there only when it is asked for, the query
// only for secrets.
type limitsRow int

const (
	rowExpiry limitsRow = iota
	rowDay
	rowQuery
)

// expiries are the choices of expiry, and how model.ParseExpiry reads them; the
// last one takes a text.
var expiries = [...]struct{ text, span string }{
	{"never", ""}, {"30 days", "30d"}, {"90 days", "90d"}, {"1 year", "365d"}, {"on a day", ""},
}

const onDay = len(expiries) - 1

func newLimitsPart(rt *runtime, kind func() model.Kind) *limitsPart {
	p := &limitsPart{rt: rt, kind: kind, day: newInput(rt.styles, "a day such as 2027-01-31, or 90d")}
	p.day.CharLimit, p.day.Width = 40, 40
	return p
}

func (p *limitsPart) title() string { return "Limits" }
func (p *limitsPart) question() string {
	if p.kind() == model.TokenKey {
		return "Until when does it work, and how may it be sent?"
	}
	return "Until when does it work?"
}

func (p *limitsPart) advice() string {
	advice := "A key that expires is one that nobody has to remember to remove."
	if p.kind() == model.TokenKey {
		advice += " Keep secrets out of URLs: URLs are logged on the way."
	}
	return advice
}

func (p *limitsPart) rows() []limitsRow {
	rows := []limitsRow{rowExpiry}
	if p.expiry == onDay {
		rows = append(rows, rowDay)
	}
	if p.kind() == model.TokenKey {
		rows = append(rows, rowQuery)
	}
	return rows
}

func (p *limitsPart) row() limitsRow {
	rows := p.rows()
	p.cursor = min(p.cursor, len(rows)-1)
	return rows[p.cursor]
}

func (p *limitsPart) enter() tea.Cmd { p.focus(); return nil }
func (p *limitsPart) forget()        { p.problem = "" }
func (p *limitsPart) typing() bool   { return p.row() == rowDay }
func (p *limitsPart) keys() []key.Binding {
	if p.typing() {
		return nil
	}
	return []key.Binding{wizardKeys.Left, wizardKeys.Right, wizardKeys.Up, wizardKeys.Down}
}

func (p *limitsPart) focus() {
	if p.row() == rowDay {
		p.day.Focus()
	} else {
		p.day.Blur()
	}
}

func (p *limitsPart) move(n int) bool {
	to := p.cursor + n
	if to < 0 || to >= len(p.rows()) {
		return false
	}
	p.cursor = to
	p.focus()
	return true
}

func (p *limitsPart) key(msg tea.KeyMsg) (tea.Cmd, bool) {
	switch {
	case msg.Paste && p.row() != rowDay:
		return nil, true
	case matches(msg, wizardKeys.NextField):
		return nil, p.move(1)
	case matches(msg, wizardKeys.Previous):
		return nil, p.move(-1)
	case matches(msg, wizardKeys.Next, wizardKeys.Back):
		return nil, false
	case p.row() == rowDay && p.day.Value() == "" && matches(msg, formKeys.Left, formKeys.Right):
		p.move(-1)
		p.change(1 - 2*index(matches(msg, formKeys.Left)))
	case p.row() == rowDay && !matches(msg, typingMoveKeys.Up, typingMoveKeys.Down):
		p.problem = ""
		typeInto(&p.day, msg)
	case matches(msg, wizardKeys.Up):
		p.move(-1)
	case matches(msg, wizardKeys.Down):
		p.move(1)
	case matches(msg, wizardKeys.Left):
		p.change(-1)
	case matches(msg, wizardKeys.Right):
		p.change(1)
	default:
		return nil, false
	}
	return nil, true
}

// change takes the choice before or after the present one. A day can be typed at
// once; while there is none, the same keys lead on.
func (p *limitsPart) change(n int) {
	switch p.row() {
	case rowExpiry:
		p.expiry = (p.expiry + n + len(expiries)) % len(expiries)
		p.problem = ""
		if p.expiry == onDay {
			p.move(1)
		}
	case rowQuery:
		p.query = !p.query
	}
}

// finish wants what was typed to be a time to come.
func (p *limitsPart) finish() (tea.Cmd, bool) {
	p.problem = ""
	if _, err := p.expires(p.rt.Now()); err != nil {
		p.problem = sentence(err)
		p.cursor = 1
		p.focus()
		return nil, false
	}
	return nil, true
}

// expiryText is the expiry as model.ParseExpiry reads it, "" for never.
func (p *limitsPart) expiryText() string {
	if p.expiry == onDay {
		return strings.TrimSpace(p.day.Value())
	}
	return expiries[p.expiry].span
}

// expires is when a key that was made now would expire; zero for never.
func (p *limitsPart) expires(now time.Time) (time.Time, error) {
	if p.expiryText() == "" && p.expiry != onDay {
		return time.Time{}, nil
	}
	return model.ParseExpiry(p.expiryText(), now)
}

// words says when the key expires.
func (p *limitsPart) words() string {
	switch t, err := p.expires(p.rt.Now()); {
	case err != nil:
		return clean(p.expiryText())
	case t.IsZero():
		return "never"
	case p.expiry != onDay:
		return "in " + expiries[p.expiry].text + ", on " + model.At(t).DayText()
	case t.Equal(model.EndOfDay(t)):
		return "at the end of " + model.At(t).DayText() + " (UTC)"
	default:
		return model.At(t).Text()
	}
}

func (p *limitsPart) view(width, _ int) string {
	s := p.rt.styles
	var lines []string
	for i, row := range p.rows() {
		selected := i == p.cursor
		switch row {
		case rowExpiry:
			var texts []string
			for _, e := range expiries {
				texts = append(texts, e.text)
			}
			lines = append(lines, rowLine(s, pad("Expires", 11)+options(texts, p.expiry), selected, false, width))
		case rowDay:
			lines = append(lines, clip(sign(selected)+pad("Until", 11)+inputView(s, p.day), width))
			lines = append(lines, p.note("a day, to its end in UTC; a time from now (90d, 12h); or a moment", width))
		case rowQuery:
			if len(lines) > 0 {
				lines = append(lines, "")
			}
			lines = append(lines, rowLine(s, pad("In the URL", 11)+options([]string{"refused", "accepted"}, index(p.query)), selected, false, width))
			lines = append(lines, p.note(p.queryNote(), width))
		}
	}
	if p.problem != "" {
		lines = append(lines, "", errorLines(s, p.problem, width))
	}
	return strings.Join(lines, "\n")
}

// note explains the row above it.
func (p *limitsPart) note(text string, width int) string {
	return p.rt.styles.faint.Render(clip(strings.Repeat(" ", 13)+text, width))
}

func (p *limitsPart) queryNote() string {
	if p.query {
		return "?auth-key=SECRET works, and URLs are logged"
	}
	return "recommended: callers send a header instead"
}

// options writes choices side by side, the chosen one in brackets.
func options(texts []string, chosen int) string {
	var b strings.Builder
	for i, text := range texts {
		if i == chosen {
			b.WriteString("[" + text + "]")
		} else {
			b.WriteString(" " + text + " ")
		}
	}
	return b.String()
}

func index(second bool) int {
	if second {
		return 1
	}
	return 0
}

// sign is the mark of the row that the cursor is on.
func sign(selected bool) string {
	if selected {
		return "› "
	}
	return "  "
}
