package tui

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
)

// emptyView stands in place of the list in a store without keys: what a key is,
// and the next step. Where it is too tall it is told in fewer lines.
func emptyView(s *styles, have stock, width, height int) string {
	room := min(width-6, 64)
	head := s.header.Render("Welcome. There are no keys yet.")
	steps := emptySteps(s, have, room)
	text := strings.Join([]string{
		head,
		wrap("A key lets a caller invoke the workflows that you choose, in the environment that you choose, and nothing else.", room),
		strings.Join(steps, "\n\n"),
	}, "\n\n")
	if lipgloss.Height(text) >= height {
		text = head + "\n\n" + strings.Join(steps, "\n")
	}
	top := max((height-lipgloss.Height(text))/3, 1)
	return strings.Repeat("\n", top) + indent(text, max((width-room)/2, 2))
}

// emptySteps are the steps to a first call, each with what to do for it.
func emptySteps(s *styles, have stock, room int) []string {
	step := func(sign, text string) string { return sign + "  " + text }
	hint := func(key, text string) string {
		lines := strings.Split(wrap(text, room-6), "\n")
		return indent(s.strong.Render(pad(key, 3))+strings.Join(lines, "\n   "), 3)
	}
	first := step(s.accent.Render("1"), workflowStep(have))
	if have.bound > 0 {
		first = step(s.ok.Render("✓"), workflowStep(have))
	}
	if have.all == 0 {
		first += "\n" + hint(listKeys.Samples.Help().Key, "adds a few samples to try, or make yours:")
		for _, line := range folded([]string{"keyward workflow create NAME", "--method GET", "--path /x/{id}"}, room-6) {
			first += "\n" + indent(s.faint.Render(line), 6)
		}
	}
	return []string{
		first,
		step(s.accent.Render("2"), "Make a key.") + "\n" +
			hint(listKeys.New.Help().Key, "asks for kind, name, environment and workflows"),
		step(s.accent.Render("3"), "Call.") + "\n" +
			indent(wrap("Its secrets are shown once, with a curl line that works as soon as keyward serve runs.", room-3), 3),
	}
}

func workflowStep(have stock) string {
	switch {
	case have.all == 0:
		return "Have workflows that can be called."
	case have.bound == 0:
		return "Bind a workflow: " + count(have.all, "workflow") + ", none bound to a REST path."
	}
	return count(have.bound, "workflow") + " can be called."
}
