package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/textinput"
	"github.com/charmbracelet/x/ansi"

	"dev.keyward/keyward/model"
)

// clean is the one door through which a text from outside reaches a View:
// names, certificate subjects, file names, errors that quote them.
func clean(s string) string { return model.Clean(s) }

// clip cuts s to width cells, with an ellipsis where something was lost. s may
// be styled.
func clip(s string, width int) string {
	if width <= 0 {
		return ""
	}
	return ansi.Truncate(s, width, "…")
}

// pad clips s to width cells and fills it up with blanks.
func pad(s string, width int) string {
	s = clip(s, width)
	if w := ansi.StringWidth(s); w < width {
		s += strings.Repeat(" ", width-w)
	}
	return s
}

// padLeft is pad with the blanks in front.
func padLeft(s string, width int) string {
	s = clip(s, width)
	if w := ansi.StringWidth(s); w < width {
		s = strings.Repeat(" ", width-w) + s
	}
	return s
}

// wrap breaks s at blanks, and inside words that are too long.
func wrap(s string, width int) string { return ansi.Wrap(s, max(width, 1), " ") }

// sentence is an error as the console shows it: clean, capitalised, with a full
// stop.
func sentence(err error) string {
	text := err.Error()
	if errors.Is(err, context.DeadlineExceeded) {
		text = "there was no answer in time: look again before you repeat it"
	}
	text = clean(text)
	if text == "" {
		return "Something went wrong."
	}
	text = strings.ToUpper(text[:1]) + text[1:]
	if !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "…") {
		text += "."
	}
	return text
}

// date is a day as lists show it, in the local time zone.
func date(i model.Instant, now time.Time) string {
	if i == 0 {
		return "never"
	}
	return i.Time().In(now.Location()).Format("2006-01-02")
}

// moment is a point in time as details show it.
func moment(i model.Instant, now time.Time) string {
	if i == 0 {
		return "never"
	}
	return i.Time().In(now.Location()).Format("2006-01-02 15:04 MST")
}

// count is "1 key", "2 keys", "12,345 keys".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return thousands(n) + " " + noun + "s"
}

func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// newInput returns a text input in the console's style. ctrl+v is off: it would
// read the clipboard of the machine that keyward runs on, which over SSH is not
// the user's; the terminal's own paste works.
func newInput(s *styles, placeholder string) textinput.Model {
	in := textinput.New()
	in.Prompt = "› "
	in.Placeholder = placeholder
	in.PromptStyle, in.TextStyle, in.PlaceholderStyle = s.accent, s.text, s.faint
	in.Cursor.Style = s.cursor
	in.KeyMap.Paste.SetEnabled(false)
	return in
}
