package tui

import (
	"fmt"
	"strings"
)

// View renders the call, what it would get, and how programs make it. What there
// is no room for is counted where it would begin, with the key that shows it.
func (t *try) View() string {
	s, head, lines := t.rt.styles, t.head(), t.lines()
	end := min(t.top+t.room(), len(lines))
	shown := append([]string(nil), lines[t.top:end]...)
	if t.top > 0 && len(shown) > 2 {
		shown[0] = s.faint.Render(fmt.Sprintf("  ↑ %s above: %s", count(t.top+1, "line"), tryKeys.PageUp.Help().Key))
	}
	if end < len(lines) {
		shown[len(shown)-1] = s.faint.Render(clip(fmt.Sprintf("  ↓ %s more: %s", count(len(lines)-end+1, "line"), tryKeys.PageDown.Help().Key)+t.wayToCode(), t.width))
	}
	return strings.Join(append(head, shown...), "\n")
}

// wayToCode says which keys lead from a field to the code, which has the screen
// then, and there what takes all of it along.
func (t *try) wayToCode() string {
	next, previous := tryKeys.Next.Help().Key, tryKeys.Previous.Help().Key
	ways := map[tryField]string{tryMethod: previous, tryURL: next + " " + next, tryKey: next}
	switch {
	case t.at == tryCode && t.keys().CopyCall.Enabled():
		return "; " + tryKeys.CopyCall.Help().Key + " copies all of it"
	case t.at == tryCode:
		return ""
	}
	return "; the call as code: " + ways[t.at]
}

// head is what does not scroll: the fields and, where the code has the cursor,
// the decision and the languages. The fields are one line there, where the code
// has no room otherwise.
func (t *try) head() []string {
	if t.at != tryCode {
		return t.fields()
	}
	lines := t.fields()
	if t.folded() {
		lines = []string{t.foldedLine()}
	}
	return append(append(lines, t.verdictLines()...), t.tabs())
}

// folded reports whether the fields are one line.
func (t *try) folded() bool {
	return t.at == tryCode && len(t.fields())+len(t.verdictLines())+1+len(t.codeLines()) > t.height
}

// foldedLine is the call in a line.
func (t *try) foldedLine() string {
	c, s := t.call(), t.rt.styles
	text := clean(c.method + " " + c.url)
	if c.key != "" {
		text += " · " + clean(c.key)
	}
	return gutter + s.strong.Render(clip(text, t.width-len(gutter)-1))
}

// lines are what scrolls.
func (t *try) lines() []string {
	if t.at == tryCode {
		return t.codeLines()
	}
	return append(append(t.verdictLines(), t.tabs()), t.codeLines()...)
}

// room is how many lines there are for what scrolls.
func (t *try) room() int { return max(t.height-len(t.head()), 1) }

// page is how far a page goes: what the lines about the rest hide is in the next.
func (t *try) page() int { return max(t.room()-2, 1) }

func (t *try) scroll(n int) {
	if t.height > 0 {
		t.top = max(min(t.top+n, len(t.lines())-t.room()), 0)
	}
}

// scrolls moves the code by a line, and reports whether there was one.
func (t *try) scrolls(n int) bool {
	before := t.top
	if t.at == tryCode {
		t.scroll(n)
	}
	return t.top != before
}

// tabsAt is the line of the screen that the languages are in.
func (t *try) tabsAt() int {
	if t.at == tryCode {
		return len(t.head()) - 1
	}
	return len(t.head()) + len(t.verdictLines()) - t.top
}

// fieldAt is the field in a line of the screen.
func (t *try) fieldAt(y int) (f tryField, ok bool) {
	switch {
	case y < 0:
		return 0, false
	case t.folded():
		return tryURL, y == 0
	case t.at == tryURL && t.whole[tryURL] && y > int(tryURL): // a line about it is below it
		y--
		return tryKey, y == int(tryKey)
	}
	return tryField(y), y <= int(tryKey)
}
