package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/bubbles/cursor"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"dev.keyward/keyward/model"
)

// clean is the one door through which a text from outside reaches a View:
// names, certificate subjects, file names, errors that quote them.
func clean(s string) string { return even(model.Clean(s)) }

// clip cuts s to width cells, with an ellipsis where something was lost. s may
// be styled.
func clip(s string, width int) string {
	switch {
	case width <= 0:
		return ""
	case len(s) <= width && plain(s):
		return s
	}
	return ansi.Truncate(s, width, "…")
}

// plain reports whether s is printable ASCII, as nearly everything is: each
// byte is a cell then, and measuring it costs nothing.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func cells(s string) int {
	if plain(s) {
		return len(s)
	}
	return ansi.StringWidth(s)
}

const blanks = "                                                                                                                                "

func blank(n int) string {
	switch {
	case n <= 0:
		return ""
	case n <= len(blanks):
		return blanks[:n]
	}
	return strings.Repeat(" ", n)
}

// pad clips s to width cells and fills it up with blanks.
func pad(s string, width int) string {
	s = clip(s, width)
	return s + blank(width-cells(s))
}

// padLeft is pad with the blanks in front.
func padLeft(s string, width int) string {
	s = clip(s, width)
	return blank(width-cells(s)) + s
}

// clipLeft is clip that keeps the end: the telling part of a path.
func clipLeft(s string, width int) string {
	w := cells(s)
	switch {
	case w <= width:
		return s
	case width <= 1:
		return clip("…", width)
	}
	return "…" + ansi.TruncateLeft(s, w-width+1, "")
}

// fitting is the first of the texts that fits into width cells: they say the
// same, shorter each. Where none does the last one is cut.
func fitting(width int, texts ...string) string {
	for _, text := range texts {
		if cells(text) <= width {
			return text
		}
	}
	return clip(texts[len(texts)-1], width)
}

// wrap breaks s at blanks, and inside words that are too long.
func wrap(s string, width int) string { return ansi.Wrap(s, max(width, 1), " ") }

// styledLines wraps s and renders each line by itself: a style that went on over
// a line's end would colour what stands beside it.
func styledLines(style lipgloss.Style, s string, width int) []string {
	lines := strings.Split(wrap(s, width), "\n")
	for i, line := range lines {
		lines[i] = style.Render(line)
	}
	return lines
}

// sentence is an error as the console shows it: clean, capitalised, with a full
// stop.
func sentence(err error) string {
	text := clean(plainly(err))
	if text == "" {
		return "Something went wrong."
	}
	text = upperFirst(text)
	if !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "…") {
		text += "."
	}
	return text
}

// advised are the errors whose kind alone tells nobody what to do, and what is
// told in its place.
var advised = []struct {
	kind error
	text string
}{
	{model.ErrUnavailable, "whoever owns the store does not answer: try again in a moment, nothing that you entered is lost"},
	{model.ErrDegraded, "the store is read-only for now, and nothing was changed: keyward doctor says what is wrong with it"},
	{model.ErrNoSpace, "the disk is too full for a change, and nothing was changed: free some space and try again"},
}

// plainly is what an error says. One without a sentence of its own, and one
// whose own sentence is about the machinery, gets one that says what to do next.
func plainly(err error) string {
	switch {
	case errors.Is(err, model.ErrUnknownOutcome):
		return "it is not known whether the change was made: it may still be when the owner goes on, so look again before you repeat it"
	case errors.Is(err, context.DeadlineExceeded):
		return "there was no answer in time: look again before you repeat it"
	}
	text := err.Error()
	for _, a := range advised {
		if errors.Is(err, a.kind) && strings.HasSuffix(text, a.kind.Error()) {
			return a.text
		}
	}
	return text
}

// changeSentence is sentence for a change: where nobody answered, it may be made
// after all.
func changeSentence(err error) string {
	if !unanswered(err) || errors.Is(err, model.ErrUnknownOutcome) {
		return sentence(err)
	}
	text := sentence(err)
	if errors.Is(err, context.DeadlineExceeded) || text == sentence(model.ErrUnavailable) {
		return "Whoever owns the store does not answer: the change may still be made when it goes on, so look again before you repeat it."
	}
	return "The change may still be made when the owner goes on: " + lowerFirst(text)
}

func upperFirst(text string) string {
	first, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[n:]
}

// plural is the noun for so many: "1 key" and "2 keys" without the number.
func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
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

// timeLeft is a length of time until an end as lists show it: "12 d", "5 h".
func timeLeft(end model.Instant, now time.Time) string {
	left := end.Time().Sub(now)
	switch {
	case left < 0:
		return "over"
	case left < time.Hour:
		return fmt.Sprintf("%d min", left/time.Minute)
	case left < 48*time.Hour:
		return fmt.Sprintf("%d h", left/time.Hour)
	}
	const day = 24 * 60 * 60 // of UTC, as everywhere where days are counted
	return thousands(int(end.Time().Unix()/day-now.Unix()/day)) + " d"
}

// newInput returns a text input in the console's style: give it keys with
// typeInto, show it with inputView. ctrl+v is off: it would read the clipboard
// of the machine that keyward runs on, which over SSH is not the user's; the
// terminal's own paste works. The cursor does not blink: a still screen sends
// nothing over a slow line.
func newInput(s *styles, placeholder string) textinput.Model {
	in := textinput.New()
	in.Prompt = "› "
	in.Placeholder = placeholder
	in.PromptStyle, in.TextStyle, in.PlaceholderStyle = s.accent, s.text, s.faint
	in.Cursor.Style = s.cursor
	in.Cursor.SetMode(cursor.CursorStatic)
	in.KeyMap.Paste.SetEnabled(false)
	return in
}

// typeInto gives an input a key press or a paste. What a paste may carry besides
// text (bidirectional overrides, invisible characters) does not get in.
func typeInto(in *textinput.Model, msg tea.KeyMsg) {
	*in, _ = in.Update(msg)
	if v := textOnly(in.Value()); v != in.Value() {
		in.SetValue(v)
	}
}

// textOnly is what of a text can be entered. What is left after one cleaning may
// become one with what was apart from it.
func textOnly(v string) string {
	for clean(v) != v {
		v = strings.ReplaceAll(clean(v), "\uFFFD", "")
	}
	return strings.ReplaceAll(v, "\uFFFD", "")
}

// inputView renders an input. Without styles, as under NO_COLOR, the cursor is
// a bar: reverse video is gone with the colours.
func inputView(s *styles, in textinput.Model) string {
	if v := textOnly(in.Value()); v != in.Value() { // it came from the store
		at := in.Position()
		in.SetValue(v)
		in.SetCursor(at)
	}
	if s.coloured() || !in.Focused() {
		return in.View()
	}
	value, at := []rune(in.Value()), in.Position()
	left, right := string(value[:at]), string(value[at:])
	if width := max(in.Width, 1); in.Width > 0 && cells(left)+cells(right) > width {
		left = clipLeft(left, width*3/4)
		right = clip(right, width-cells(left))
	}
	if in.Value() == "" {
		right = in.Placeholder
	}
	return in.Prompt + left + "▏" + right
}
