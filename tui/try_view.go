package tui

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/textinput"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"dev.keyward/keyward/model"
)

// fields are those of the call, and what can be said of the one with the cursor.
func (t *try) fields() []string {
	s := t.rt.styles
	method := clean(t.methods[t.method])
	if t.at == tryMethod {
		method = s.fieldFocused.Render("‹ " + method + " ›")
	}
	lines := []string{
		t.fieldLine(tryMethod, "Method", method),
		t.fieldLine(tryURL, "URL", t.fieldText(t.url)),
		t.fieldLine(tryKey, "Key", t.fieldText(t.key)),
	}
	switch {
	case t.at == tryKey:
		lines = append(lines, t.offered())
	case t.at == tryURL && t.whole[tryURL]:
		lines = slices.Insert(lines, 2, gutter+blank(labelWidth)+s.faint.Render("typing replaces it; "+typingMoveKeys.Bottom.Help().Key+" goes to its end"))
	}
	if t.height >= smallHeight-5 {
		lines = append(lines, "")
	}
	return lines
}

// fieldText renders an input. What typing takes the place of is marked; the line
// below it says so too.
func (t *try) fieldText(in textinput.Model) string {
	s := t.rt.styles
	switch {
	case !in.Focused() || !t.whole[t.at]:
		return inputView(s, in)
	case t.at == tryKey:
		text := clip(clean(in.Value()), t.width-labelWidth-9)
		if !s.coloured() {
			text += "▏"
		}
		return s.fieldFocused.Render("‹ " + text + " ›")
	case !s.coloured():
		return inputView(s, in)
	}
	return s.selected.Render(clip(clean(in.Value()), t.width-labelWidth-4))
}

func (t *try) fieldLine(f tryField, label, value string) string {
	s := t.rt.styles
	lead, style := gutter, s.label
	if t.at == f {
		lead, style = s.marked.Render(pointer), s.strong
	}
	return clip(lead+style.Render(pad(label, labelWidth))+value, t.width)
}

// offered are the keys that what was typed finds, the one that is taken next
// first.
func (t *try) offered() string {
	s, a := t.rt.styles, &t.answer
	var text string
	switch {
	case !t.known:
		text = "…"
	case len(a.matching) == 0:
		text = "no key has that in its name"
	default:
		text = tryKeys.Left.Help().Key + " " + thousands(a.found) + ": " + strings.Join(a.matching[:min(len(a.matching), 12)], ", ")
	}
	return gutter + blank(labelWidth) + s.faint.Render(clip(clean(text), t.width-labelWidth-4))
}

// verdictLines say what the call would get, and why.
func (t *try) verdictLines() []string {
	s, a := t.rt.styles, &t.answer
	switch {
	case !t.known:
		return []string{gutter + s.faint.Render("Deciding …"), ""}
	case t.at == tryKey && errors.Is(a.err, model.ErrNotFound) && len(a.matching) > 0:
		return []string{gutter + s.warning.Render("! No key is called that: "+tryKeys.NextKey.Help().Key+" takes one that matches."), ""}
	case errors.Is(a.err, model.ErrNotFound):
		return append(t.indented(s.danger, fmt.Sprintf("✗ No key is called %q: type a part of a name, and %s takes one that has it.", clip(clean(a.call.key), 40), tryKeys.NextKey.Help().Key)), "")
	case a.err != nil:
		return append(t.indented(s.danger, "✗ "+sentence(a.err)), "")
	}
	v := &a.verdict
	lines := t.indented(s.danger, clean(fmt.Sprintf("✗ Refused: %s, which is answered with %d", v.Reason, v.Status)))
	if v.Allowed {
		lines = t.indented(s.ok, clean(fmt.Sprintf("✓ Allowed: %q would invoke %q in %q", v.Key, v.Workflow, v.Environment)))
	}
	if t.at == tryCode {
		return append(lines, "") // the code needs the room
	}
	for _, step := range v.Steps {
		lines = append(lines, stepLines(s, step, t.width)...)
	}
	for _, r := range a.remedies {
		lines = append(lines, t.remedyLines(r)...)
	}
	return append(lines, "")
}

// indented is a text in a style, in as many lines as it takes.
func (t *try) indented(style lipgloss.Style, text string) []string {
	lines := styledLines(style, text, t.width-len(gutter)-1)
	for i, line := range lines {
		lines[i] = gutter + line
	}
	return lines
}

// remedyLines are what would help, behind an arrow.
func (t *try) remedyLines(r model.Remedy) []string {
	lines := strings.Split(wrapWords(clean(r.Text)+".", t.width-len(gutter)-3), "\n")
	for i, line := range lines {
		lead := "  "
		if i == 0 {
			lead = t.rt.styles.accent.Render("→") + " "
		}
		lines[i] = gutter + lead + line
	}
	return lines
}

// tabs are the languages.
func (t *try) tabs() string {
	s := t.rt.styles
	var tabs []string
	for i, l := range languages {
		if i == t.language {
			tabs = append(tabs, s.strong.Render("‹"+l.name+"›"))
			continue
		}
		tabs = append(tabs, s.faint.Render(" "+l.name+" "))
	}
	return t.fieldLine(tryCode, "As code", strings.Join(tabs, " "))
}

// codeLines are the call in the language that is chosen.
func (t *try) codeLines() []string {
	s := t.rt.styles
	var lines []string
	switch {
	case model.CarriesAuthKey(t.call().url):
		return t.indented(s.faint, "A URL with auth-key in it is not written down: take that out.")
	case !t.callable():
		return []string{gutter + s.faint.Render("Give it a URL first.")}
	}
	if text := t.rt.unservedText(); text != "" {
		lines = append(lines, t.indented(s.warning, "! "+text)...)
	}
	c, l, width := t.calling(), languages[t.language], t.width-len(gutter)-1
	for _, line := range strings.Split(wrapWords(clean(l.note(c)), width), "\n") {
		lines = append(lines, gutter+s.faint.Render(line))
	}
	for _, line := range l.lines(c, width) {
		line = clean(strings.ReplaceAll(line, "\t", "    "))
		for _, piece := range strings.Split(ansi.Hardwrap(line, max(width, 1), true), "\n") {
			lines = append(lines, gutter+piece)
		}
	}
	return lines
}
