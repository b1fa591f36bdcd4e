package tui

import (
	"fmt"
	"strings"
)

// noneText says what it means that nothing is chosen.
func (c *workflowChoices) noneText() string {
	if c.adds {
		return "! None is chosen yet: what is chosen is added to what the keys may call."
	}
	return "! With none chosen the key can call nothing."
}

func (c *workflowChoices) view() string {
	s := c.rt.styles
	switch {
	case c.loading && c.all == nil:
		return gutter + s.faint.Render("Loading the workflows…")
	case c.err != nil:
		return errorLines(s, sentence(c.err)+" ctrl+r loads again.", c.width)
	}
	lines := c.head()
	if len(c.all) > 0 {
		lines = append(lines, c.list()...)
	}
	return strings.Join(append(lines, c.foot()...), "\n")
}

// head is the count and the filter.
func (c *workflowChoices) head() []string {
	s := c.rt.styles
	if len(c.all) == 0 {
		return nil
	}
	count := gutter + s.strong.Render(fmt.Sprintf("%s of %s chosen", thousands(c.picked), thousands(len(c.all))))
	if c.filter.Value() != "" {
		count += s.faint.Render(fmt.Sprintf("   %s shown", thousands(len(c.shown))))
	}
	lines := []string{count}
	if c.filter.shown() {
		lines = append(lines, gutter+c.filter.view(s, c.width-2*len(gutter)))
	}
	return lines
}

// list is the visible part of the rows.
func (c *workflowChoices) list() []string {
	s := c.rt.styles
	if len(c.shown) == 0 {
		return []string{s.faint.Render("  Nothing matches the filter; esc shows all again.")}
	}
	from, to := c.window.visible()
	nameWidth, methodWidth := c.columns()
	var lines []string
	for i := from; i < to; i++ {
		w := c.all[c.shown[i]]
		chosen := c.chosen[w.folded]
		box := "[ ] "
		if chosen {
			box = "[x] "
		}
		if c.permitted(w.folded) {
			box = "[✓] "
		}
		text := box + pad(clean(w.name), nameWidth) + "  " + c.haveText(w.folded) + pad(w.method, methodWidth) + "  " + w.path
		lines = append(lines, rowLine(s, text, i == c.window.cursor, chosen, c.width))
	}
	return lines
}

// columns are the widths of name and method, the same wherever the list is
// scrolled to.
func (c *workflowChoices) columns() (name, method int) {
	return min(c.widest[0], max(12, c.width*2/5)), c.widest[1]
}

// foot says what is missing from the list, and warns of an empty choice.
func (c *workflowChoices) foot() []string {
	s := c.rt.styles
	var lines []string
	note := func(text string) { lines = append(lines, faintLines(s, text, c.width)...) }
	how := placeKeys.Workflows.Help().Key + " has the list of workflows: enter there gives one a method and a path."
	imports := ""
	if c.rt.Documents != nil {
		imports = ", " + placeKeys.Import.Help().Key + " imports them from an OpenAPI document"
	}
	switch {
	case len(c.all) == 0 && c.unbound == 0:
		note("There are no workflows yet. A key made now can call nothing until it is given some:")
		note(placeKeys.Workflows.Help().Key + ", then " + registerKeys.New.Help().Key + ", makes one" + imports + "; nothing that was entered here is lost.")
	case len(c.all) == 0:
		note(fmt.Sprintf("%s there, but none is bound to a REST path, and only bound ones can be permitted.", areOrIs(c.unbound, "workflow")))
		note(how)
	case c.note != "":
		lines = append(lines, s.accent.Render(clip("✓ "+c.note, c.width)))
	case c.picked == 0:
		lines = append(lines, s.warning.Render(clip(c.noneText(), c.width)))
	}
	if len(c.all) > 0 && c.unbound > 0 {
		note(fmt.Sprintf("%s not listed, for want of a REST path.", areOrIs(c.unbound, "workflow")))
		note(how)
	}
	if len(lines) > 0 && len(c.all) > 0 && c.height >= 10 {
		lines = append([]string{""}, lines...)
	}
	return lines
}

// areOrIs is "1 workflow is" or "2 workflows are".
func areOrIs(n int, noun string) string {
	if n == 1 {
		return count(n, noun) + " is"
	}
	return count(n, noun) + " are"
}
